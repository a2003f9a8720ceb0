import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openBackend } from "../../lib/tensor/backend.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { openWasm } from "../../lib/tensor/wasm.ts";

const log = { info: () => {}, warn: () => {}, progress: () => {} };

/** Runs the same on both backends; the seeds make the inputs equal. */
async function onBoth(body: () => tf.Tensor): Promise<[number[], number[]]> {
  const run = () => [...tf.tidy(body).dataSync()];
  await openBackend({ device: "cpu" })({ log })();
  const expected = run();
  await openWasm();
  return [run(), expected];
}
const agree = ([found, expected]: [number[], number[]]) => {
  assert.equal(found.length, expected.length);
  found.forEach((value, index) => assert.ok(Math.abs(value - (expected[index] as number)) < 1e-4));
};
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

describe("replaceMatMul()", () => {
  for (const batch of [[], [1], [3], [2, 3]]) {
    for (
      const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]] as const
    ) {
      it(`agrees with the JavaScript backend: batch [${batch}], ${transposeA}, ${transposeB}`, async () => {
        const a = [...batch, ...transposeA ? [5, 4] : [4, 5]];
        const b = [...batch, ...transposeB ? [6, 5] : [5, 6]];
        agree(await onBoth(() => tf.matMul(random(a, 1), random(b, 2), transposeA, transposeB)));
      });
    }
  }

  it("splits a batch of large matrices", async () => {
    const product = () => tf.matMul(random([2, 128, 128], 1), random([2, 160, 128], 2), false, true);
    agree(await onBoth(() => tf.slice(product(), [0, 30, 40], [2, 3, 4])));
  });

  it("keeps gradients, a broadcast batch and empty matrices", async () => {
    agree(await onBoth(() => tf.matMul(random([3, 2, 4], 1), random([1, 4, 5], 2))));
    agree(await onBoth(() => tf.matMul(tf.zeros([0, 4]), random([4, 5], 2))));
    agree(
      await onBoth(() => {
        const loss = (w: tf.Tensor) => tf.sum(tf.square(tf.matMul(random([2, 3, 4], 1), w, false, true)));
        return tf.grad(loss)(random([2, 5, 4], 2));
      }),
    );
  });

  it("leaks nothing, with and without a tidy around it", async () => {
    await openWasm();
    const a = random([4, 8, 8], 1);
    const multiply = () => tf.matMul(a, a, true, true).dispose();
    multiply();
    const { numTensors, numDataBuffers } = tf.memory();
    for (let index = 0; index < 10; index++) multiply();
    tf.tidy(() => {
      tf.matMul(a, a);
    });
    assert.deepEqual({ numTensors: tf.memory().numTensors, numDataBuffers: tf.memory().numDataBuffers }, {
      numTensors,
      numDataBuffers,
    });
    a.dispose();
  });
});
