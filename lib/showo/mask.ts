/**
 * Which token may see which: causal over text, both ways inside a picture.
 *
 * A visibility matrix is `[L · L]` of 0 and 1, `visible[i * L + j]` = token i may see token j.
 *
 * @module
 */
import { tf } from "../tensor/tf.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What is added to the score of a hidden key: −2⁶³; its softmax weight is exactly 0 beside any visible key. */
export const HIDDEN: number = -(2 ** 63);

/** `[L · L]` of zeros, each row of which is then filled in. */
function matrix(length: number, fillRow: (row: Uint8Array, i: number) => void): Uint8Array {
  const visible = new Uint8Array(length * length);
  for (let i = 0; i < length; i++) fillRow(visible.subarray(i * length, (i + 1) * length), i);
  return visible;
}

/**
 * Visibility in a text-to-image sequence: text is causal and does not see padding; soi, picture and eoi see all but padding.
 *
 * @param ids `[L]`; the last soi and eoi bound the picture.
 * @returns `[L · L]`. Padding sees earlier padding and itself, so that no row is empty.
 */
export function t2iVisibility(vocabulary: Vocabulary, ids: readonly number[]): Uint8Array {
  const { "[PAD]": pad, "<|soi|>": soi, "<|eoi|>": eoi } = vocabulary.special;
  const first = ids.lastIndexOf(soi);
  const last = ids.lastIndexOf(eoi);
  const lastPad = ids.lastIndexOf(pad);
  const notPadding = Uint8Array.from(ids, (id) => id === pad ? 0 : 1);
  return matrix(ids.length, (row, i) => {
    if (first >= 0 && i >= first && i <= last) row.set(notPadding);
    else row.fill(1, i <= lastPad ? 0 : lastPad + 1, i + 1);
  });
}

/**
 * Visibility in pure text: causal.
 *
 * @param length L.
 * @returns `[L · L]`.
 */
export function causalVisibility(length: number): Uint8Array {
  return matrix(length, (row, i) => row.fill(1, 0, i + 1));
}

/**
 * Visibility in a sequence about a picture: all tokens see all up to eoi; what follows is causal.
 *
 * @param ids `[L]`; the first eoi ends the picture. Without one the sequence is causal.
 * @returns `[L · L]`.
 */
export function mmuVisibility(vocabulary: Vocabulary, ids: readonly number[]): Uint8Array {
  const end = ids.indexOf(vocabulary.special["<|eoi|>"]);
  return matrix(ids.length, (row, i) => row.fill(1, 0, Math.max(i, end) + 1));
}

/**
 * Turns visibility into numbers to add to attention scores.
 *
 * @param visible Any number of 0 and 1.
 * @returns 0 where visible, {@link HIDDEN} elsewhere.
 */
export function additive(visible: ArrayLike<number>): Float32Array {
  const added = new Float32Array(visible.length);
  for (let at = 0; at < visible.length; at++) if (visible[at] === 0) added[at] = HIDDEN;
  return added;
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
