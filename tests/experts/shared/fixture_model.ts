import * as E from "fp-ts/lib/Either.js";
import { describe } from "../../../lib/core/error.ts";
import type { Checked } from "../../../lib/core/stage.ts";
import type { FloatArrays } from "../../../lib/experts/shared/parameters.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { encodeSafetensors } from "../../../lib/tensor/containers/safetensors.ts";
import { openSafetensors } from "../../../lib/tensor/containers/safetensors_table.ts";
import { sourceOf, type WeightSource } from "../../../lib/tensor/weight_source.ts";
import { valueAndGrad } from "../../../lib/tensor/grad.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";

/** The value, or a failed test that says why there is none. */
export function rightOf<A>(checked: Checked<A>): A {
  if (E.isLeft(checked)) throw new Error(describe(checked.left));
  return checked.right;
}

function sourceFrom(bytes: Uint8Array, name: string): WeightSource {
  const blob = fromBytes(bytes);
  return sourceOf(name, [rightOf(openSafetensors(blob, name))], blob.close);
}

/** The weights of a fixture model. */
export function fixtureWeights(file: string): WeightSource {
  return sourceFrom(Deno.readFileSync(new URL(`../../fixtures/${file}`, import.meta.url)), file);
}

/** Arrays as if they lay in a file. */
export function memoryWeights(arrays: FloatArrays): WeightSource {
  return sourceFrom(encodeSafetensors(arrays), "memory");
}

/** Pictures stored `[B, C, H, W]` in the layout that the models read. */
export function toNhwc(pixels: tf.Tensor): tf.Tensor {
  return tf.transpose(pixels, [0, 2, 3, 1]);
}

/** Token ids of several texts, padded with 0 to one length, and their mask. */
export function padded(rows: readonly (readonly number[])[]): { ids: tf.Tensor; mask: tf.Tensor } {
  const length = Math.max(...rows.map((row) => row.length));
  const pad = (row: readonly number[]) => [...row, ...Array(length - row.length).fill(0)];
  const real = (row: readonly number[]) => pad(row.map(() => 1));
  return {
    ids: tf.tensor2d(rows.map(pad), undefined, "int32"),
    mask: tf.tensor2d(rows.map(real), undefined, "int32"),
  };
}

/**
 * Asserts that a loss reaches every weight. Biases of keys are left out: attention doesn't depend on them.
 *
 * @param loss A scalar function of it.
 */
export function assertGradientsEverywhere<W>(weights: W, loss: (weights: W) => tf.Tensor): void {
  const result = valueAndGrad((w: Tree) => ({ loss: loss(w as W) as tf.Scalar, aux: {} }))(weights as Tree);
  for (const [name, leaf] of namedLeaves(result.grads)) {
    if (name.endsWith("key.bias")) continue;
    assert.ok((tf.max(tf.abs(leaf)).dataSync()[0] ?? 0) > 0, `${name} has no gradient`);
  }
  disposeTree(result.grads);
  result.loss.dispose();
}

/** Asserts that a tensor function leaves nothing behind but its result. */
export function assertNoLeak(body: () => tf.Tensor | Tree): void {
  disposeTree(tf.tidy(() => body() as tf.TensorContainer) as Tree);
  const before = tf.memory().numTensors;
  disposeTree(tf.tidy(() => body() as tf.TensorContainer) as Tree);
  assert.equal(tf.memory().numTensors, before);
}
