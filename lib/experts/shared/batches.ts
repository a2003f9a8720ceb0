/**
 * Batches of few different shapes, so that compiled code is compiled a few times only.
 *
 * @module
 */
import { attemptAsync, type Stage } from "../../core/stage.ts";

/** Sizes that batches of pictures are padded to. */
export const IMAGE_BATCHES: readonly number[] = [1, 2, 4, 8, 16];
/** Sizes that batches of texts are padded to. */
export const TEXT_BATCHES: readonly number[] = [1, 2, 4, 8, 16, 32];
/** Lengths that texts are padded to. */
export const TEXT_LENGTHS: readonly number[] = [8, 16, 32, 64, 128, 256, 512];

/**
 * Chooses the size that something is padded to.
 *
 * @param count What must fit.
 * @param sizes Allowed sizes, ascending.
 * @param limit No size above this is chosen.
 * @returns The smallest size that holds `count`, or the limit, or `count` itself where nothing holds it.
 *
 * @example
 * ```ts
 * import { bucket } from "./batches.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([bucket(3, [1, 2, 4]), bucket(9, [8, 16], 12), bucket(99, [8])], [4, 12, 99]);
 * ```
 */
export function bucket(count: number, sizes: readonly number[], limit = Infinity): number {
  const fitting = sizes.find((size) => size >= count) ?? count;
  return Math.max(count, Math.min(fitting, limit));
}

/**
 * Runs items in batches, one after the other.
 *
 * @param operation What error messages call it.
 * @param size Most items of one batch.
 * @param run Answers a batch, one result an item.
 * @returns A function from all items to a stage with all results in order; whatever is thrown becomes `TensorFailure`.
 */
export function inBatches<A, B>(
  operation: string,
  size: number,
  run: (batch: readonly A[]) => Promise<readonly B[]>,
): (items: readonly A[]) => Stage<unknown, readonly B[]> {
  return (items) => () =>
    attemptAsync((problem) => ({ _tag: "TensorFailure", operation, problem }), async () => {
      const results: B[] = [];
      for (let start = 0; start < items.length; start += size) {
        results.push(...await run(items.slice(start, start + size)));
      }
      return results;
    });
}

/**
 * Cuts a row-major matrix into its first rows.
 *
 * @param data `[≥ count, width]`.
 * @param count How many rows.
 * @param width Numbers of a row.
 * @returns Copies of the rows.
 */
export function rowsOf(data: Float32Array, count: number, width: number): readonly Float32Array[] {
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
}
