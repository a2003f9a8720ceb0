/**
 * Screening of candidates: which to start, and which to finish, given the preview scores so far.
 *
 * @module
 */
import type { ThresholdRule } from "./threshold.ts";

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

/** The next candidates: a batch of G, or what is left up to the bound. */
const nextBatch = (started: number, limit: number, numGenerations: number): ScreeningStep => ({
  _tag: "Start",
  candidates: range(started, Math.min(limit, started + numGenerations)),
});

/** A chosen group with its counts. */
const keep = (
  scores: ArrayLike<number>,
  { kept, fallbacks, passed }: Pick<Screened, "kept" | "fallbacks" | "passed">,
): Screened => {
  const scored = range(0, scores.length).filter((index) => !Number.isNaN(scores[index])).length;
  return {
    _tag: "Keep",
    kept: [...kept].sort((a, b) => a - b),
    fallbacks: [...fallbacks].sort((a, b) => a - b),
    passed,
    scored,
    passRate: scored === 0 ? NaN : passed / scored,
  };
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
    return nextBatch(started.length, limit, numGenerations);
  }
  const accepted = passed.slice(0, numGenerations);
  const rejects = started.filter((index) => !passes(scores[index] as number, threshold)).sort(
    byScore(scores),
  );
  const fallbacks = rejects.slice(0, numGenerations - accepted.length);
  return keep(scores, { kept: [...accepted, ...fallbacks], fallbacks, passed: passed.length });
}

/** Which candidates are kept, at most G of `ranked`: those with a score, from the best to the worst. */
type Choice = (ranked: readonly number[], numGenerations: number) => readonly number[];

/** The G best. */
const best: Choice = (ranked, numGenerations) => ranked.slice(0, numGenerations);

/** The better half of G from the top, the rest from the bottom: what differs most stays together. */
const bestAndWorst: Choice = (ranked, numGenerations) => {
  const top = Math.ceil(numGenerations / 2);
  const rest = ranked.slice(top);
  return [...ranked.slice(0, top), ...rest.slice(Math.max(0, rest.length - (numGenerations - top)))];
};

/**
 * A screening inside the group: `maxCandidates` start, in batches of G, and ranks alone decide. Candidates without a score
 * stay only where others are missing, and count as fallbacks.
 */
function planInsideGroup(choose: Choice): ScreeningRule["plan"] {
  return (scores, { numGenerations, maxCandidates }) => {
    const limit = Math.max(maxCandidates, numGenerations);
    if (scores.length < limit) return nextBatch(scores.length, limit, numGenerations);
    const started = range(0, scores.length);
    const ranked = started.filter((index) => !Number.isNaN(scores[index])).sort(byScore(scores));
    const chosen = choose(ranked, numGenerations);
    const unscored = started.filter((index) => Number.isNaN(scores[index]));
    const fallbacks = unscored.slice(0, numGenerations - chosen.length);
    return keep(scores, { kept: [...chosen, ...fallbacks], fallbacks, passed: chosen.length });
  };
}

/** Names of the rules by which a group is filled. */
export type ScreeningRuleName = ThresholdRule | "quantile" | "extremes";

/** A rule by which a group is filled. */
export interface ScreeningRule {
  /** What starts next, or what is kept. */
  readonly plan: (scores: ArrayLike<number>, options: ScreeningOptions) => ScreeningStep;
  /** How the threshold moves from update to update; `null`: the rule compares candidates of one group and has none. */
  readonly threshold: ThresholdRule | null;
  /** Candidates that start at most if no other bound is given. */
  readonly candidates: (options: BudgetOptions) => number;
}

/** What the bound of candidates depends on. */
export interface BudgetOptions {
  /** G. */
  readonly numGenerations: number;
  /** [TPR] wanted share of candidates that are kept, in [0, 1]. */
  readonly targetPassRate: number;
}

/** Batches of G that start at most. */
const MOST_BATCHES = 8;

const withThreshold = (rule: ThresholdRule): ScreeningRule => ({
  plan: planScreening,
  threshold: rule,
  candidates: ({ numGenerations }) => MOST_BATCHES * numGenerations,
});

const insideGroup = (choose: Choice): ScreeningRule => ({
  plan: planInsideGroup(choose),
  threshold: null,
  candidates: ({ numGenerations, targetPassRate }) =>
    Math.min(MOST_BATCHES * numGenerations, Math.ceil(numGenerations / targetPassRate - 1e-9)),
});

/**
 * The rules: three with a threshold that moves (`threshold.ts`), two inside the group.
 *
 * `quantile` starts G / TPR candidates and keeps the G best; `extremes` starts as many and keeps the best ⌈G / 2⌉ and the worst
 * ⌊G / 2⌋. Both cost the same for every prompt, and no prompt can starve because another scores higher.
 *
 * @example Two of four stay
 * ```ts
 * import { SCREENING_RULES } from "./screening.ts";
 * import assert from "node:assert/strict";
 * const { quantile, extremes } = SCREENING_RULES;
 * const options = { numGenerations: 2, maxCandidates: 4, threshold: NaN };
 * const keptBy = (rule: typeof quantile) => {
 *   const outcome = rule.plan([0.9, 0.1, 0.8, 0.3], options);
 *   return outcome._tag === "Keep" ? outcome.kept : [];
 * };
 * assert.deepEqual([keptBy(quantile), keptBy(extremes)], [[0, 2], [0, 1]]);
 * assert.equal(quantile.candidates({ numGenerations: 9, targetPassRate: 0.25 }), 36);
 * ```
 */
export const SCREENING_RULES: Readonly<Record<ScreeningRuleName, ScreeningRule>> = {
  paper: withThreshold("paper"),
  released: withThreshold("released"),
  bounded: withThreshold("bounded"),
  quantile: insideGroup(best),
  extremes: insideGroup(bestAndWorst),
};
