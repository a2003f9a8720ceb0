/**
 * Which token may see which: causal over text, both ways inside a picture (model.md §4).
 *
 * A visibility matrix is `[L · L]` of 0 and 1, `visible[i * L + j]` = token i may see token j.
 *
 * @module
 */
import { tf } from "../tensor/tf.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What is added to the score of a hidden key: −2⁶³; its softmax weight is exactly 0 beside any visible key. */
export const HIDDEN: number = -(2 ** 63);

const matrix = (length: number, visible: (i: number, j: number) => boolean): Uint8Array =>
  Uint8Array.from(
    { length: length * length },
    (_, at) => visible(Math.floor(at / length), at % length) ? 1 : 0,
  );

/**
 * Visibility in a text-to-image sequence: text is causal and does not see padding; soi, picture and eoi see all but padding.
 *
 * @param vocabulary The ids.
 * @param ids `[L]`; the last soi and eoi bound the picture.
 * @returns `[L · L]`. Padding sees earlier padding and itself, so that no row is empty.
 */
export function t2iVisibility(vocabulary: Vocabulary, ids: readonly number[]): Uint8Array {
  const { "[PAD]": pad, "<|soi|>": soi, "<|eoi|>": eoi } = vocabulary.special;
  const first = ids.lastIndexOf(soi);
  const last = ids.lastIndexOf(eoi);
  const lastPad = ids.lastIndexOf(pad);
  return matrix(ids.length, (i, j) => {
    if (first >= 0 && i >= first && i <= last) return ids[j] !== pad;
    return j <= i && (i <= lastPad || j > lastPad);
  });
}

/**
 * Visibility in pure text: causal.
 *
 * @param length L.
 * @returns `[L · L]`.
 */
export function causalVisibility(length: number): Uint8Array {
  return matrix(length, (i, j) => j <= i);
}

/**
 * Visibility in a sequence about a picture: all tokens see all up to eoi; what follows is causal.
 *
 * @param vocabulary The ids.
 * @param ids `[L]`; the first eoi ends the picture. Without one the sequence is causal.
 * @returns `[L · L]`.
 */
export function mmuVisibility(vocabulary: Vocabulary, ids: readonly number[]): Uint8Array {
  const end = ids.indexOf(vocabulary.special["<|eoi|>"]);
  return matrix(ids.length, (i, j) => j <= i || j <= end);
}

/**
 * Turns visibility into numbers to add to attention scores.
 *
 * @param visible Any number of 0 and 1.
 * @returns 0 where visible, {@link HIDDEN} elsewhere.
 */
export function additive(visible: ArrayLike<number>): Float32Array {
  return Float32Array.from(visible, (seen) => seen === 0 ? HIDDEN : 0);
}

/**
 * Makes the additive mask of a batch.
 *
 * @param visibilities B matrices of one length.
 * @returns `[B, 1, L, L]`, fresh.
 */
export function maskTensor(visibilities: readonly Uint8Array[]): tf.Tensor4D {
  const length = Math.round(Math.sqrt(visibilities[0]?.length ?? 0));
  const all = new Float32Array(visibilities.length * length * length);
  visibilities.forEach((visible, row) => all.set(additive(visible), row * length * length));
  return tf.tensor4d(all, [visibilities.length, 1, length, length]);
}
