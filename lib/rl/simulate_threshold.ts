/**
 * DSOG without a model: scores drawn from a known distribution, to look at the threshold rules.
 *
 * @module
 */
import { fold, type Key, uniforms } from "../core/key.ts";
import { planScreening, type Screened } from "./screening.ts";
import {
  calibrateThreshold,
  initialThreshold,
  type ThresholdOptions,
  type ThresholdState,
  updateThreshold,
} from "./threshold.ts";

/** What to simulate. */
export interface SimulationOptions {
  readonly key: Key;
  /** Updates to run. */
  readonly updates: number;
  /** T_0; `null` = the `1 − TPR` quantile of the first G scores. */
  readonly initialThreshold: number | null;
  readonly numGenerations: number;
  readonly maxCandidates: number;
  readonly threshold: ThresholdOptions;
}

/** One update of a simulation. */
export interface SimulatedUpdate {
  /** T_i, in force during the update. */
  readonly threshold: number;
  readonly passRate: number;
  readonly passed: number;
  /** Candidates that were started. */
  readonly candidates: number;
  readonly fallbacks: number;
}

/**
 * Runs screening and threshold rule on drawn preview scores.
 *
 * @param quantile The score distribution as its inverse distribution function, from a uniform in [0, 1) and the index of
 * the update, so that it may drift as a policy improves.
 * @param options Length, rule and bounds.
 * @returns One record per update; the same key gives the same records.
 *
 * @example The pass rate settles at its target
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { simulateThreshold } from "./simulate_threshold.ts";
 * import { PAPER_THRESHOLD } from "./threshold.ts";
 * import assert from "node:assert/strict";
 * const updates = simulateThreshold((u) => u, {
 *   key: keyFromSeed(1), updates: 400, initialThreshold: 0.5, numGenerations: 9, maxCandidates: 72,
 *   threshold: PAPER_THRESHOLD,
 * });
 * const late = updates.slice(200);
 * const rate = late.reduce((sum, update) => sum + update.passRate, 0) / late.length;
 * assert.ok(Math.abs(rate - 0.25) < 0.05);
 * ```
 */
export function simulateThreshold(
  quantile: (u: number, update: number) => number,
  options: SimulationOptions,
): readonly SimulatedUpdate[] {
  let state = startOf(quantile, options);
  return Array.from({ length: options.updates }, (_, update) => {
    const draws = drawsOf(options, update);
    const score = (candidate: number): number => quantile(draws[candidate] as number, update);
    const { screened, candidates } = screen(score, { ...options, threshold: state.threshold });
    const record: SimulatedUpdate = {
      threshold: state.threshold,
      passRate: screened.passRate,
      passed: screened.passed,
      candidates,
      fallbacks: screened.fallbacks.length,
    };
    state = updateThreshold(state, screened.passRate, options.threshold);
    return record;
  });
}

const drawsOf = (options: SimulationOptions, update: number): Float32Array =>
  uniforms(fold(options.key, update), Math.max(options.maxCandidates, options.numGenerations));

const startOf = (
  quantile: (u: number, update: number) => number,
  options: SimulationOptions,
): ThresholdState => {
  if (options.initialThreshold !== null) return initialThreshold(options.initialThreshold);
  const first = drawsOf(options, 0).slice(0, options.numGenerations);
  const calibrated = calibrateThreshold(first.map((u) => quantile(u, 0)), options.threshold.targetPassRate);
  return initialThreshold(calibrated._tag === "Right" ? calibrated.right : 0.5);
};

const screen = (
  score: (candidate: number) => number,
  options: { readonly numGenerations: number; readonly maxCandidates: number; readonly threshold: number },
): { readonly screened: Screened; readonly candidates: number } => {
  const scores: number[] = [];
  let step = planScreening(scores, options);
  while (step._tag === "Start") {
    scores.push(...step.candidates.map(score));
    step = planScreening(scores, options);
  }
  return { screened: step, candidates: scores.length };
};
