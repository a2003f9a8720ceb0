import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { fold, keyFromSeed, uniforms } from "../../lib/core/key.ts";
import { agreement, type GradePair } from "../../lib/metrics/agreement.ts";

const GRADES = [0, 0.5, 1];
const key = keyFromSeed(3);
const grade = fc.constantFrom(...GRADES);
const pairs = fc.array(fc.record({ first: grade, second: grade }), { minLength: 1, maxLength: 30 })
  .map((all) => all.map((pair, index): GradePair => ({ unit: String(index), ...pair })));

/** Weighted kappa from the table of counts, as in the textbook. */
function textbook(all: readonly GradePair[]): number | null {
  const share = (test: (pair: GradePair) => boolean): number => all.filter(test).length / all.length;
  let [observed, expected] = [0, 0];
  for (const a of GRADES) {
    for (const b of GRADES) {
      const weight = (a - b) ** 2;
      observed += weight * share(({ first, second }) => first === a && second === b);
      expected += weight * share(({ first }) => first === a) * share(({ second }) => second === b);
    }
  }
  return expected < 1e-12 ? null : 1 - observed / expected;
}

const drawn = (count: number, other: (value: number, at: number) => number): readonly GradePair[] => {
  const values = uniforms(key, count);
  return Array.from(values, (value, index) => ({
    unit: String(index),
    first: GRADES[Math.floor(value * 3)] as number,
    second: other(GRADES[Math.floor(value * 3)] as number, index),
  }));
};

describe("agreement()", () => {
  it("is the textbook's weighted kappa, whoever comes first", () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const { kappa, same, cases } = agreement(all, key);
        const expected = textbook(all);
        assert.equal(kappa === null, expected === null);
        assert.ok(Math.abs((kappa ?? 0) - (expected ?? 0)) < 1e-9);
        assert.equal(cases, all.length);
        assert.ok(same >= 0 && same <= 1);
        const turned = all.map(({ unit, first, second }) => ({ unit, first: second, second: first }));
        assert.equal(agreement(turned, key).kappa, kappa);
      }),
      { numRuns: 30 },
    );
  });

  it("is 1 for the same grades, about 0 for a judge that draws lots, and not fooled by a judge that always says yes", () => {
    assert.equal(agreement(drawn(60, (value) => value), key).kappa, 1);
    const lots = uniforms(fold(key, 9), 400);
    const chance = agreement(drawn(400, (_, at) => GRADES[Math.floor((lots[at] ?? 0) * 3)] ?? 0), key);
    assert.ok(chance.interval !== null && chance.interval.low < 0 && chance.interval.high > 0);
    const mostly = drawn(60, () => 1).map((pair, index) => index < 50 ? { ...pair, first: 1 } : pair);
    const yes = agreement(mostly, key);
    assert.ok(yes.same > 0.8 && Math.abs(yes.kappa ?? 1) < 1e-9, "equal grades alone would praise it");
  });

  it("has no kappa for one and the same grade, and counts what was not graded", () => {
    const one = agreement([{ unit: "a", first: 1, second: 1 }, { unit: "b", first: 1, second: null }], key);
    assert.deepEqual([one.kappa, one.interval, one.cases, one.unscored, one.same], [null, null, 1, 1, 1]);
    assert.ok(Number.isNaN(agreement([], key).same));
  });

  it("resamples pictures, not their clauses", () => {
    const clauses = drawn(40, (value, at) => at % 4 === 0 ? 1 - value : value);
    const few = clauses.map((pair, at) => ({ ...pair, unit: String(at % 4) }));
    const width = (all: readonly GradePair[]): number => {
      const { interval } = agreement(all, key);
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    assert.ok(width(few) > width(clauses));
  });
});
