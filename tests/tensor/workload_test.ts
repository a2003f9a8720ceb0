import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { tf } from "../../lib/tensor/tf.ts";
import { forwardFlops, makeWorkload } from "../../lib/tensor/workload.ts";
import { useTestBackend } from "../support/backend.ts";

await useTestBackend();
const SHAPE = { batch: 2, tokens: 8, width: 16, layers: 2, heads: 2, vocabulary: 32 };

describe("makeWorkload()", () => {
  it("learns, gives the same losses again, and frees everything", () => {
    const run = (): number[] => {
      const workload = makeWorkload(SHAPE);
      const mean = workload.forward();
      const losses = Array.from({ length: 8 }, () => workload.trainStep());
      workload.dispose();
      return [mean, ...losses];
    };
    const before = tf.memory().numTensors;
    const first = run();
    assert.deepEqual(run(), first);
    assert.equal(tf.memory().numTensors, before);
    const [mean, start, ...later] = first as [number, number, ...number[]];
    assert.ok(Math.abs(mean) < 0.1);
    assert.ok(Math.abs(start - Math.log(32)) < 0.1);
    assert.ok((later.at(-1) as number) < start - 0.05);
  });
});

describe("forwardFlops()", () => {
  it("counts the matrix products of a model without layers", () => {
    assert.equal(forwardFlops({ ...SHAPE, layers: 0 }), 2 * 16 * 16 * 32);
  });
});
