import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { fracRewardZeroStd, groupAdvantages, rewardSpread } from "../../lib/rl/advantages.ts";

const right = <A>(value: E.Either<unknown, A>): A => {
  assert.ok(E.isRight(value), JSON.stringify(value));
  return value.right;
};
const near = (a: number, b: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} ${b}`);
const reward = fc.double({ min: -2, max: 2, noNaN: true });
const rewardOrNaN = fc.oneof({ weight: 4, arbitrary: reward }, { weight: 1, arbitrary: fc.constant(NaN) });
const groups = (of: fc.Arbitrary<number>) =>
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })).chain(([size, count]) =>
    fc.tuple(fc.constant(size), fc.array(of, { minLength: size * count, maxLength: size * count }))
  );

describe("groupAdvantages()", () => {
  it("equals a loop over groups that skips NaN", () =>
    fc.assert(fc.property(groups(rewardOrNaN), ([numGenerations, rewards]) => {
      const found = right(groupAdvantages(rewards, { numGenerations }));
      for (let start = 0; start < rewards.length; start += numGenerations) {
        let sum = 0, count = 0;
        for (let i = start; i < start + numGenerations; i++) {
          if (!Number.isNaN(rewards[i])) sum += rewards[i] as number, count++;
        }
        for (let i = start; i < start + numGenerations; i++) {
          near(found[i] as number, Number.isNaN(rewards[i]) ? 0 : (rewards[i] as number) - sum / count);
        }
      }
    })));

  it("sums to 0 in every group, under every scaling", () =>
    fc.assert(
      fc.property(
        groups(rewardOrNaN),
        fc.constantFrom("none", "group", "batch"),
        ([size, rewards], scale) => {
          const found = right(
            groupAdvantages(rewards, { numGenerations: size, scaleRewards: scale as "none" }),
          );
          for (let start = 0; start < found.length; start += size) {
            near(found.slice(start, start + size).reduce((a, b) => a + b, 0), 0, 1e-6);
          }
        },
      ),
    ));

  it("does not change when a constant is added to a group", () =>
    fc.assert(fc.property(groups(rewardOrNaN), reward, ([numGenerations, rewards], offset) => {
      const shifted = rewards.map((value) => value + offset);
      const [a, b] = [rewards, shifted].map((values) => right(groupAdvantages(values, { numGenerations })));
      a?.forEach((value, index) => near(value, b?.[index] as number));
    })));

  it("permutes with the group", () =>
    fc.assert(fc.property(fc.array(rewardOrNaN, { minLength: 2, maxLength: 9 }), (rewards) => {
      const numGenerations = rewards.length;
      const forward = right(groupAdvantages(rewards, { numGenerations }));
      const backward = right(groupAdvantages(rewards.toReversed(), { numGenerations }));
      forward.forEach((value, index) => near(value, backward[numGenerations - 1 - index] as number));
    })));

  it("divides by the n − 1 standard deviation plus 1e-4, as TRL does", () => {
    const rewards = [1, 2, 3, 4, 0, 10];
    const group = right(groupAdvantages(rewards, { numGenerations: 3, scaleRewards: "group" }));
    near(group[0] as number, -1 / 1.0001);
    near(group[5] as number, (10 - 14 / 3) / (Math.sqrt(76 / 3) + 1e-4), 1e-9);
    const batch = right(groupAdvantages(rewards, { numGenerations: 3, scaleRewards: "batch" }));
    near(batch[0] as number, -1 / (Math.sqrt(190 / 15 - 2 / 3 + 2 / 3) + 1e-4), 1e-9);
  });

  it("returns exact zeros for a group without spread", () => {
    const rewards = [0.1, 0.1, 0.1];
    for (const scaleRewards of ["none", "group", "batch"] as const) {
      assert.deepEqual([...right(groupAdvantages(rewards, { numGenerations: 3, scaleRewards }))], [0, 0, 0]);
    }
  });

  it("refuses a length that is no multiple of G, and infinity", () => {
    const wrong = groupAdvantages([1, 2, 3], { numGenerations: 2 });
    assert.ok(E.isLeft(wrong) && wrong.left._tag === "ShapeMismatch");
    const infinite = groupAdvantages([1, Infinity], { numGenerations: 2 });
    assert.ok(E.isLeft(infinite) && infinite.left._tag === "RewardFailed");
  });
});

describe("fracRewardZeroStd()", () => {
  it("counts flat groups, and those with at most one scored trajectory", () => {
    assert.equal(right(fracRewardZeroStd([1, 1, 0, 1, NaN, 0.3, NaN, NaN], 2)), 0.75);
    assert.ok(E.isLeft(fracRewardZeroStd([1], 2)));
  });
  it("is 1 exactly if all advantages are 0", () =>
    fc.assert(fc.property(groups(fc.constantFrom(0, 0.1, 1, NaN)), ([size, rewards]) => {
      const flat = right(fracRewardZeroStd(rewards, size)) === 1;
      assert.equal(right(groupAdvantages(rewards, { numGenerations: size })).every((a) => a === 0), flat);
    })));
});

describe("rewardSpread()", () => {
  it("leaves NaN out", () => {
    assert.deepEqual(rewardSpread([1, NaN, 3]), { mean: 2, std: Math.SQRT2, scored: 2 });
    assert.deepEqual(rewardSpread([NaN]), { mean: NaN, std: 0, scored: 0 });
  });
});
