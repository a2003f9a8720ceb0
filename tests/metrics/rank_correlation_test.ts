import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { rankCorrelation, rankCorrelationWithin } from "../../lib/metrics/rank_correlation.ts";

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

describe("rankCorrelationWithin()", () => {
  const number = fc.integer({ min: -9, max: 9 });
  it("is the correlation of the one class there is, and blind to shifts of a class", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number), { minLength: 6, maxLength: 12 }), (rows) => {
        const [a, b] = [rows.map(([x]) => x), rows.map(([, y]) => y)];
        const [one, whole] = [rankCorrelationWithin(rows.map(() => "one"), a, b), rankCorrelation(a, b)];
        assert.ok(one === whole || Math.abs((one as number) - (whole as number)) < 1e-12);
        const classes = rows.map((_, index) => index % 2 === 0 ? "even" : "odd");
        const shifted = a.map((value, index) => index % 2 === 0 ? value + 100 : value);
        assert.equal(rankCorrelationWithin(classes, shifted, b), rankCorrelationWithin(classes, a, b));
      }),
    ));
  it("has no value for pairs of different classes, and for two alone", () => {
    assert.equal(rankCorrelationWithin(["a", "b", "c"], [1, 2, 3], [1, 2, 3]), null);
    assert.equal(rankCorrelationWithin(["a", "a"], [1, 2], [1, 2]), null);
  });
  it("weighs classes by their size", () => {
    const classes = ["a", "a", "a", "b", "b", "b", "b", "b", "b"];
    const [a, b] = [[1, 2, 3, 1, 2, 3, 4, 5, 6], [3, 2, 1, 1, 2, 3, 4, 5, 6]];
    assert.ok(Math.abs((rankCorrelationWithin(classes, a, b) as number) - (6 - 3) / 9) < 1e-12);
  });
});
