import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isNonNegative, isPositive, isPositiveInt, isUnitInterval } from "../../lib/config/numbers.ts";

const accepted = (check: (value: number) => boolean): number[] =>
  [NaN, -Infinity, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2 ** 53, Infinity].filter(check);

describe("numbers", () => {
  it("each range accepts exactly its numbers", () => {
    assert.deepEqual(accepted(isPositive), [0.5, 1, 1.5, 2, 2 ** 53]);
    assert.deepEqual(accepted(isNonNegative), [0, 0.5, 1, 1.5, 2, 2 ** 53]);
    assert.deepEqual(accepted(isUnitInterval), [0, 0.5, 1]);
    assert.deepEqual(accepted(isPositiveInt), [1, 2]);
  });
});
