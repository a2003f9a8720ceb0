import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as ops from "../../lib/tensor/ops.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { tf } from "../../lib/tensor/tf.ts";

await tf.setBackend("cpu");
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void => {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    assert.ok(
      Math.abs((found[i] as number) - (expected[i] as number)) <= tolerance,
      `${i}: ${found[i]} ≠ ${expected[i]}`,
    );
  }
};
const values = (x: tf.Tensor): number[] => [...x.dataSync()];

describe("geluTanh(), geluErf() and quickGelu()", () => {
  // spec values of the two GELUs and of quick_gelu at −2, −0.5, 0.5, 2
  const x = tf.tensor1d([-2, -0.5, 0.5, 2]);
  it("equal the reference", () => {
    close(values(ops.geluErf(x)), [-0.0455, -0.154269, 0.345731, 1.9545], 2e-6);
    close(values(ops.geluTanh(x)), [-0.045402, -0.154286, 0.345714, 1.954598], 2e-6);
    close(values(ops.quickGelu(x)), [-0.064341, -0.149611, 0.350388, 1.935659], 2e-6);
    close(values(ops.silu(tf.tensor1d([0, 1]))), [0, 0.7310586], 1e-6);
  });
});

describe("layerNorm() and groupNorm()", () => {
  it("centre and scale with the biased variance", () => {
    const norm = { weight: tf.tensor1d([1, 2, 1, 1]), bias: tf.tensor1d([0, 0, 1, 0]) };
    const [s, e] = [Math.sqrt(1.25 + 1e-5), 1e-5];
    close(values(ops.layerNorm(tf.tensor2d([[1, 2, 3, 4]]), norm, e)), [
      -1.5 / s,
      -1 / s,
      0.5 / s + 1,
      1.5 / s,
    ]);
    const picture = tf.tensor4d([1, 2, 30, 40, 3, 4, 10, 20], [1, 1, 2, 4]);
    const whole = values(ops.groupNorm(picture, { weight: tf.ones([4]) }, { groups: 2, epsilon: 0 }));
    const g1 = [1, 2, 3, 4].map((v) => (v - 2.5) / Math.sqrt(1.25));
    const g2 = [30, 40, 10, 20].map((v) => (v - 25) / Math.sqrt(125));
    close(whole, [g1[0]!, g1[1]!, g2[0]!, g2[1]!, g1[2]!, g1[3]!, g2[2]!, g2[3]!]);
  });
});

describe("embed()", () => {
  it("gathers rows, and its gradient sums equal ids", () => {
    const ids = tf.tensor2d([[2, 0], [2, 1]], [2, 2], "int32");
    const table = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
    const f = valueAndGrad((p: { t: tf.Tensor }) => {
      const rows = ops.embed(p.t, ids);
      return {
        loss: tf.sum(tf.mul(rows, tf.tensor3d([[[1, 1], [2, 2]], [[3, 3], [4, 4]]]))) as tf.Scalar,
        aux: { rows },
      };
    });
    const { aux, grads } = f({ t: table });
    assert.deepEqual(values(aux.rows), [5, 6, 1, 2, 5, 6, 3, 4]);
    assert.deepEqual(values(grads.t), [2, 2, 4, 4, 4, 4]);
  });
});

describe("crossEntropy() and pick()", () => {
  it("average over labels that are not negative", () => {
    const logits = tf.tensor2d([[0, Math.log(3)], [5, 5], [9, 9]]);
    close(values(ops.crossEntropy(logits, tf.tensor1d([1, 0, -100], "int32"))), [
      (-Math.log(0.75) - Math.log(0.5)) / 2,
    ]);
    close(values(ops.crossEntropy(logits, tf.tensor1d([-100, -1, -100], "int32"))), [0]);
    assert.deepEqual(values(ops.pick(logits, tf.tensor1d([0, 1, 7], "int32"))), [0, 5, 0]);
  });
});

describe("linear(), unit() and conv2d()", () => {
  it("use the published layouts", () => {
    const layer = { weight: tf.tensor2d([[1, 2], [0, 1], [1, 0]]), bias: tf.tensor1d([0, 0, 1]) };
    assert.deepEqual(values(ops.linear(tf.tensor3d([[[1, 10]]]), layer)), [21, 10, 2]);
    close(values(ops.unit(tf.tensor2d([[3, 4], [0, 0]]))), [0.6, 0.8, 0, 0]);
    const kernel = tf.tensor4d([1, 0, 0, 0, 0, 0, 0, 1], [1, 2, 2, 2]); // x₀ top left + x₁ bottom right
    const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2]);
    assert.deepEqual(values(ops.conv2d(x, { weight: kernel })), [41]);
    assert.deepEqual(values(ops.conv2d(x, { weight: kernel }, { padding: [[0, 1], [0, 1]], stride: 2 })), [
      41,
    ]);
    assert.deepEqual(ops.conv2d(x, { weight: kernel }, { padding: 1 }).shape, [1, 3, 3, 1]);
  });
});

describe("stopGradient() and signStraightThrough()", () => {
  it("pass values; one stops the gradient, the other passes it", () => {
    const f = valueAndGrad((p: { x: tf.Tensor }) => {
      const signs = ops.signStraightThrough(p.x);
      const total = tf.add(
        tf.sum(tf.mul(signs, tf.tensor1d([2, 3, 4]))),
        tf.sum(ops.stopGradient(tf.square(p.x))),
      );
      return { loss: total as tf.Scalar, aux: { signs } };
    });
    const { loss, aux, grads } = f({ x: tf.tensor1d([-5, 0, 7]) });
    assert.deepEqual(values(aux.signs), [-1, -1, 1]);
    assert.deepEqual(values(grads.x), [2, 3, 4]);
    close(values(loss), [-2 - 3 + 4 + 25 + 49]);
  });
});
