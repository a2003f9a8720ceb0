import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { groupAdvantages } from "../../lib/rl/advantages.ts";
import { checkWeights, PAPER_WEIGHTS, totalReward, weightOf } from "../../lib/rewards/ensemble.ts";

const near = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) < 1e-9 || (Number.isNaN(a) && Number.isNaN(b)), `${a} ${b}`);
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const score = fc.oneof({ weight: 4, arbitrary: unit }, { weight: 1, arbitrary: fc.constant(NaN) });
const weight = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
const experts = fc.array(fc.tuple(score, weight), { minLength: 1, maxLength: 5 });
const total = (pairs: readonly (readonly [number, number])[]): number =>
  totalReward(pairs.map(([score]) => score), pairs.map(([, weight]) => weight));

describe("PAPER_WEIGHTS", () => {
  it("sum to 1 for every category", () => {
    const names = ["tier", "ber", "der", "fer"];
    assert.deepEqual(names.map((name) => weightOf(PAPER_WEIGHTS, name, "human")), [0.4, 0.2, 0.2, 0.2]);
    assert.deepEqual(names.map((name) => weightOf(PAPER_WEIGHTS, name, "animal")), [0.4, 0.3, 0.3, 0]);
    assert.deepEqual(names.map((name) => weightOf(PAPER_WEIGHTS, name, "object")), [0.4, 0.3, 0.3, 0]);
    assert.equal(weightOf(PAPER_WEIGHTS, "mine", "human"), 0);
  });
});

describe("totalReward()", () => {
  it("is the plain weighted sum where all apply and weights sum to 1", () =>
    near(totalReward([0.9, 0.8, 0.7, 0.6], [0.4, 0.2, 0.2, 0.2]), 0.36 + 0.16 + 0.14 + 0.12));
  it("stays between the smallest and the largest score that counts", () =>
    fc.assert(fc.property(experts, (pairs) => {
      const counted = pairs.filter(([score, weight]) => weight > 0 && !Number.isNaN(score)).map(([score]) =>
        score
      );
      const reward = total(pairs);
      if (counted.length === 0) return assert.ok(Number.isNaN(reward));
      assert.ok(reward >= Math.min(...counted) - 1e-9 && reward <= Math.max(...counted) + 1e-9);
    })));
  it("does not change when an undefined expert or one without weight is added", () =>
    fc.assert(fc.property(experts, weight, unit, (pairs, extra, value) => {
      near(total([...pairs, [NaN, extra]]), total(pairs));
      near(total([...pairs, [value, 0]]), total(pairs));
    })));
  it("never falls when one expert scores higher", () =>
    fc.assert(fc.property(experts, fc.nat(), unit, (pairs, at, step) => {
      const index = at % pairs.length;
      const raised = pairs.map(([score, weight], i) => [i === index ? score + step : score, weight] as const);
      if (!Number.isNaN(total(pairs))) assert.ok(total(raised) >= total(pairs) - 1e-9);
    })));
  it("shifts with its scores, so advantages do not see a constant offset", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(unit, unit), { minLength: 2, maxLength: 6 }), unit, (rows, offset) => {
        const rewards = (by: number): number[] =>
          rows.map(([a, b]) => totalReward([a + by, b + by], [0.3, 0.7]));
        const advantages = (by: number): readonly number[] => {
          const found = groupAdvantages(rewards(by), { numGenerations: rows.length });
          return E.isRight(found) ? [...found.right] : assert.fail();
        };
        const shifted = advantages(offset);
        advantages(0).forEach((value, index) => near(value, shifted[index] as number));
      }),
    ));
});

describe("checkWeights()", () => {
  const problem = (names: readonly string[], weights: Parameters<typeof checkWeights>[1]): string => {
    const outcome = checkWeights(names, weights);
    return E.isLeft(outcome) && outcome.left._tag === "RewardFailed" ? outcome.left.problem : "";
  };
  it("accepts a weight for each expert, and unused zeros", () => {
    assert.ok(E.isRight(checkWeights(["tier", "ber", "der", "fer"], PAPER_WEIGHTS)));
    assert.ok(E.isRight(checkWeights(["a"], { a: 1, b: 0 })));
  });
  it("names what does not fit", () => {
    assert.match(problem(["a", "a"], { a: 1 }), /two experts/);
    assert.match(problem(["a", "b"], { a: 1 }), /has no weight/);
    assert.match(problem(["a"], { a: 1, b: 0.5 }), /not among the experts/);
    assert.match(problem(["a"], { a: -1 }), /weights are ≥ 0/);
    assert.match(problem(["a"], { a: { human: NaN, animal: 0, object: 0 } }), /weights are ≥ 0/);
  });
});
