/**
 * The cosine of two vectors on plain arrays.
 *
 * @module
 */

/**
 * Computes the cosine of the angle between two vectors.
 *
 * @param b A vector of the same length.
 * @returns In [−1, 1]; 0 if one of them is the zero vector.
 *
 * @example
 * ```ts
 * import { cosine } from "./cosine.ts";
 * import assert from "node:assert/strict";
 * assert.equal(cosine([3, 4], [6, 8]), 1);
 * ```
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0, squaredA = 0, squaredB = 0;
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] as number, b[index] as number];
    dot += x * y;
    squaredA += x * x;
    squaredB += y * y;
  }
  const norms = Math.sqrt(squaredA * squaredB);
  return norms === 0 ? 0 : Math.min(1, Math.max(-1, dot / norms));
}
