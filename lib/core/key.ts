/**
 * Random keys as values: counter-based, splittable, the same numbers on every backend.
 *
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A key is two
 * unsigned 32-bit words; drawing never changes it. Make new keys with {@link split} or {@link fold}.
 *
 * @module
 */

/** Two unsigned 32-bit words. */
export type Key = readonly [number, number];

const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;
const PARITY = 0x1bd11bda;

/**
 * The Threefry-2x32-20 block function.
 *
 * @param key Two words.
 * @param counter Two words.
 * @returns Two pseudo-random words.
 */
export function threefry(key: Key, counter: Key): Key {
  const schedule = [key[0] >>> 0, key[1] >>> 0, (key[0] ^ key[1] ^ PARITY) >>> 0] as const;
  let a = (counter[0] + schedule[0]) >>> 0;
  let b = (counter[1] + schedule[1]) >>> 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[(group % 2) as 0 | 1]) {
      a = (a + b) >>> 0;
      b = (((b << rotation) | (b >>> (32 - rotation))) ^ a) >>> 0;
    }
    a = (a + schedule[((group + 1) % 3) as 0 | 1 | 2]) >>> 0;
    b = (b + schedule[((group + 2) % 3) as 0 | 1 | 2] + group + 1) >>> 0;
  }
  return [a, b];
}

/**
 * Makes a key from a user's seed.
 *
 * @param seed A non-negative safe integer; 0 is a seed like any other.
 */
export function keyFromSeed(seed: number): Key {
  return [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0];
}

/**
 * Derives an independent key from a key and a number, or from a key and a name.
 *
 * @param data What the child is for: an index or a word such as `"preview"`.
 */
export function fold(key: Key, data: number | string): Key {
  if (typeof data === "number") return threefry(key, [Math.floor(data / 2 ** 32) >>> 0, data >>> 0]);
  let hash = 0x811c9dc5;
  for (const character of data) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return threefry(key, [0xffffffff, hash]);
}

/**
 * Splits a key into independent children.
 *
 * @param key The parent; do not draw from it as well.
 * @param count How many.
 * @returns `count` keys.
 */
export function split(key: Key, count: number): readonly Key[] {
  return Array.from({ length: count }, (_, index) => fold(key, index));
}

/**
 * Draws uniform numbers in [0, 1) on a grid of 2^-24, so that each is exact in 32-bit floats.
 *
 * @param count How many.
 * @returns `count` numbers.
 *
 * @example The same key gives the same numbers, and a prefix is a prefix
 * ```ts
 * import { keyFromSeed, uniforms } from "./key.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(uniforms(keyFromSeed(7), 3), uniforms(keyFromSeed(7), 5).slice(0, 3));
 * ```
 */
export function uniforms(key: Key, count: number): Float32Array {
  const out = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const [a, b] = threefry(key, [0, index >>> 1]);
    out[index] = (a >>> 8) * 2 ** -24;
    if (index + 1 < count) out[index + 1] = (b >>> 8) * 2 ** -24;
  }
  return out;
}

/**
 * Draws standard normal numbers (Box–Muller).
 *
 * @param count How many.
 * @returns `count` numbers with mean 0 and standard deviation 1.
 */
export function normals(key: Key, count: number): Float32Array {
  const draws = uniforms(key, count + (count % 2));
  const out = new Float32Array(draws.length);
  for (let index = 0; index < draws.length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - (draws[index] ?? 0)));
    const angle = 2 * Math.PI * (draws[index + 1] ?? 0);
    out[index] = radius * Math.cos(angle);
    out[index + 1] = radius * Math.sin(angle);
  }
  return out.slice(0, count);
}

/**
 * Draws an integer in [0, bound).
 *
 * @param bound Exclusive upper bound, ≥ 1.
 */
export function integer(key: Key, bound: number): number {
  return Math.floor((uniforms(key, 1)[0] ?? 0) * bound);
}

/**
 * Picks one element.
 *
 * @param items A non-empty list.
 * @returns One of them, each equally likely.
 */
export function choose<A>(key: Key, items: readonly A[]): A {
  return items[integer(key, items.length)] as A;
}

/**
 * Shuffles a list (Fisher–Yates).
 *
 * @param items Any list; left as it is.
 * @returns A new list.
 */
export function shuffle<A>(key: Key, items: readonly A[]): A[] {
  const out = [...items];
  const draws = uniforms(key, out.length);
  for (let index = out.length - 1; index > 0; index--) {
    const other = Math.floor((draws[index] ?? 0) * (index + 1));
    [out[index], out[other]] = [out[other] as A, out[index] as A];
  }
  return out;
}
