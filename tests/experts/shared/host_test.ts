import { describe, it } from "@std/testing/bdd";
import { numbersOf } from "../../../lib/experts/shared/host.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend();

describe("numbersOf()", () => {
  it("reads named results and frees everything", async () => {
    const before = tf.memory().numTensors;
    const { sum, pair } = await numbersOf(() => {
      const x = tf.tensor1d([1, 2]);
      return { sum: tf.sum(x), pair: tf.add(x, 1) };
    });
    assert.deepEqual([[...sum], [...pair]], [[3], [2, 3]]);
    assert.equal(tf.memory().numTensors, before);
  });
});
