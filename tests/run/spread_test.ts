import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { spread } from "../../lib/run/spread.ts";

describe("spread", () => {
  it("spread() keeps the first, the last and what lies evenly between", () => {
    assert.deepEqual(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
    assert.deepEqual(spread([1, 2], 6), [1, 2]);
    assert.deepEqual(spread([], 6), []);
  });
});
