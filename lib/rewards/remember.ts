/**
 * Features of a concept are computed once: its facts, its reference photos.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import { answeredAll, type ImageEncoder, type ImageFeatures, type TextEncoder } from "./features.ts";

/**
 * Remembers the result of a stage per input object.
 *
 * @param compute What to compute from an input; failures are not remembered.
 * @returns The same function; a second call with the same object (not just an equal one) computes nothing. The memory
 * lives as long as the input.
 *
 * @example
 * ```ts
 * import { rememberFor } from "./remember.ts";
 * import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
 * import assert from "node:assert/strict";
 * let computed = 0;
 * const size = rememberFor((photos: readonly string[]) => RTE.fromIO(() => (computed++, photos.length)));
 * const photos = ["a", "b"];
 * await size(photos)({})();
 * await size(photos)({})();
 * assert.equal(computed, 1);
 * ```
 */
export function rememberFor<K extends object, R, A>(
  compute: (input: K) => Stage<R, A>,
): (input: K) => Stage<R, A> {
  const known = new WeakMap<K, { readonly value: A }>();
  // Looked up when the task runs: a traversal makes all its tasks before it runs the first.
  return (input) => (needs) => () => {
    const seen = known.get(input);
    if (seen !== undefined) return Promise.resolve(E.right(seen.value));
    return pipe(
      compute(input),
      RTE.map((value) => {
        known.set(input, { value });
        return value;
      }),
    )(needs)();
  };
}

/**
 * Remembers the vector of each text.
 *
 * Meant for texts of a concept, which are few; not for generated answers.
 *
 * @param expert Who asks, for messages.
 * @returns A function from texts to their vectors that encodes only new texts, in one batch.
 */
export function rememberTexts<R>(
  encoder: TextEncoder<R>,
  expert: string,
): (texts: readonly string[]) => Stage<R, readonly Float32Array[]> {
  const known = new Map<string, Float32Array>();
  const read = (texts: readonly string[]): readonly Float32Array[] =>
    texts.map((text) => known.get(text) as Float32Array);
  return (texts) => (needs) => () => {
    const missing = [...new Set(texts)].filter((text) => !known.has(text));
    if (missing.length === 0) return Promise.resolve(E.right(read(texts)));
    return pipe(
      encoder.embed(missing),
      RTE.flatMapEither(answeredAll(expert, missing.length)),
      RTE.map((vectors) => {
        missing.forEach((text, index) => known.set(text, vectors[index] as Float32Array));
        return read(texts);
      }),
    )(needs)();
  };
}

/**
 * Remembers the features of each image as long as the image lives, so that a reward and a watch share one pass.
 *
 * @param expert Who asks, for messages.
 * @returns The same encoder; the same object (not just an equal image) is embedded once.
 */
export function rememberImages<R>(encoder: ImageEncoder<R>, expert: string): ImageEncoder<R> {
  const known = new WeakMap<RgbImage, ImageFeatures>();
  const read = (images: readonly RgbImage[]): readonly ImageFeatures[] =>
    images.map((image) => known.get(image) as ImageFeatures);
  return {
    embed: (images) => (capabilities) => () => {
      const missing = [...new Set(images)].filter((image) => !known.has(image));
      if (missing.length === 0) return Promise.resolve(E.right(read(images)));
      return pipe(
        encoder.embed(missing),
        RTE.flatMapEither(answeredAll(expert, missing.length)),
        RTE.map((features) => {
          missing.forEach((image, index) => known.set(image, features[index] as ImageFeatures));
          return read(images);
        }),
      )(capabilities)();
    },
  };
}
