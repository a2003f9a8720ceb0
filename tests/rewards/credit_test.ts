import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import { fold, keyFromSeed, normals, uniforms } from "../../lib/core/key.ts";
import {
  creditedAdvantages,
  type CreditOptions,
  type GroupScores,
  type PartAdvantages,
  standardised,
} from "../../lib/rewards/credit.ts";
import { groupAdvantages } from "../../lib/rl/advantages.ts";
import { right } from "../run/outcome.ts";

const PLAIN: CreditOptions = {
  credit: "by_part",
  rewardNormalization: "none",
  scaleRewards: "none",
  identityGate: null,
};

const group = (
  answers: readonly number[],
  images: readonly number[],
  prompts = images.map(() => "one"),
): GroupScores => ({
  prompts,
  experts: [
    { scores: answers, weight: 0.4, readsAnswerAlone: true, comparesIdentity: false },
    { scores: images, weight: 0.6, readsAnswerAlone: false, comparesIdentity: true },
  ],
});

const credited = (scores: GroupScores, options: Partial<CreditOptions> = {}): readonly PartAdvantages[] =>
  right(creditedAdvantages([scores], { ...PLAIN, ...options }))[0] ?? [];

const near = (found: number, expected: number, tolerance = 1e-6): void =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, ${expected}`);

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });

describe("creditedAdvantages()", () => {
  it("is the paper's advantage for every token under shared credit", () => {
    fc.assert(fc.property(scores, scores, (answers, images) => {
      const total = answers.map((answer, index) => 0.4 * answer + 0.6 * (images[index] as number));
      const expected = right(groupAdvantages(total, { numGenerations: 4 }));
      credited(group(answers, images), { credit: "shared" }).forEach(
        ({ understanding, generation }, index) => {
          near(understanding, expected[index] as number);
          assert.equal(generation, understanding);
        },
      );
    }));
  });
  it("gives images nothing of what the answers earned", () => {
    fc.assert(fc.property(scores, scores, scores, (answers, others, images) => {
      const [one, two] = [credited(group(answers, images)), credited(group(others, images))];
      one.forEach(({ generation }, index) => near(generation, two[index]?.generation as number));
    }));
  });
  it("gives images nothing of what their prompts earn: a constant for a prompt changes nothing", () => {
    fc.assert(
      fc.property(scores, scores, fc.double({ min: -1, max: 1, noNaN: true }), (answers, images, shift) => {
        const prompts = ["a", "a", "b", "b"];
        const moved = images.map((score, index) => index < 2 ? score + shift : score);
        const [one, two] = [
          credited(group(answers, images, prompts)),
          credited(group(answers, moved, prompts)),
        ];
        one.forEach(({ generation }, index) => near(generation, two[index]?.generation as number, 2e-6));
      }),
    );
  });
  it("sums to 0 inside every prompt, and is 0 for a prompt that occurs once", () => {
    const found = credited(group([1, 0, 1, 0], [0.9, 0.1, 0.4, 0.7], ["a", "a", "a", "b"]));
    near(found.slice(0, 3).reduce((sum, { generation }) => sum + generation, 0), 0);
    near(found[3]?.generation as number, 0, 1e-12);
  });
  it("leaves out what could not be scored", () => {
    const found = credited(group([1, 0, 1, 0], [NaN, 0.2, 0.4, 0.6]));
    assert.equal(found[0]?.generation, 0);
    near(found[1]?.generation as number, 0.6 * -0.2);
    assert.ok(found.every(({ understanding }) => Number.isFinite(understanding)));
  });
  it("takes rounding for no advantage", () => {
    const images = [0.5, 0.5 + 1e-8, 0.5, 0.5];
    assert.deepEqual(
      credited(group([1, 1, 1, 1], images)),
      images.map(() => ({ understanding: 0, generation: 0 })),
    );
  });
  it("weighs rewards by their spread under per_reward", () => {
    const [answers, images] = [[1, 0, 1, 0], [0.51, 0.5, 0.5, 0.51]];
    const plain = credited(group(answers, images), { credit: "shared" });
    const normalised = credited(group(answers, images), {
      credit: "shared",
      rewardNormalization: "per_reward",
    });
    assert.ok((plain[0] as PartAdvantages).understanding > (plain[2] as PartAdvantages).understanding);
    near(normalised[3]?.understanding as number, 0.6 * 0.866 - 0.4 * 0.866, 0.02);
    assert.ok((normalised[3] as PartAdvantages).understanding > 0);
  });
  it("divides by the spread of a group, or of all groups", () => {
    const groups = [group([1, 0, 1, 0], [1, 0, 1, 0]), group([0.1, 0, 0.1, 0], [0.1, 0, 0.1, 0])];
    const spread = (scaleRewards: CreditOptions["scaleRewards"]) =>
      right(creditedAdvantages(groups, { ...PLAIN, scaleRewards })).map((each) =>
        each[0]?.generation as number
      );
    const [own = [], all = [], none = []] = (["group", "batch", "none"] as const).map(spread);
    near(own[0] as number, own[1] as number, 0.01);
    near((all[0] as number) / (all[1] as number), 10, 1e-3);
    near(none[0] as number, 0.3);
  });
  it("gives a trajectory below the identity gate the reward 0, whatever its answer", () => {
    const found = credited(group([1, 0, 0, 0], [0.2, 0.9, 0.5, 0.7]), {
      credit: "shared",
      identityGate: 0.5,
    });
    const rewards = [0, 0.54, 0.3, 0.42];
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / 4;
    found.forEach(({ understanding }, index) => near(understanding, (rewards[index] as number) - mean));
  });
  it("lets an image through that nobody could compare, and all without a gate", () => {
    fc.assert(fc.property(scores, scores, (answers, images) => {
      const open = credited(group(answers, images));
      assert.deepEqual(credited(group(answers, images), { identityGate: 0 }), open);
      const unknown = images.map(() => NaN);
      assert.deepEqual(
        credited(group(answers, unknown), { identityGate: 1 }),
        credited(group(answers, unknown)),
      );
    }));
  });
  it("refuses an infinite reward", () => {
    assert.ok(E.isLeft(creditedAdvantages([group([1, 0], [Infinity, 0])], PLAIN)));
  });
});

/**
 * A policy over two answers and, given the answer, two images; the gradient of the image's logit for answer 0 is estimated from
 * many groups.
 */
function estimates(credit: CreditOptions["credit"]): { readonly mean: number; readonly variance: number } {
  const [groups, size, imageOdds] = [4000, 9, 0.3];
  const key = keyFromSeed(5);
  const found = Array.from({ length: groups }, (_, index) => {
    const drawn = uniforms(fold(key, index), 2 * size);
    const noise = normals(fold(fold(key, index), "noise"), size);
    const rows = Array.from({ length: size }, (_, row) => {
      const answer = (drawn[2 * row] as number) < 0.5 ? 0 : 1;
      const image = (drawn[2 * row + 1] as number) < imageOdds ? 1 : 0;
      return { answer, image, seen: 0.2 * image + 0.3 * answer + 0.02 * (noise[row] as number) };
    });
    const advantages = credited(
      group(
        rows.map(({ answer }) => answer),
        rows.map(({ seen }) => seen),
        rows.map(({ answer }) => `${answer}`),
      ),
      { credit },
    );
    return rows.reduce(
      (sum, { answer, image }, row) =>
        answer === 0 ? sum + (advantages[row] as PartAdvantages).generation * (image - imageOdds) : sum,
      0,
    ) / size;
  });
  const mean = found.reduce((sum, value) => sum + value, 0) / groups;
  const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (groups - 1);
  return { mean, variance };
}

describe("credit by part", () => {
  it("keeps the expected gradient of the image up to the baseline's share, at less variance", () => {
    const [shared, byPart] = [estimates("shared"), estimates("by_part")];
    // The mean of n draws is its own baseline: it takes away 1/n of the gradient, n counted in the group or in the prompt.
    const whole = 0.6 * 0.2 * 0.3 * 0.7 / 2;
    near(shared.mean / (whole * (1 - 1 / 9)), 1, 0.15);
    near(byPart.mean / (whole * (1 - (1 - 0.5 ** 9) / 4.5)), 1, 0.05);
    assert.ok(byPart.variance < shared.variance / 3, `${byPart.variance}, ${shared.variance}`);
  });
});

describe("standardised()", () => {
  it("has mean 0 and spread 1, and keeps what was not scored", () => {
    const found = standardised([0, 1, NaN, 2]);
    near(found[0] as number, -1, 1e-3);
    assert.ok(Number.isNaN(found[2] as number));
    assert.deepEqual([...standardised([0.5, 0.5])], [0, 0]);
  });
});
