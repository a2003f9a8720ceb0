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
import { type ImagePromptStyle, type ImagePromptWording, imagePromptWording } from "./public_wording.ts";
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
    /** Whose words are used; default `plain`. */
    readonly style?: ImagePromptStyle;
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

const ask = (
  server: Server,
  text: string,
  { images, lead }: { readonly images: readonly RgbImage[]; readonly lead: string },
): Stage<HasExchange, string> => {
  const { model, maxTokens } = server.config;
  return exchange(server, {
    path: "chat/completions",
    name: text,
    body: questionBody(text, { images, lead, model, maxTokens }),
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

/** What a system that is shown photos is told. */
interface Shown {
  readonly photos: readonly RgbImage[];
  readonly wording: ImagePromptWording;
}

const shownPhotos = (
  concept: Known,
  { photos, style = "plain" }: Extract<Introduction, { readonly by: "images" }>,
): Shown => {
  const wording = imagePromptWording(style, concept);
  return { wording, photos: photos.slice(0, wording.photos) };
};

/** Draws a prompt as the introduction has it. */
function drawer(
  server: Server,
  concept: Known,
  introduction: Introduction,
): (draw: Draw) => Stage<HasExchange, RgbImage> {
  const inWords: (draw: Draw) => Stage<HasExchange, RgbImage> = ({ prompt, key }) =>
    drawInWords(server, textPrompt(prompt, concept, { token: "literal" }), key);
  if (introduction.by === "text") return inWords;
  const { pictures = "words" } = introduction;
  if (pictures === "words") return inWords;
  const { photos, wording: { lead, text, description, described } } = shownPhotos(concept, introduction);
  if (pictures === "edits") {
    const led = (prompt: string): string => lead === "" ? text(prompt) : `${lead}\n${text(prompt)}`;
    return (draw) => drawAfter(server, { ...draw, prompt: led(draw.prompt) }, photos);
  }
  const caption = onceOnly(ask(server, description, { images: photos, lead: "" }));
  return ({ prompt, key }) =>
    pipe(caption, RTE.flatMap((info) => drawInWords(server, described(prompt, info), key)));
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
  const shown = introduction.by === "text" ? null : shownPhotos(concept, introduction);
  const answerOne = ({ question, image }: Ask): Stage<HasExchange, string> => {
    const asked = image === null ? [] : [image];
    return shown === null
      ? ask(server, textPrompt(question, concept, { token: "literal" }), { images: asked, lead: "" })
      : ask(server, shown.wording.text(question), {
        images: [...shown.photos, ...asked],
        lead: shown.wording.lead,
      });
  };
  return {
    answer: RTE.traverseArray(answerOne),
    draw: RTE.traverseArray(drawer(server, concept, introduction)),
  };
}
