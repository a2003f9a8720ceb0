import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");

describe("valueAndGrad()", () => {
  const f = jit("f", (p: { a: tf.Tensor; unused: tf.Tensor }, x: tf.Tensor) =>
    valueAndGrad((q: typeof p) => {
      const y = tf.mul(q.a, x);
      return { loss: tf.sum(tf.square(y)) as tf.Scalar, aux: { y } };
    })(p));
  it("returns loss, aux and gradients, zeros where unused, and leaks nothing", () => {
    const inputs = { a: tf.tensor1d([1, 2]), unused: tf.tensor1d([7]) };
    const x = tf.tensor1d([3, 4]);
    const before = tf.memory().numTensors;
    const out = f(inputs, x);
    assert.equal(out.loss.dataSync()[0], 9 + 64);
    assert.deepEqual([...out.grads.a.dataSync()], [18, 64]);
    assert.deepEqual([...out.grads.unused.dataSync()], [0]);
    assert.deepEqual([...(out.aux.y as tf.Tensor).dataSync()], [3, 8]);
    disposeTree([out.loss, out.grads, out.aux]);
    assert.equal(tf.memory().numTensors, before);
    disposeTree([inputs, x]);
  });
});
