/**
 * Screening of candidates: which to start, and which to finish, given the preview scores so far.
 *
 * @module
 */

/** The bounds of a screening. */
export interface ScreeningOptions {
  /** G: candidates of a batch, and trajectories of a group. */
  readonly numGenerations: number;
  /** Candidates that a group may cost; fewer than G are read as G. */
  readonly maxCandidates: number;
  /** A preview passes if its score is above; −Infinity switches the screening off. */
  readonly threshold: number;
}

/** A group is chosen. Candidates are numbered in the order in which they started. */
export interface Screened {
  readonly _tag: "Keep";
  /** The G candidates to finish, ascending. */
  readonly kept: readonly number[];
  /** Those among `kept` that did not pass. */
  readonly fallbacks: readonly number[];
  /** All candidates that passed; may exceed G. */
  readonly passed: number;
  /** Candidates with a score. */
  readonly scored: number;
  /** [PR_i] passed / scored; NaN if no candidate has a score. */
  readonly passRate: number;
}

/** What to do next: start these candidates and score their previews, or finish the kept ones. */
export type ScreeningStep = { readonly _tag: "Start"; readonly candidates: readonly number[] } | Screened;

const passes = (score: number, threshold: number): boolean => score > threshold;

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** Better scores first; without a score last; ties in the order of starting. */
const byScore = (scores: ArrayLike<number>) => (a: number, b: number): number => {
  const [left, right] = [a, b].map((index) => {
    const score = scores[index] as number;
    return Number.isNaN(score) ? -Infinity : score;
  }) as [number, number];
  return left === right ? a - b : right - left;
};

/**
 * Plans the next step of a screening: the transition function of a state machine whose state is the list of scores.
 *
 * Batches of G start until G candidates passed or `maxCandidates` are spent. Of more than G that passed, the first G are
 * kept, as one by one rejection would; if fewer passed, the best-scored rejects fill the group.
 *
 * @param scores Preview scores of the candidates started so far, in order; NaN = could not be scored, does not pass.
 * @param options G, the bound and the threshold.
 * @returns `Start` with the next candidates, at first `0 … G − 1`; or `Keep`, always with G candidates.
 *
 * @example A second batch is needed, then one reject fills the group
 * ```ts
 * import { planScreening } from "./screening.ts";
 * import assert from "node:assert/strict";
 * const options = { numGenerations: 2, maxCandidates: 4, threshold: 0.5 };
 * assert.deepEqual(planScreening([], options), { _tag: "Start", candidates: [0, 1] });
 * assert.deepEqual(planScreening([0.9, 0.1], options), { _tag: "Start", candidates: [2, 3] });
 * const outcome = planScreening([0.9, 0.1, 0.2, 0.3], options);
 * assert.ok(outcome._tag === "Keep");
 * assert.deepEqual([outcome.kept, outcome.fallbacks, outcome.passRate], [[0, 3], [3], 0.25]);
 * ```
 *
 * Source: UniCTokens-R1, §3.3.1; the bound and the fallback are ours (the released code loops for ever).
 */
export function planScreening(scores: ArrayLike<number>, options: ScreeningOptions): ScreeningStep {
  const { numGenerations, threshold } = options;
  const limit = Math.max(options.maxCandidates, numGenerations);
  const started = range(0, scores.length);
  const passed = started.filter((index) => passes(scores[index] as number, threshold));
  if (passed.length < numGenerations && started.length < limit) {
    return {
      _tag: "Start",
      candidates: range(started.length, Math.min(limit, started.length + numGenerations)),
    };
  }
  const accepted = passed.slice(0, numGenerations);
  const rejects = started.filter((index) => !passes(scores[index] as number, threshold)).sort(
    byScore(scores),
  );
  const fallbacks = rejects.slice(0, numGenerations - accepted.length).sort((a, b) => a - b);
  const scored = started.filter((index) => !Number.isNaN(scores[index])).length;
  return {
    _tag: "Keep",
    kept: [...accepted, ...fallbacks].sort((a, b) => a - b),
    fallbacks,
    passed: passed.length,
    scored,
    passRate: scored === 0 ? NaN : passed.length / scored,
  };
}
