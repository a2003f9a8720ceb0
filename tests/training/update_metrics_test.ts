import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { rankCorrelation, updateMetricNames } from "../../lib/training/update_metrics.ts";

describe("rankCorrelation()", () => {
  it("agrees with values by hand", () => {
    assert.equal(rankCorrelation([1, 2, 3], [10, 20, 30]), 1);
    assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
    assert.ok(Math.abs((rankCorrelation([1, 2, 3, 4], [2, 1, 4, 3]) as number) - 0.6) < 1e-12);
    assert.ok(
      Math.abs((rankCorrelation([106, 100, 86, 101, 99], [7, 27, 2, 50, 28]) as number) - 0.3) < 1e-12,
    );
  });
  it("has no value without two different numbers", () => {
    assert.equal(rankCorrelation([], []), null);
    assert.equal(rankCorrelation([1], [2]), null);
    assert.equal(rankCorrelation([1, 1], [1, 2]), null);
    assert.equal(rankCorrelation([1, 2], [1, 1]), null);
  });
  it("shares the rank of equal values", () => {
    const found = rankCorrelation([1, 1, 2, 3], [1, 2, 3, 4]) as number;
    assert.ok(Math.abs(found - 0.9486832980505138) < 1e-12, `${found}`);
    assert.ok(Math.abs((rankCorrelation([1, 1, 2], [2, 2, 3]) as number) - 1) < 1e-12);
  });
  it("leaves pairs without a number out", () => {
    assert.equal(rankCorrelation([1, NaN, 2, 3], [1, 9, 2, NaN]), 1);
    assert.equal(rankCorrelation([NaN, 1], [1, 1]), null);
  });
  it("is symmetric, in [−1, 1], and blind to growing scales", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(fc.property(pairs, (rows) => {
      const [a, b] = [rows.map(([x]) => x), rows.map(([, y]) => y)];
      const found = rankCorrelation(a, b);
      const scaled = rankCorrelation(a.map((x) => Math.exp(x)), b);
      if (found === null) return assert.equal(scaled, null);
      assert.ok(found >= -1 - 1e-12 && found <= 1 + 1e-12);
      assert.ok(Math.abs(found - (rankCorrelation(b, a) as number)) < 1e-12);
      assert.ok(Math.abs(found - (scaled as number)) < 1e-12);
    }));
  });
});

describe("updateMetricNames()", () => {
  it("names each metric once, those of the experts included", () => {
    const names = updateMetricNames(["tier", "mine"]);
    assert.equal(new Set(names).size, names.length);
    for (const name of ["rewards/tier/mean", "rewards/mine/std", "dsog/pass_rate"]) {
      assert.ok(names.includes(name));
    }
  });
});
