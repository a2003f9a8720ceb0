import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { groupedInterval } from "../../lib/evaluation/intervals.ts";

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("groupedInterval()", () => {
  it("lies between the extremes, and is the same for the same key", () => {
    const groups = fc.array(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(fc.property(groups, fc.nat(1000), (values, seed) => {
      const options = { key: keyFromSeed(seed), resamples: 50 };
      const found = groupedInterval(values, options);
      assert.ok(found !== null && found.low <= found.high);
      assert.ok(found.low >= mean(values.map((group) => Math.min(...group))) - 1e-12);
      assert.ok(found.high <= mean(values.map((group) => Math.max(...group))) + 1e-12);
      assert.deepEqual(groupedInterval(values, options), found);
    }));
  });

  it("covers the true mean about as often as it says", () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = [...normals(keyFromSeed(seed), 30)];
      const found = groupedInterval([values], { key: keyFromSeed(seed + 1000), resamples: 200 });
      if (found !== null && found.low <= 0 && found.high >= 0) covered++;
    }
    assert.ok(covered > 175 && covered < 200, `${covered} of 200`);
  });

  it("resamples each group apart: a rare group keeps its weight", () => {
    const found = groupedInterval([[1, 1], Array(50).fill(0)], { key: keyFromSeed(1) });
    assert.deepEqual(found, { low: 0.5, high: 0.5 });
  });

  it("says nothing about single values", () => {
    assert.equal(groupedInterval([], { key: keyFromSeed(1) }), null);
    assert.equal(groupedInterval([[1, 2], [3]], { key: keyFromSeed(1) }), null);
  });
});
