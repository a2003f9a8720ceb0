import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openBackend } from "../../lib/tensor/backend.ts";
import { adopt, type KernelCall, replaceKernel } from "../../lib/tensor/kernel.ts";
import { tf } from "../../lib/tensor/tf.ts";

interface NegCall extends KernelCall {
  readonly inputs: { readonly x: tf.TensorInfo };
}

await openBackend({ device: "cpu" })({ log: { info: () => {}, warn: () => {}, progress: () => {} } })();

describe("replaceKernel()", () => {
  it("puts another kernel in the place of the first, once, and leaks nothing", () => {
    const name = { kernel: "Neg", backend: "cpu" };
    const twice = () =>
      replaceKernel<NegCall>(name, (original) => (call) => tf.tidy(() => tf.mul(adopt(original(call)), 2)));
    twice();
    twice();
    const x = tf.tensor1d([3]);
    const before = tf.memory().numTensors;
    const y = tf.neg(x);
    assert.deepEqual([...y.dataSync()], [-6]);
    y.dispose();
    assert.equal(tf.memory().numTensors, before);
    x.dispose();
  });

  it("throws where there is none", () => {
    assert.throws(
      () => replaceKernel({ kernel: "Neg", backend: "nowhere" }, (original) => original),
      /no kernel Neg/,
    );
  });
});
