import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { growthExponent, linearFit } from "../../bench/fit.ts";

describe("linearFit()", () => {
  it("finds every line again", () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), (slope, start) => {
        const line = linearFit([1, 2, 5, 9].map((x) => ({ x, y: slope * x + start })));
        assert.ok(Math.abs(line.slope - slope) < 1e-9 && Math.abs(line.start - start) < 1e-9);
        assert.ok(Math.abs(line.explained - 1) < 1e-9);
      }),
    );
  });

  it("explains less of a curve", () => {
    assert.ok(linearFit([1, 2, 4, 8].map((x) => ({ x, y: x ** 3 }))).explained < 0.95);
  });
});

describe("growthExponent()", () => {
  for (const power of [0, 1, 1.5, 2]) {
    it(`finds the power ${power}`, () => {
      assert.ok(Math.abs(growthExponent([1, 2, 5].map((x) => ({ x, y: 3 * x ** power }))) - power) < 1e-9);
    });
  }
});
