import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { stagesOf } from "../../lib/cold_start/plan.ts";

const counts = { semanticTokens: 16, generationTokens: 16, perceptionTokens: 8 };
const trained = (row: readonly boolean[]): number[] => row.flatMap((on, index) => on ? [index] : []);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe("stagesOf()", () => {
  it("trains the rows of the published stages", () => {
    const [first, second, third] = stagesOf("stages3", counts).map(({ trainable }) => trained(trainable));
    assert.deepEqual(first, range(0, 17));
    assert.deepEqual(second, range(0, 25));
    assert.deepEqual(third, [0, ...range(25, 33)]);
  });
  it("has the published constants: stage 1 differs", () => {
    assert.deepEqual(
      stagesOf("stages", counts).map(({ epsilon, weightDecay, drawing }) => [epsilon, weightDecay, drawing]),
      [[1e-6, 1e-4, false], [1e-8, 1e-3, true]],
    );
  });
  it("trains everything at once in a joint stage, and nothing without a plan", () => {
    const [joint, ...rest] = stagesOf("joint", { ...counts, perceptionTokens: 0 });
    assert.deepEqual(trained(joint?.trainable ?? []), range(0, 33));
    assert.ok(joint?.understanding && joint.drawing && rest.length === 0);
    assert.deepEqual(stagesOf("none", counts), []);
  });
});
