/**
 * Any system behind an OpenAI-compatible server as an assistant.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import type { PipelineError } from "../core/error.ts";
import type { RgbImage } from "../core/image.ts";
import { integer } from "../core/key.ts";
import { iterate, type Stage } from "../core/stage.ts";
import { readCompletion, readRefusal } from "../metrics/judge/chat_format.ts";
import type { HasExchange } from "../metrics/judge/exchange.ts";
import { type Limiter, type LimiterOptions, makeLimiter } from "../metrics/judge/limiter.ts";
import type { PostReply } from "../metrics/judge/network.ts";
import type { Reading } from "../metrics/judge/reply.ts";
import { pauseMs, verdictOf } from "../metrics/judge/retry.ts";
import type { Ask, Assistant, Draw } from "../stages/assistant.ts";
import { pictureBody, questionBody, readPicture } from "./endpoint_format.ts";
import { textPrompt } from "./text_prompted.ts";

/** Where the server is and how it is treated. */
export interface EndpointConfig extends LimiterOptions {
  /** Up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token; `null` for a server without keys. Never logged. */
  readonly apiKey: string | null;
  /** Attempts after the first. */
  readonly retries: number;
  readonly timeoutMs: number;
  /** Tokens of an answer at most. */
  readonly maxTokens: number;
  /** Size of pictures, as the server calls it. */
  readonly size: string;
}

/** How the server is told about the concept: in words, or with photos. */
export type Introduction =
  | { readonly by: "text" }
  | { readonly by: "images"; readonly photos: readonly RgbImage[] };

interface Post<A> {
  readonly path: string;
  readonly body: string;
  readonly read: (body: string) => Reading<A>;
}

interface Server {
  readonly config: EndpointConfig;
  readonly limit: Limiter;
}

type Attempt<A> =
  | { readonly _tag: "Trying"; readonly attempt: number }
  | { readonly _tag: "Done"; readonly value: A };

const failed = ({ config }: Server, problem: string): PipelineError => ({
  _tag: "InputInvalid",
  where: `endpoint ${config.model}`,
  problem,
  remedy: "check address, model and key, then run the same command again: what was answered is kept",
});

const problemOf = (reply: PostReply): string =>
  reply._tag === "NoAnswer"
    ? `no answer: ${reply.problem}`
    : `status ${reply.status}: ${readRefusal(reply.body)}`;

const headersOf = ({ apiKey }: EndpointConfig): Readonly<Record<string, string>> => ({
  "content-type": "application/json",
  ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
});

/** One request; a reply that cannot be read counts as a failed attempt. */
const tryOnce =
  <A>(server: Server, post: Post<A>, attempt: number): Stage<HasExchange, Attempt<A>> =>
  ({ network, clock }) =>
  async () => {
    const { baseUrl, timeoutMs, retries } = server.config;
    const url = `${baseUrl.replace(/\/+$/, "")}/${post.path}`;
    const send = network.post({ url, headers: headersOf(server.config), body: post.body, timeoutMs });
    const reply = await server.limit(send, { now: clock.now, wait: network.wait })();
    const verdict = verdictOf(reply);
    const value = verdict === "use" && reply._tag === "Answer"
      ? post.read(reply.body)
      : E.left(problemOf(reply));
    if (E.isRight(value)) return E.right({ _tag: "Done", value: value.right });
    const hopeless = verdict === "stop" || verdict === "skip" || attempt >= retries;
    if (hopeless) return E.left(failed(server, verdict === "use" ? `the reply ${value.left}` : value.left));
    const asked = reply._tag === "Answer" ? reply.retryAfterMs : null;
    if (verdict === "retry") await network.wait(pauseMs(attempt, { asked, name: post.body }))();
    return E.right({ _tag: "Trying", attempt: attempt + 1 });
  };

const exchange = <A>(server: Server, post: Post<A>): Stage<HasExchange, A> =>
  pipe(
    iterate<HasExchange, Attempt<A>>(
      (state) => state._tag === "Done",
      (state) => tryOnce(server, post, state._tag === "Trying" ? state.attempt : 0),
    )({ _tag: "Trying", attempt: 0 }),
    RTE.map((state) => (state as { readonly value: A }).value),
  );

type Known = Pick<Concept, "id" | "token" | "className" | "info">;

const worded = (text: string, concept: Known, introduction: Introduction): string =>
  introduction.by === "text"
    ? textPrompt(text, concept, { token: "literal" })
    : text.replaceAll(concept.token, () => `the reference ${concept.className}`);

/**
 * Makes an assistant from a server.
 *
 * @param config Server and bounds.
 * @param concept Whom it is asked about.
 * @param introduction How it learns of the concept. Photos go in front of questions; drawing is by words alone, because few
 * servers take photos for it.
 * @returns The assistant; Left `InputInvalid` with the server's own words if it refuses or stays away.
 */
export function endpointAssistant(
  config: EndpointConfig,
  concept: Known,
  introduction: Introduction = { by: "text" },
): Assistant<HasExchange> {
  const server = { config, limit: makeLimiter(config) };
  const photos = introduction.by === "images" ? introduction.photos : [];
  const answerOne = ({ question, image }: Ask): Stage<HasExchange, string> =>
    exchange(server, {
      path: "chat/completions",
      body: questionBody(worded(question, concept, introduction), {
        images: image === null ? photos : [...photos, image],
        model: config.model,
        maxTokens: config.maxTokens,
      }),
      read: (body) => pipe(readCompletion(body), E.map(({ content }) => content.trim())),
    });
  const drawOne = ({ prompt, key }: Draw): Stage<HasExchange, RgbImage> =>
    exchange(server, {
      path: "images/generations",
      body: pictureBody(textPrompt(prompt, concept, { token: "literal" }), {
        model: config.model,
        size: config.size,
        seed: integer(key, 2 ** 31),
      }),
      read: readPicture,
    });
  return { answer: RTE.traverseArray(answerOne), draw: RTE.traverseArray(drawOne) };
}
