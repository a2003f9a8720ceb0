/**
 * Near duplicates among photos: a 64-bit hash that survives resizing and recompression.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";
import { resize } from "./resize.ts";

/** Photos whose hashes differ in at most this many of 64 bits are called near duplicates. */
export const NEAR_DUPLICATE_BITS = 6;

const COLUMNS = 9;
const ROWS = 8;

/**
 * Hashes a picture by the signs of the horizontal brightness steps of its 9 x 8 miniature ("difference hash").
 *
 * @param image Any picture.
 * @returns 64 bits.
 */
export function perceptualHash(image: RgbImage): bigint {
  const small = resize(image, { width: COLUMNS, height: ROWS }, "bilinear");
  const light = (x: number, y: number): number => {
    const at = (y * COLUMNS + x) * 3;
    const [red = 0, green = 0, blue = 0] = small.data.subarray(at, at + 3);
    return 299 * red + 587 * green + 114 * blue;
  };
  let hash = 0n;
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x + 1 < COLUMNS; x++) hash = (hash << 1n) | (light(x, y) < light(x + 1, y) ? 1n : 0n);
  }
  return hash;
}

/**
 * Counts the bits in which two hashes differ.
 *
 * @param a 64 bits.
 * @param b 64 bits.
 * @returns 0…64.
 *
 * @example
 * ```ts
 * import { hashDistance } from "./perceptual_hash.ts";
 * import assert from "node:assert/strict";
 * assert.equal(hashDistance(0b1010n, 0b0110n), 2);
 * ```
 */
export function hashDistance(a: bigint, b: bigint): number {
  let count = 0;
  for (let rest = a ^ b; rest > 0n; rest &= rest - 1n) count += 1;
  return count;
}

/** Two photos that look alike. */
export interface NearPair {
  readonly train: string;
  readonly test: string;
  readonly bits: number;
}

/**
 * Finds test photos that look like a train photo.
 *
 * @param train Hashed train photos.
 * @param test Hashed test photos.
 * @returns Pairs at most {@link NEAR_DUPLICATE_BITS} apart, in the order of the test photos.
 */
export function nearDuplicates(
  train: readonly { readonly path: string; readonly hash: bigint }[],
  test: readonly { readonly path: string; readonly hash: bigint }[],
): readonly NearPair[] {
  return test.flatMap((late) =>
    train
      .map((early) => ({ train: early.path, test: late.path, bits: hashDistance(early.hash, late.hash) }))
      .filter(({ bits }) => bits <= NEAR_DUPLICATE_BITS)
  );
}
