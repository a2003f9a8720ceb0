/**
 * The wire format of OpenAI-compatible chat servers.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { JudgedImage } from "./judge.ts";
import type { Reading } from "./reply.ts";
import type { JudgePrompt } from "./rubric.ts";

/** What a completion brought. */
export interface ChatReply {
  readonly content: string;
  /** As counted by the server; 0 if it does not say. */
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const completionCodec = t.type({
  choices: t.array(t.type({ message: t.type({ content: t.union([t.string, t.null]) }) })),
  usage: t.union([
    t.partial({ prompt_tokens: t.number, completion_tokens: t.number }),
    t.null,
    t.undefined,
  ]),
});

const errorCodec = t.type({ error: t.union([t.string, t.type({ message: t.string })]) });

const dataUrl = ({ bytes, mediaType }: JudgedImage): string => `data:${mediaType};base64,${bytes.toBase64()}`;

/**
 * Writes the body of a request: temperature 0, the picture as a `data:` URL of its original bytes.
 *
 * @param prompt Rules and case.
 * @param options.model The model's name on the server.
 * @param options.maxTokens Length limit of the reply.
 * @param options.image The picture, if the case has one.
 * @returns JSON for `POST {base}/chat/completions`.
 */
export function chatBody(
  prompt: JudgePrompt,
  options: { readonly model: string; readonly maxTokens: number; readonly image: JudgedImage | null },
): string {
  const { model, maxTokens, image } = options;
  const picture = image === null ? [] : [{ type: "image_url", image_url: { url: dataUrl(image) } }];
  const content = image === null ? prompt.user : [{ type: "text", text: prompt.user }, ...picture];
  return JSON.stringify({
    model,
    temperature: 0,
    max_tokens: maxTokens,
    messages: [{ role: "system", content: prompt.system }, { role: "user", content }],
  });
}

const parse = (body: string): unknown =>
  pipe(E.tryCatch(() => JSON.parse(body) as unknown, () => null), E.toUnion);

/**
 * Reads a completion.
 *
 * @param body The body of an answer with status 200.
 * @returns The text of the first choice and the tokens it cost; or what is wrong.
 */
export function readCompletion(body: string): Reading<ChatReply> {
  return pipe(
    completionCodec.decode(parse(body)),
    E.mapLeft(() => "is no chat completion"),
    E.flatMap(({ choices, usage }) => {
      const content = choices[0]?.message.content ?? null;
      if (content === null) return E.left("has no text");
      const [promptTokens = 0, completionTokens = 0] = [usage?.prompt_tokens, usage?.completion_tokens];
      return E.right({ content, promptTokens, completionTokens });
    }),
  );
}

/**
 * Reads why a server refused.
 *
 * @param body The body of an answer with another status.
 * @returns The server's message, or the start of the body; one line, at most 200 characters.
 */
export function readRefusal(body: string): string {
  const decoded = errorCodec.decode(parse(body));
  const said = E.isLeft(decoded)
    ? body
    : typeof decoded.right.error === "string"
    ? decoded.right.error
    : decoded.right.error.message;
  return said.replace(/\s+/g, " ").trim().slice(0, 200);
}
