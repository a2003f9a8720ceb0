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
import type { RgbImage } from "../image/image.ts";
import { integer } from "../core/key.ts";
import { iterate, type Stage } from "../core/stage.ts";
import { readCompletion } from "../metrics/judge/chat_format.ts";
import {
  addressOf,
  authorization,
  type ChatServer,
  type HasExchange,
  replyProblem,
} from "../metrics/judge/exchange.ts";
import { type Limiter, type LimiterOptions, makeLimiter } from "../metrics/judge/limiter.ts";
import type { Reading } from "../metrics/judge/reply.ts";
import { pauseMs, verdictOf } from "../metrics/judge/retry.ts";
import { shareUnderWay } from "../metrics/judge/share.ts";
import type { Ask, Assistant, Draw } from "../trained/assistant.ts";
import { editForm, pictureBody, questionBody, readPicture } from "./endpoint_format.ts";
import { textPrompt } from "./text_prompted.ts";

/** Where the server is and how it is treated. */
export interface EndpointConfig extends LimiterOptions, ChatServer {
  /** Size of pictures, as the server calls it. */
  readonly size: string;
}

/**
 * How a system that is shown photos draws: from name and info in words · after the photos, by `/images/edits`, where the server
 * has it · from its own description of the photos.
 */
export type PictureRoute = "words" | "edits" | "caption";

/** How the server is told about the concept: in words, or with photos. */
export type Introduction =
  | { readonly by: "text" }
  | {
    readonly by: "images";
    /** At least one. */
    readonly photos: readonly RgbImage[];
    /** Default `words`. */
    readonly pictures?: PictureRoute;
  };

interface Post<A> {
  readonly path: string;
  /** Pauses between attempts are drawn from it. */
  readonly name: string;
  readonly body: string | FormData;
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

const headersOf = (
  { apiKey }: EndpointConfig,
  body: Post<unknown>["body"],
): Readonly<Record<string, string>> => ({
  ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
  ...authorization(apiKey),
});

/** One request; a reply that cannot be read counts as a failed attempt. */
const tryOnce =
  <A>(server: Server, post: Post<A>, attempt: number): Stage<HasExchange, Attempt<A>> =>
  ({ network, clock }) =>
  async () => {
    const { timeoutMs, retries } = server.config;
    const send = network.post({
      url: addressOf(server.config, post.path),
      headers: headersOf(server.config, post.body),
      body: post.body,
      timeoutMs,
    });
    const reply = await server.limit(send, { now: clock.now, wait: network.wait })();
    const verdict = verdictOf(reply);
    const value = verdict === "use" && reply._tag === "Answer"
      ? post.read(reply.body)
      : E.left(replyProblem(reply));
    if (E.isRight(value)) return E.right({ _tag: "Done", value: value.right });
    const hopeless = verdict === "stop" || verdict === "skip" || attempt >= retries;
    if (hopeless) return E.left(failed(server, verdict === "use" ? `the reply ${value.left}` : value.left));
    const asked = reply._tag === "Answer" ? reply.retryAfterMs : null;
    if (verdict === "retry") await network.wait(pauseMs(attempt, { asked, name: post.name }))();
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

const CAPTION_QUESTION = (className: string): string =>
  `Describe the ${className} in the photos for somebody who shall draw it: its looks alone, in one sentence.`;

const ask = (
  server: Server,
  text: string,
  images: readonly RgbImage[],
): Stage<HasExchange, string> => {
  const { model, maxTokens } = server.config;
  return exchange(server, {
    path: "chat/completions",
    name: text,
    body: questionBody(text, { images, model, maxTokens }),
    read: (body) => pipe(readCompletion(body), E.map(({ content }) => content.trim())),
  });
};

const drawInWords = (server: Server, text: string, key: Draw["key"]): Stage<HasExchange, RgbImage> => {
  const { model, size } = server.config;
  const body = pictureBody(text, { model, size, seed: integer(key, 2 ** 31) });
  return exchange(server, { path: "images/generations", name: text, body, read: readPicture });
};

const drawAfter = (
  server: Server,
  { prompt, key }: Draw,
  images: readonly RgbImage[],
): Stage<HasExchange, RgbImage> => {
  const { model, size } = server.config;
  const body = editForm(prompt, { images, model, size, seed: integer(key, 2 ** 31) });
  return exchange(server, { path: "images/edits", name: prompt, body, read: readPicture });
};

/** Draws a prompt as the introduction has it. */
function drawer(
  server: Server,
  concept: Known,
  introduction: Introduction,
): (draw: Draw) => Stage<HasExchange, RgbImage> {
  const route = introduction.by === "text" ? "words" : introduction.pictures ?? "words";
  const inWords = ({ prompt, key }: Draw, info: string): Stage<HasExchange, RgbImage> =>
    drawInWords(server, textPrompt(prompt, { ...concept, info }, { token: "literal" }), key);
  if (introduction.by === "text" || route === "words") return (draw) => inWords(draw, concept.info);
  const { photos } = introduction;
  if (route === "edits") {
    return (draw) =>
      drawAfter(server, { ...draw, prompt: worded(draw.prompt, concept, introduction) }, photos);
  }
  const described = onceOnly(ask(server, CAPTION_QUESTION(concept.className), photos));
  return (draw) => pipe(described, RTE.flatMap((info) => inWords(draw, info)));
}

/** A stage whose outcome is kept, unless it fails. */
function onceOnly<R, A>(stage: Stage<R, A>): Stage<R, A> {
  const share = shareUnderWay();
  const kept: { value?: A } = {};
  const keep = pipe(stage, RTE.map((value) => kept.value = value));
  return (needs) => () =>
    kept.value === undefined ? share("caption", keep)(needs)() : Promise.resolve(E.right(kept.value));
}

/**
 * Makes an assistant from a server.
 *
 * @param config Server and bounds.
 * @param concept Whom it is asked about.
 * @param introduction How it learns of the concept. Photos go in front of questions; pictures are drawn by its `pictures`.
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
    ask(server, worded(question, concept, introduction), image === null ? photos : [...photos, image]);
  return {
    answer: RTE.traverseArray(answerOne),
    draw: RTE.traverseArray(drawer(server, concept, introduction)),
  };
}
