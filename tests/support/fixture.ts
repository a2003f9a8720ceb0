import * as E from "fp-ts/lib/Either.js";
import type { NamedArray } from "../../lib/tensor/containers/dtype.ts";
import { decodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../lib/tensor/tf.ts";
import assert from "node:assert/strict";

const folder = new URL("../fixtures/", import.meta.url);

/** Reads the JSON of a fixture, such as `showo/cases.json`. */
export function readJson<A>(name: string): A {
  return JSON.parse(Deno.readTextFileSync(new URL(name, folder))) as A;
}

/** Reads all arrays of a fixture's safetensors file. */
export function readArrays(name: string): ReadonlyMap<string, NamedArray> {
  const content = decodeSafetensors(Deno.readFileSync(new URL(name, folder)), name);
  if (E.isLeft(content)) throw new Error(JSON.stringify(content.left));
  return content.right.tensors;
}

/** One float array as a tensor. */
export function tensorOf(arrays: ReadonlyMap<string, NamedArray>, name: string): tf.Tensor {
  const array = arrays.get(name);
  if (array === undefined) throw new Error(`fixture has no array ${name}`);
  return tf.tensor(array.data as Float32Array, [...array.shape]);
}

/** The largest absolute difference; lengths must agree. */
export function maxDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(found.length, expected.length);
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs((found[i] as number) - (expected[i] as number));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Asserts that two arrays agree within an absolute tolerance. */
export function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const difference = maxDifference(found, expected);
  assert.ok(difference <= tolerance, `largest difference ${difference} > ${tolerance}`);
}
