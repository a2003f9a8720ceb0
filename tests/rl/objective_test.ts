import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addSums,
  clippedSurrogate,
  k3,
  NO_TOKENS,
  objectiveLoss,
  type ObjectiveOptions,
  probabilityRatio,
  type TokenArrays,
  tokenMeans,
  tokenScale,
  tokenSums,
} from "../../lib/rl/objective.ts";

const near = (a: number, b: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} ${b}`);
const logp = fc.double({ min: -12, max: 0, noNaN: true });
const advantage = fc.double({ min: -1, max: 1, noNaN: true });
const clip = { epsilon: 0.2, beta: 0.01 };
const options: ObjectiveOptions = {
  ...clip,
  taskWeights: { understanding: 0.4, generation: 0.6 },
  lossNormalization: "none",
};
const tokens: fc.Arbitrary<TokenArrays> = fc.array(fc.tuple(logp, logp, logp, fc.constantFrom(0, 1)), {
  maxLength: 8,
})
  .map((rows) => ({
    perTokenLogps: rows.map((row) => row[0]),
    oldPerTokenLogps: rows.map((row) => row[1]),
    refPerTokenLogps: rows.map((row) => row[2]),
    completionMask: rows.map((row) => row[3]),
  }));
const group = fc.array(fc.record({ advantage, understanding: tokens, generation: tokens }), {
  minLength: 1,
  maxLength: 4,
});

describe("probabilityRatio()", () => {
  it("is exp of the difference, bounded by e^±10", () => {
    near(probabilityRatio(-1, -2), Math.E);
    assert.equal(probabilityRatio(0, -50), Math.exp(10));
    assert.equal(probabilityRatio(-50, 0), Math.exp(-10));
  });
});

describe("k3()", () => {
  it("equals exp(δ) − δ − 1 within the clamp", () => {
    near(k3(-1, -2), Math.exp(-1));
    near(k3(-2, -1), Math.E - 2);
    near(k3(0, -30), Math.exp(-10) + 9);
  });
  it("is never negative, and 0 only for equal log-probs", () =>
    fc.assert(fc.property(logp, logp, (a, b) => {
      assert.ok(k3(a, b) >= 0);
      if (Math.abs(a - b) > 1e-6) assert.ok(k3(a, b) > 0);
    })));
  it("has the KL as its mean under the policy", () => {
    const policy = [0.5, 0.3, 0.2], reference = [0.2, 0.3, 0.5];
    const mean = policy.reduce((sum, p, i) => sum + p * k3(Math.log(p), Math.log(reference[i] as number)), 0);
    near(mean, policy.reduce((sum, p, i) => sum + p * Math.log(p / (reference[i] as number)), 0));
  });
});

describe("clippedSurrogate()", () => {
  it("is flat where the ratio has gone too far in the wanted direction", () => {
    assert.equal(clippedSurrogate(2, 1, { epsilon: 0.2 }), 1.2);
    assert.equal(clippedSurrogate(0.1, -1, { epsilon: 0.2 }), -0.8);
    assert.equal(clippedSurrogate(2, 1, { epsilon: 0.2, epsilonHigh: 0.28 }), 1.28);
  });
  it("keeps the full penalty in the other direction", () => {
    assert.equal(clippedSurrogate(2, -1, { epsilon: 0.2 }), -2);
    assert.equal(clippedSurrogate(0.1, 1, { epsilon: 0.2 }), 0.1);
  });
  it("never exceeds ratio times advantage", () =>
    fc.assert(fc.property(fc.double({ min: 0, max: 30, noNaN: true }), advantage, (ratio, a) => {
      assert.ok(clippedSurrogate(ratio, a, { epsilon: 0.2 }) <= ratio * a);
    })));
});

describe("tokenSums()", () => {
  it("ignores masked tokens, whatever they hold", () =>
    fc.assert(fc.property(tokens, advantage, (given, a) => {
      const spoiled = (values: ArrayLike<number>) =>
        Array.from(values, (value, j) => given.completionMask[j] === 0 ? NaN : value);
      const bad = {
        perTokenLogps: spoiled(given.perTokenLogps),
        oldPerTokenLogps: spoiled(given.oldPerTokenLogps ?? []),
        refPerTokenLogps: spoiled(given.refPerTokenLogps ?? []),
        completionMask: given.completionMask,
      };
      assert.deepEqual(tokenSums(bad, a, clip), tokenSums(given, a, clip));
    })));
  it("counts clipped tokens by direction", () => {
    const given = { perTokenLogps: [-1, -1, -3], oldPerTokenLogps: [-2, -1, -1], completionMask: [1, 1, 1] };
    const up = tokenSums(given, 1, clip), down = tokenSums(given, -1, clip);
    assert.deepEqual([up.clippedLow, up.clippedHigh, up.tokens], [0, 1, 3]);
    assert.deepEqual([down.clippedLow, down.clippedHigh], [1, 0]);
    near(tokenMeans(up).clipHigh, 1 / 3);
    near(tokenMeans(addSums(up, down)).clipRegion, 1 / 3);
    assert.equal(tokenMeans(NO_TOKENS).kl, 0);
  });
  it("reads absent old log-probs as equal to the current ones", () => {
    const given = { perTokenLogps: [-1, -4], completionMask: [1, 1] };
    assert.deepEqual(
      tokenSums(given, 0.3, clip),
      tokenSums({ ...given, oldPerTokenLogps: [-1, -4] }, 0.3, clip),
    );
    near(tokenSums(given, 0.3, clip).surrogate, 0.6);
  });
});

describe("objectiveLoss()", () => {
  it("equals the printed double sum", () =>
    fc.assert(fc.property(group, (trajectories) => {
      let objective = 0;
      for (const trajectory of trajectories) {
        for (const [kind, weight] of [["understanding", 0.4], ["generation", 0.6]] as const) {
          const { perTokenLogps, oldPerTokenLogps = [], refPerTokenLogps = [], completionMask } =
            trajectory[kind];
          for (let j = 0; j < perTokenLogps.length; j++) {
            const A = trajectory.advantage;
            const D = Math.exp(
              Math.max(-10, Math.min(10, (perTokenLogps[j] as number) - (oldPerTokenLogps[j] as number))),
            );
            const delta = Math.max(
              -10,
              Math.min(10, (refPerTokenLogps[j] as number) - (perTokenLogps[j] as number)),
            );
            const kl = Math.exp(delta) - delta - 1;
            const term = Math.min(D * A, Math.max(0.8, Math.min(1.2, D)) * A) - 0.01 * kl;
            objective += weight * (completionMask[j] as number) * term;
          }
        }
      }
      near(objectiveLoss(trajectories, options).loss, -objective / trajectories.length);
    })));

  it("is 0 with zero advantages and no drift from the reference", () => {
    const still = { perTokenLogps: [-1, -2], refPerTokenLogps: [-1, -2], completionMask: [1, 1] };
    assert.equal(objectiveLoss([{ advantage: 0, understanding: still, generation: still }], options).loss, 0);
  });

  it("divides by the group's tokens of each kind under `tokens`", () => {
    const of = (n: number) => ({ perTokenLogps: Array(n).fill(-1), completionMask: Array(n).fill(1) });
    const trajectories = [
      { advantage: 1, understanding: of(3), generation: of(4) },
      { advantage: -0.5, understanding: of(1), generation: of(4) },
    ];
    const { loss } = objectiveLoss(trajectories, { ...options, beta: 0, lossNormalization: "tokens" });
    near(loss, -(0.4 * (3 - 0.5) / 4 + 0.6 * (4 - 2) / 8));
  });

  it("splits exactly over trajectories and tokens", () =>
    fc.assert(fc.property(group, (trajectories) => {
      const kinds = ["understanding", "generation"] as const;
      const parts = kinds.flatMap((kind) =>
        trajectories.map((trajectory) => {
          const sums = tokenSums(trajectory[kind], trajectory.advantage, clip);
          const scale = tokenScale(options.taskWeights[kind], {
            lossNormalization: "none",
            numGenerations: trajectories.length,
            tokens: Math.max(1, sums.tokens),
          });
          return scale * (clip.beta * sums.kl - sums.surrogate);
        })
      );
      near(objectiveLoss(trajectories, options).loss, parts.reduce((a, b) => a + b, 0));
    })));
});

describe("tokenScale()", () => {
  it("is 0 for a kind without tokens", () =>
    assert.equal(tokenScale(0.4, { lossNormalization: "tokens", numGenerations: 9, tokens: 0 }), 0));
});
