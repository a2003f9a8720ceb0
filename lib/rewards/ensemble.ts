/**
 * The ensemble: one reward from the scores of several experts.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Category } from "../concept/concept.ts";
import type { Checked } from "../core/stage.ts";

/** The weight of each expert by name, ≥ 0: one number, or one per category. */
export type RewardWeights = Readonly<Record<string, number | Readonly<Record<Category, number>>>>;

/** The weights of the paper: (.4, .3, .3, 0), for humans (.4, .2, .2, .2). */
export const PAPER_WEIGHTS = {
  tier: 0.4,
  ber: { human: 0.2, animal: 0.3, object: 0.3 },
  der: { human: 0.2, animal: 0.3, object: 0.3 },
  fer: { human: 0.2, animal: 0, object: 0 },
} as const satisfies RewardWeights;

/**
 * Reads the weight of an expert for a category.
 *
 * @param category The category of the concept.
 * @returns The weight; 0 if the expert has none.
 */
export function weightOf(weights: RewardWeights, name: string, category: Category): number {
  const weight = weights[name] ?? 0;
  return typeof weight === "number" ? weight : weight[category];
}

/**
 * Adds up the scores of one trajectory.
 *
 * `R = Σ w_m s_m / Σ w_m`, both sums over the experts that are defined: for the paper's weights, which sum to 1, the plain
 * weighted sum, and the remaining weights renormalised where an expert does not apply.
 *
 * @param scores One score per expert; NaN = undefined.
 * @param weights One weight per expert, ≥ 0.
 * @returns The reward, between the smallest and the largest score that counts; NaN if none does.
 *
 * @example Without a face the other weights are scaled up
 * ```ts
 * import { totalReward } from "./ensemble.ts";
 * import assert from "node:assert/strict";
 * assert.equal(totalReward([1, 0.5, 0.5, NaN], [0.4, 0.2, 0.2, 0.2]).toFixed(4), "0.7500");
 * ```
 *
 * Source: UniCTokens-R1, eq 11–12.
 */
export function totalReward(scores: ArrayLike<number>, weights: ArrayLike<number>): number {
  let sum = 0, weightSum = 0;
  for (let expert = 0; expert < scores.length; expert++) {
    const [score, weight] = [scores[expert] as number, weights[expert] as number];
    if (Number.isNaN(score) || weight === 0) continue;
    sum += weight * score;
    weightSum += weight;
  }
  return weightSum === 0 ? NaN : sum / weightSum;
}

const badWeight = (weight: RewardWeights[string]): boolean =>
  (typeof weight === "number" ? [weight] : Object.values(weight)).some((value) =>
    !(value >= 0 && value < Infinity)
  );

/**
 * Checks that experts and weights belong together.
 *
 * @returns Nothing; Left `RewardFailed` for a repeated name, an expert without a weight, a weight without an expert unless
 * it is 0, or a weight that is negative or not finite.
 */
export function checkWeights(names: readonly string[], weights: RewardWeights): Checked<void> {
  const fail = (expert: string, problem: string): Checked<void> =>
    E.left({ _tag: "RewardFailed", expert, problem });
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) return fail(repeated, "two experts have this name; rename one");
  const unweighted = names.find((name) => weights[name] === undefined);
  if (unweighted !== undefined) return fail(unweighted, "has no weight; give it one, or 0 to log it only");
  for (const [name, weight] of Object.entries(weights)) {
    if (badWeight(weight)) return fail(name, `has the weight ${JSON.stringify(weight)}; weights are ≥ 0`);
    const counts = typeof weight === "number" ? weight > 0 : Object.values(weight).some((value) => value > 0);
    if (counts && !names.includes(name)) return fail(name, "has a weight but is not among the experts");
  }
  return E.right(undefined);
}
