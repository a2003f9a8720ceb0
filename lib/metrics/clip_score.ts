/**
 * CLIP-I and CLIP-T on embeddings, and the text that a picture is compared with.
 *
 * @module
 */
import { type Named, withClassNoun } from "../concept/class_noun.ts";
import { cosine } from "../core/cosine.ts";

type Vector = ArrayLike<number>;

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/**
 * CLIP-I: how much generated pictures look like reference photos.
 *
 * @param references Embeddings of the photos.
 * @param generated Embeddings of the pictures.
 * @returns The mean cosine over all pairs, in [−1, 1]; `null` if there is no pair.
 *
 * @example
 * ```ts
 * import { clipImageScore } from "./clip_score.ts";
 * import assert from "node:assert/strict";
 * assert.equal(clipImageScore([[1, 0], [0, 1]], [[2, 0]]), 0.5);
 * ```
 */
export function clipImageScore(references: readonly Vector[], generated: readonly Vector[]): number | null {
  return meanOf(references.flatMap((photo) => generated.map((picture) => cosine(photo, picture))));
}

/**
 * CLIP-T: how much generated pictures show what a text says.
 *
 * @param text Embedding of the text.
 * @param generated Embeddings of the pictures.
 * @returns The mean cosine; `null` without pictures.
 */
export function clipTextScore(text: Vector, generated: readonly Vector[]): number | null {
  return clipImageScore([text], generated);
}

/**
 * The "Real Images" row: the photos of a concept against all of them, each with itself included.
 *
 * @param references Embeddings of the photos.
 * @returns The mean cosine; `null` without photos.
 */
export function realImagesScore(references: readonly Vector[]): number | null {
  return clipImageScore(references, references);
}

/**
 * The CLIP-I of Yo'LLaVA's benchmark: against one prototype, the mean of the photos' embeddings as they are.
 *
 * @param references Embeddings of the photos, not normalised.
 * @param generated Embeddings of the pictures.
 * @returns The mean cosine; `null` if there are no photos or pictures.
 */
export function prototypeScore(references: readonly Vector[], generated: readonly Vector[]): number | null {
  const first = references[0];
  if (first === undefined) return null;
  const prototype = new Float64Array(first.length);
  for (const photo of references) {
    for (let d = 0; d < prototype.length; d++) {
      prototype[d] = (prototype[d] as number) + (photo[d] as number) / references.length;
    }
  }
  return clipImageScore([prototype], generated);
}

/** What CLIP reads in place of a concept's token. */
export type TokenText = "className" | "literal";

/**
 * Chooses the text for CLIP-T.
 *
 * @param prompt A prompt with the concept's token.
 * @param named Token and class noun.
 * @param options.token `className` (default) writes "a dog" and "the dog"; `literal` leaves the token, as one public
 * evaluation does.
 */
export function clipText(prompt: string, named: Named, options: { readonly token?: TokenText } = {}): string {
  return options.token === "literal" ? prompt : withClassNoun(prompt, named);
}
