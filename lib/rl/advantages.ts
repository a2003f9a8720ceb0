/**
 * From rewards to advantages: each trajectory against the mean of its group.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";

/**
 * Which spread divides the centred reward: `none` (Dr.GRPO, the paper), that of the `group` (GRPO), or that of the whole
 * `batch`.
 */
export type ScaleRewards = "none" | "group" | "batch";

/** What {@link groupAdvantages} needs to know beside the rewards. */
export interface AdvantageOptions {
  /** G, the trajectories of a group, ≥ 1. */
  readonly numGenerations: number;
  /** Default `none`. */
  readonly scaleRewards?: ScaleRewards;
}

/** Added to a spread before dividing by it, as in TRL. */
export const SPREAD_FLOOR = 1e-4;

const groupsOf = (rewards: ArrayLike<number>, numGenerations: number): readonly (readonly number[])[] =>
  Array.from(
    { length: rewards.length / numGenerations },
    (_, group) =>
      Array.from({ length: numGenerations }, (_, i) => rewards[group * numGenerations + i] as number),
  );

const defined = (values: readonly number[]): readonly number[] =>
  values.filter((value) => !Number.isNaN(value));

const isFlat = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

const meanOf = (values: readonly number[]): number =>
  isFlat(values) ? values[0] ?? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation with the n − 1 denominator; 0 for fewer than two values. */
const spreadOf = (values: readonly number[]): number => {
  if (values.length < 2 || isFlat(values)) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
};

const checkRewards = (rewards: ArrayLike<number>, numGenerations: number): Checked<void> => {
  const whole = Number.isSafeInteger(numGenerations) && numGenerations >= 1 &&
    rewards.length % numGenerations === 0;
  if (!whole) {
    const expected = `a multiple of ${numGenerations} (num_generations)`;
    return E.left({ _tag: "ShapeMismatch", what: "rewards", expected, found: [rewards.length] });
  }
  const infinite = Array.from(rewards).findIndex((reward) => Math.abs(reward) === Infinity);
  if (infinite < 0) return E.right(undefined);
  return E.left({
    _tag: "RewardFailed",
    expert: "total",
    problem: `trajectory ${infinite} has an infinite reward`,
  });
};

/**
 * Centres each reward on the mean of its group.
 *
 * `A_i = R_i − mean(R over the group)`, divided by nothing (Dr.GRPO) unless `scaleRewards` says otherwise; then by
 * `std + 1e-4` with the n − 1 standard deviation. Without the division a group of near-equal rewards is not blown up.
 *
 * @param rewards Rewards, `[B · G]`, higher is better; NaN = no expert could score the trajectory.
 * @param options G and the scaling.
 * @returns Advantages, `[B · G]`; a NaN reward gives 0 and is left out of mean and spread. Left `ShapeMismatch` if the
 * length is no multiple of G, `RewardFailed` for an infinite reward.
 *
 * @example One winner, and one trajectory that could not be scored
 * ```ts
 * import { groupAdvantages } from "./advantages.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * const advantages = groupAdvantages([1, 0, 0.5, NaN], { numGenerations: 4 });
 * assert.deepEqual(advantages, E.right(Float64Array.of(0.5, -0.5, 0, 0)));
 * ```
 *
 * Source: UniCTokens-R1, §3.2; scaling options and the 1e-4 as in TRL's GRPOTrainer.
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  options: AdvantageOptions,
): Checked<Float64Array> {
  const { numGenerations, scaleRewards = "none" } = options;
  const checked = checkRewards(rewards, numGenerations);
  if (E.isLeft(checked)) return checked;
  const batchSpread = spreadOf(defined(Array.from(rewards)));
  const divisor = (scored: readonly number[]): number => {
    if (scaleRewards === "none") return 1;
    return (scaleRewards === "group" ? spreadOf(scored) : batchSpread) + SPREAD_FLOOR;
  };
  const advantages = groupsOf(rewards, numGenerations).flatMap((group) => {
    const scored = defined(group);
    const mean = meanOf(scored);
    const scale = divisor(scored);
    return group.map((reward) => Number.isNaN(reward) ? 0 : (reward - mean) / scale);
  });
  return E.right(Float64Array.from(advantages));
}

/**
 * Counts the groups that give no gradient because all their rewards are equal.
 *
 * @param rewards Rewards, `[B · G]`; NaN is left out, so a group with at most one scored trajectory counts.
 * @param numGenerations G.
 * @returns A fraction in [0, 1], the metric `frac_reward_zero_std`; NaN without groups. Left as in
 * {@link groupAdvantages}.
 *
 * @example
 * ```ts
 * import { fracRewardZeroStd } from "./advantages.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * assert.deepEqual(fracRewardZeroStd([1, 1, 0, 1], 2), E.right(0.5));
 * ```
 */
export function fracRewardZeroStd(rewards: ArrayLike<number>, numGenerations: number): Checked<number> {
  const checked = checkRewards(rewards, numGenerations);
  if (E.isLeft(checked)) return checked;
  const groups = groupsOf(rewards, numGenerations);
  return E.right(groups.filter((group) => isFlat(defined(group))).length / groups.length);
}

/**
 * Describes the rewards of a batch for the log.
 *
 * @param rewards Rewards; NaN is left out.
 * @returns Mean (NaN if nothing was scored), n − 1 standard deviation (0 for fewer than two) and how many were scored.
 */
export function rewardSpread(
  rewards: ArrayLike<number>,
): { readonly mean: number; readonly std: number; readonly scored: number } {
  const scored = defined(Array.from(rewards));
  return { mean: scored.length === 0 ? NaN : meanOf(scored), std: spreadOf(scored), scored: scored.length };
}
