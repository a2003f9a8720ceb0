import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { mean, meanOrNone } from "../../lib/core/mean.ts";

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });

describe("mean()", () => {
  it("lies between the extremes and moves with a shift", () =>
    fc.assert(fc.property(values, fc.integer({ min: -50, max: 50 }), (all, shift) => {
      const found = mean(all);
      assert.ok(found >= Math.min(...all) && found <= Math.max(...all));
      assert.ok(Math.abs(mean(all.map((value) => value + shift)) - found - shift) < 1e-9);
    })));

  it("is NaN without values", () => assert.ok(Number.isNaN(mean([]))));
});

describe("meanOrNone()", () => {
  it("is the mean, and null without values", () =>
    assert.deepEqual([[1, 2], []].map(meanOrNone), [1.5, null]));
});
