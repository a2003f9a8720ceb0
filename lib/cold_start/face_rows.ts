/**
 * A face as rows: stage 2 of a human may begin with what a face embedder sees in the photos.
 *
 * @module
 */

const norm = (row: ArrayLike<number>): number =>
  Math.sqrt(Array.from(row).reduce((sum, x) => sum + x * x, 0));

/**
 * Stretches a vector by linear interpolation with half-pixel centres; beyond the ends the end values hold.
 *
 * @param width The new length.
 * @returns The stretched vector.
 *
 * @example
 * ```ts
 * import { stretched } from "./face_rows.ts";
 * import assert from "node:assert/strict";
 * const wide = stretched(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), 32);
 * assert.deepEqual([...wide.slice(0, 8)], [0, 0, 0.125, 0.375, 0.625, 0.875, 1.125, 1.375]);
 * ```
 */
export function stretched(vector: Float32Array, width: number): Float32Array {
  const last = vector.length - 1;
  return Float32Array.from({ length: width }, (_, index) => {
    const at = Math.min(last, Math.max(0, (index + 0.5) * vector.length / width - 0.5));
    const low = Math.floor(at);
    const high = Math.min(last, low + 1);
    return (vector[low] as number) * (1 - (at - low)) + (vector[high] as number) * (at - low);
  });
}

/**
 * Cuts the mean face vector into rows and stretches each to the width of the model.
 *
 * Unlike the reference, whose embedder gives long vectors, each row takes the length of the row that it replaces: our
 * vectors have length 1, whatever the model's scale.
 *
 * @param faces Face vectors of the photos that show one.
 * @param replaced The rows to replace, of the model's width.
 * @returns As many rows; `null` without any face.
 *
 * Source: UniCTokens, stage 2 of human concepts.
 */
export function faceRows(
  faces: readonly Float32Array[],
  replaced: readonly Float32Array[],
): readonly Float32Array[] | null {
  const [first] = faces;
  if (first === undefined || replaced.length === 0) return null;
  const mean = Float32Array.from(
    first,
    (_, i) => faces.reduce((sum, face) => sum + (face[i] as number), 0) / faces.length,
  );
  const piece = Math.max(1, Math.floor(mean.length / replaced.length));
  return replaced.map((row, index) => {
    const from = (index * piece) % mean.length;
    const wide = stretched(mean.slice(from, from + piece), row.length);
    const scale = norm(row) / Math.max(norm(wide), 1e-12);
    return wide.map((value) => value * scale);
  });
}
