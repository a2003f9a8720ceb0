/**
 * The adaptive threshold of DSOG: raised when too many previews pass, lowered when too few do.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";

/**
 * `paper`: the power rule with a damped exponent · `released`: fixed steps of 0.005 with a dead zone, as in the public code ·
 * `bounded`: the undamped power rule, limited to 0.005 a step, as the public code describes itself.
 */
export type ThresholdRule = "paper" | "released" | "bounded";

/** What the rules need; symbols of the paper in brackets. */
export interface ThresholdOptions {
  readonly rule: ThresholdRule;
  /** [TPR] wanted fraction of previews that pass, in (0, 1). */
  readonly targetPassRate: number;
  /** [μ] speed. */
  readonly mu: number;
  /** [η] memory of the trend, in [0, 1). */
  readonly eta: number;
  /** [σ] damping of changes against the trend, ≥ 0. */
  readonly sigma: number;
}

/** What an update needs of the past; part of the checkpoint. */
export interface ThresholdState {
  /** [T_i] the threshold in force, in [0.001, 0.999]. */
  readonly threshold: number;
  /** [T_{i−1}] */
  readonly previousThreshold: number;
  /** [τ_{i−1}] moving average of the changes of the threshold. */
  readonly trend: number;
}

/** The paper's values; the pass rate and speed are those of the released code, too. */
export const PAPER_THRESHOLD: ThresholdOptions = {
  rule: "paper",
  targetPassRate: 0.25,
  mu: 0.12,
  eta: 0.8,
  sigma: 2,
};

/** The range of a threshold: at 0 and 1 a power rule would stand still for ever. */
export const THRESHOLD_RANGE = { low: 1e-3, high: 1 - 1e-3 } as const;

/** The step, and the edge of the dead zone, of the released rule. */
const RELEASED_STEP = 0.005;

const clampThreshold = (value: number): number =>
  Math.min(THRESHOLD_RANGE.high, Math.max(THRESHOLD_RANGE.low, value));

/**
 * Starts without a trend: `τ_0 = 0`.
 *
 * @param threshold T_0; clamped to [0.001, 0.999].
 * @returns The state before the first update.
 */
export function initialThreshold(threshold: number): ThresholdState {
  const start = clampThreshold(threshold);
  return { threshold: start, previousThreshold: start, trend: 0 };
}

/** δ_i. Source: UniCTokens-R1, eq 10, where the product `τ_{i−1} Δ_i` is printed; that its sign decides is our reading. */
const dampingOf = (trend: number, shortfall: number, sigma: number): number =>
  Math.sign(trend) * Math.sign(shortfall) > 0 ? sigma : 0;

/** Where the power rule wants the threshold, its exponent divided by 1 + damping. */
const powered = (threshold: number, shortfall: number, { mu }: ThresholdOptions, damping = 0): number =>
  threshold ** (1 + (mu * shortfall) / (1 + damping));

/**
 * A rule: where it wants the next threshold, before it is clamped.
 *
 * @param state What the last update left.
 * @param shortfall Δ_i = TPR − PR_i, in [−1, 1].
 * @param options TPR, μ, η, σ.
 */
export type ThresholdMove = (state: ThresholdState, shortfall: number, options: ThresholdOptions) => number;

/** The rules by name. */
export const THRESHOLD_RULES: Readonly<Record<ThresholdRule, ThresholdMove>> = {
  paper: ({ threshold, trend }, shortfall, options) =>
    powered(threshold, shortfall, options, dampingOf(trend, shortfall, options.sigma)),
  released: ({ threshold }, shortfall, options) => {
    const change = powered(threshold, shortfall, options) - threshold;
    return Math.abs(change) > RELEASED_STEP ? threshold + Math.sign(change) * RELEASED_STEP : threshold;
  },
  bounded: ({ threshold }, shortfall, options) => {
    const change = powered(threshold, shortfall, options) - threshold;
    return threshold + Math.sign(change) * Math.min(Math.abs(change), RELEASED_STEP);
  },
};

/**
 * Moves the threshold after an update.
 *
 * ```text
 * Δ_i = TPR − PR_i
 * δ_i = σ if τ_{i−1} Δ_i > 0 (the wanted change, of sign −Δ_i, goes against the trend), else 0
 * T_{i+1} = T_i ^ (1 + μ Δ_i / (1 + δ_i))
 * τ_i = η τ_{i−1} + (1 − η) (T_i − T_{i−1})
 * ```
 *
 * @param state What the last update left.
 * @param passRate PR_i, passed over scored candidates, in [0, 1]; NaN (nothing scored) leaves the state as it is.
 * @param options The rule and its constants.
 * @returns The state for the next update; the threshold stays in [0.001, 0.999].
 *
 * @example Too few passed, so the threshold falls; too many, so it rises
 * ```ts
 * import { initialThreshold, PAPER_THRESHOLD, updateThreshold } from "./threshold.ts";
 * import assert from "node:assert/strict";
 * const start = initialThreshold(0.5);
 * assert.ok(updateThreshold(start, 0.1, PAPER_THRESHOLD).threshold < 0.5);
 * assert.ok(updateThreshold(start, 0.9, PAPER_THRESHOLD).threshold > 0.5);
 * assert.equal(updateThreshold(start, 0.25, PAPER_THRESHOLD).threshold, 0.5);
 * ```
 *
 * Source: UniCTokens-R1, eq 9, §3.3.1. The printed equation is damaged; this reading agrees with every readable symbol.
 */
export function updateThreshold(
  state: ThresholdState,
  passRate: number,
  options: ThresholdOptions,
): ThresholdState {
  if (Number.isNaN(passRate)) return state;
  const shortfall = options.targetPassRate - passRate;
  const change = state.threshold - state.previousThreshold;
  return {
    threshold: clampThreshold(THRESHOLD_RULES[options.rule](state, shortfall, options)),
    previousThreshold: state.threshold,
    trend: options.eta * state.trend + (1 - options.eta) * change,
  };
}

/**
 * Chooses a first threshold from scores: the `1 − TPR` quantile, linear between neighbours.
 *
 * @param scores Preview scores; NaN is left out.
 * @param targetPassRate TPR.
 * @returns A threshold that a fraction TPR of the scores (rounded up, if they differ) exceeds, clamped to [0.001, 0.999]. Left
 * `RewardFailed` if no preview could be scored.
 *
 * @example
 * ```ts
 * import { calibrateThreshold } from "./threshold.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * assert.deepEqual(calibrateThreshold([0.1, 0.2, 0.3, 0.4, 0.5], 0.25), E.right(0.4));
 * ```
 */
export function calibrateThreshold(scores: ArrayLike<number>, targetPassRate: number): Checked<number> {
  const sorted = Array.from(scores).filter((score) => !Number.isNaN(score)).sort((a, b) => a - b);
  if (sorted.length === 0) {
    return E.left({
      _tag: "RewardFailed",
      expert: "preview",
      problem: "no preview of the first batch has a score",
    });
  }
  const position = (sorted.length - 1) * (1 - targetPassRate);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return E.right(clampThreshold(below + (above - below) * (position - Math.floor(position))));
}
