/**
 * The wire format of OpenAI-compatible servers for questions about several pictures and for drawing.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { decodeImage } from "../image/image_file.ts";
import type { RgbImage } from "../image/image.ts";
import { encodePng } from "../image/png.ts";
import { describe } from "../core/error.ts";
import type { Reading } from "../metrics/judge/reply.ts";

const dataUrl = (image: RgbImage): string => `data:image/png;base64,${encodePng(image).toBase64()}`;

/**
 * Writes a question: temperature 0, pictures in front of the text.
 *
 * @param options.images Pictures in order; none gives a plain text message.
 * @param options.model The model's name on the server.
 * @param options.maxTokens Length limit of the answer.
 * @param options.lead Text in front of the pictures; default none.
 * @returns JSON for `POST {base}/chat/completions`.
 */
export function questionBody(
  text: string,
  options: {
    readonly images: readonly RgbImage[];
    readonly model: string;
    readonly maxTokens: number;
    readonly lead?: string;
  },
): string {
  const { images, model, maxTokens, lead = "" } = options;
  const pictures = images.map((image) => ({ type: "image_url", image_url: { url: dataUrl(image) } }));
  const content = images.length === 0 ? text : [
    ...(lead === "" ? [] : [{ type: "text", text: lead }]),
    ...pictures,
    { type: "text", text },
  ];
  return JSON.stringify({
    model,
    temperature: 0,
    max_tokens: maxTokens,
    messages: [{ role: "user", content }],
  });
}

/**
 * Writes a request for one picture.
 *
 * @param options.model The model's name on the server.
 * @param options.size As the server calls it, `512x512`.
 * @param options.seed Servers that know seeds draw the same picture again; others ignore it.
 * @returns JSON for `POST {base}/images/generations`.
 */
export function pictureBody(
  prompt: string,
  options: { readonly model: string; readonly size: string; readonly seed: number },
): string {
  return JSON.stringify({ ...options, prompt, n: 1, response_format: "b64_json" });
}

/**
 * Writes a request for one picture after reference photos.
 *
 * @param options.images The photos, at least one; servers that take one read the first.
 * @param options.model The model's name on the server.
 * @param options.size As the server calls it, `512x512`.
 * @param options.seed For servers that know seeds.
 * @returns A form for `POST {base}/images/edits`.
 */
export function editForm(
  prompt: string,
  options: {
    readonly images: readonly RgbImage[];
    readonly model: string;
    readonly size: string;
    readonly seed: number;
  },
): FormData {
  const { images, model, size, seed } = options;
  const form = new FormData();
  const fields = { model, prompt, n: "1", size, response_format: "b64_json", seed: String(seed) };
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  images.forEach((image, index) => {
    const file = new Blob([encodePng(image) as Uint8Array<ArrayBuffer>], { type: "image/png" });
    form.append(images.length === 1 ? "image" : "image[]", file, `reference_${index}.png`);
  });
  return form;
}

const picturesCodec = t.type({ data: t.array(t.type({ b64_json: t.string })) });

/**
 * Reads a drawn picture.
 *
 * @param body The body of an answer with status 200.
 * @returns The first picture; or what is wrong.
 */
export function readPicture(body: string): Reading<RgbImage> {
  return pipe(
    E.tryCatch(() => JSON.parse(body) as unknown, () => "is no JSON"),
    E.flatMap((value) => pipe(picturesCodec.decode(value), E.mapLeft(() => "holds no data[].b64_json"))),
    E.flatMap(({ data }) => E.fromNullable("holds no picture")(data[0]?.b64_json)),
    E.flatMap((text) => E.tryCatch(() => Uint8Array.fromBase64(text), () => "is no base64")),
    E.flatMap((bytes) => pipe(decodeImage(bytes, "picture"), E.mapLeft(describe))),
    E.map(({ image }) => image),
  );
}
