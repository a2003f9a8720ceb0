/**
 * The rules of DSOG side by side on ten score distributions, without a model.
 *
 * @module
 */
import { fold, type Key } from "../../lib/core/key.ts";
import { type SimulatedUpdate, simulateThreshold } from "../../lib/rl/simulate_threshold.ts";
import { PAPER_THRESHOLD } from "../../lib/rl/threshold.ts";

/** A distribution of preview scores on (0, 1). */
export interface ScoreDistribution {
  readonly name: string;
  /** Inverse distribution function. */
  readonly quantile: (u: number) => number;
}

const logistic = (mean: number, scale: number) => (u: number): number =>
  1 / (1 + Math.exp(-(mean + scale * Math.log((u + 1e-9) / (1 - u)))));

/** Ten stationary distributions: wide, narrow, skewed, off centre, with two humps. */
export const SCORE_DISTRIBUTIONS: readonly ScoreDistribution[] = [
  { name: "uniform", quantile: (u) => u },
  { name: "uniform on (0.2, 0.4)", quantile: (u) => 0.2 + 0.2 * u },
  { name: "uniform on (0.75, 0.95)", quantile: (u) => 0.75 + 0.2 * u },
  { name: "skewed low", quantile: (u) => u ** 3 },
  { name: "skewed high", quantile: (u) => u ** (1 / 3) },
  { name: "narrow around 0.5", quantile: logistic(0, 0.1) },
  { name: "wide around 0.5", quantile: logistic(0, 1) },
  { name: "around 0.25", quantile: logistic(-1.1, 0.3) },
  { name: "around 0.8", quantile: logistic(1.4, 0.3) },
  { name: "two humps", quantile: (u) => u < 0.6 ? 0.1 + 0.3 * u : 0.6 + 0.5 * (u - 0.6) },
];

/** A way to run DSOG. */
export interface DsogVariant {
  readonly name: string;
  readonly rule: "paper" | "released";
  /** Whether T_0 is taken from the first scores; else it is 0.5. */
  readonly calibrated: boolean;
  /** Whether 8 · G candidates are the bound, after which the best rejects fill the group. */
  readonly bounded: boolean;
}

const variant = (
  rule: DsogVariant["rule"],
  options: Pick<DsogVariant, "calibrated" | "bounded">,
): DsogVariant => ({
  name: `${rule}, ${options.calibrated ? "calibrated" : "from 0.5"}${options.bounded ? "" : ", no bound"}`,
  rule,
  ...options,
});

/** Both rules, with and without calibration, with and without the bound. */
export const DSOG_VARIANTS: readonly DsogVariant[] = [true, false].flatMap((bounded) =>
  [true, false].flatMap((calibrated) =>
    (["paper", "released"] as const).map((rule) => variant(rule, { calibrated, bounded }))
  )
);

/** Where a simulation without a bound gives an update up: the released code would go on for ever. */
export const GIVE_UP_BATCHES = 50;

/** What a variant did on a distribution, once it has settled. */
export interface DsogSummary {
  /** Passed over scored candidates in the second half of the updates. */
  readonly passRate: number;
  /** Mean threshold of the second half. */
  readonly threshold: number;
  /** Mean candidates of an update in the second half. */
  readonly candidates: number;
  /** Mean candidates over all updates. */
  readonly candidatesOverall: number;
  /** Updates whose group needed rejects; without a bound: updates that were given up. */
  readonly starved: number;
  /** The first of 20 updates whose pooled pass rate is within 0.05 of the target; `null` = never. */
  readonly settled: number | null;
}

/** One variant on one distribution. */
export interface DsogSimulation {
  readonly distribution: string;
  readonly variant: DsogVariant;
  readonly updates: readonly SimulatedUpdate[];
  readonly summary: DsogSummary;
}

const WINDOW = 20;
const TOLERANCE = 0.05;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const pooled = (updates: readonly SimulatedUpdate[]): number =>
  sumOf(updates.map(({ passed }) => passed)) / sumOf(updates.map(({ candidates }) => candidates));

/**
 * Summarises a simulation.
 *
 * @param updates At least two.
 * @param targetPassRate TPR.
 * @returns Pass rate, threshold and cost of the second half, and when it settled.
 */
export function summariseDsog(updates: readonly SimulatedUpdate[], targetPassRate: number): DsogSummary {
  const late = updates.slice(Math.floor(updates.length / 2));
  const mean = (of: (update: SimulatedUpdate) => number, among: readonly SimulatedUpdate[]): number =>
    sumOf(among.map(of)) / among.length;
  const settled = updates.findIndex((_, index) =>
    index + WINDOW <= updates.length &&
    Math.abs(pooled(updates.slice(index, index + WINDOW)) - targetPassRate) <= TOLERANCE
  );
  return {
    passRate: pooled(late),
    threshold: mean(({ threshold }) => threshold, late),
    candidates: mean(({ candidates }) => candidates, late),
    candidatesOverall: mean(({ candidates }) => candidates, updates),
    starved: updates.filter(({ fallbacks }) => fallbacks > 0).length,
    settled: settled < 0 ? null : settled,
  };
}

/**
 * Simulates every variant on every distribution. All variants of a distribution see the same draws.
 *
 * @param options.updates Updates of each simulation.
 * @param options.numGenerations G; default 9.
 * @returns One simulation per distribution and variant.
 *
 * @example Without a bound and without calibration, scores below the first threshold stall the run
 * ```ts
 * import { keyFromSeed } from "../../lib/core/key.ts";
 * import { simulateDsog } from "./dsog_simulation.ts";
 * import assert from "node:assert/strict";
 * const all = simulateDsog({ key: keyFromSeed(1), updates: 20 });
 * const low = all.filter(({ distribution }) => distribution === "uniform on (0.2, 0.4)");
 * const starved = (name: string) => low.find(({ variant }) => variant.name === name)?.summary.starved ?? NaN;
 * assert.ok(starved("released, from 0.5, no bound") === 20);
 * assert.ok(starved("paper, calibrated") < 10);
 * ```
 */
export function simulateDsog(
  options: { readonly key: Key; readonly updates: number; readonly numGenerations?: number },
): readonly DsogSimulation[] {
  const { key, updates, numGenerations = 9 } = options;
  return SCORE_DISTRIBUTIONS.flatMap(({ name, quantile }) =>
    DSOG_VARIANTS.map((each): DsogSimulation => {
      const simulated = simulateThreshold(quantile, {
        key: fold(key, name),
        updates,
        numGenerations,
        initialThreshold: each.calibrated ? null : 0.5,
        maxCandidates: (each.bounded ? 8 : GIVE_UP_BATCHES) * numGenerations,
        threshold: { ...PAPER_THRESHOLD, rule: each.rule },
      });
      const summary = summariseDsog(simulated, PAPER_THRESHOLD.targetPassRate);
      return { distribution: name, variant: each, updates: simulated, summary };
    })
  );
}
