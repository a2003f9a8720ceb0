import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { indicator } from "../../lib/showo/indicator.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { leaked, numbers } from "./fixture_weights.ts";

await useTestBackend();

describe("indicator()", () => {
  const found = (ids: number[], classes: number): number[] =>
    tf.tidy(() => numbers(indicator(tf.tensor1d(ids, "int32"), classes)));

  it("marks one class per id, and none outside the range", () => {
    assert.deepEqual(found([2, -1, 0, 3], 3), [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    assert.deepEqual(found([0, 1, -1], 1), [1, 0, 0]);
  });

  it("leaks nothing", () => {
    assert.equal(leaked(() => found([1], 2)), 0);
  });
});
