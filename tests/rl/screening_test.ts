import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  planScreening,
  type Screened,
  SCREENING_RULES,
  type ScreeningOptions,
  type ScreeningRule,
} from "../../lib/rl/screening.ts";

const options: ScreeningOptions = { numGenerations: 3, maxCandidates: 8, threshold: 0.5 };
const settings = fc.record({
  numGenerations: fc.integer({ min: 1, max: 5 }),
  maxCandidates: fc.integer({ min: 1, max: 20 }),
  threshold: fc.double({ min: 0, max: 1, noNaN: true }),
});
const score = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
);
const stream = fc.array(score, { minLength: 30, maxLength: 30 });

/** Runs the machine to its end on a stream of scores. */
const run = (
  scores: readonly number[],
  given: ScreeningOptions,
  plan: ScreeningRule["plan"] = planScreening,
): { seen: number[]; outcome: Screened } => {
  const seen: number[] = [];
  for (;;) {
    const step = plan(seen, given);
    if (step._tag === "Keep") return { seen, outcome: step };
    assert.deepEqual(step.candidates[0], seen.length);
    assert.ok(step.candidates.length >= 1 && step.candidates.length <= given.numGenerations);
    seen.push(...step.candidates.map((candidate) => scores[candidate] as number));
  }
};

describe("planScreening()", () => {
  it("ends with exactly G distinct candidates, within the bound", () =>
    fc.assert(fc.property(stream, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given);
      assert.equal(new Set(outcome.kept).size, given.numGenerations);
      assert.ok(seen.length <= Math.max(given.maxCandidates, given.numGenerations));
      assert.deepEqual(outcome.kept, [...outcome.kept].sort((a, b) => a - b));
    })));

  it("keeps what passed before any reject, and the first of them", () =>
    fc.assert(fc.property(stream, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given);
      const passed = seen.flatMap((value, index) => value > given.threshold ? [index] : []);
      const accepted = outcome.kept.filter((index) => !outcome.fallbacks.includes(index));
      assert.deepEqual(accepted, passed.slice(0, given.numGenerations));
      assert.equal(outcome.passed, passed.length);
      assert.equal(outcome.fallbacks.length, Math.max(0, given.numGenerations - passed.length));
    })));

  it("fills up with the best-scored rejects, those without a score last", () =>
    fc.assert(fc.property(stream, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given);
      const value = (index: number): number => Number.isNaN(seen[index]) ? -1 : seen[index] as number;
      const left = seen.flatMap((_, index) =>
        outcome.kept.includes(index) || value(index) > given.threshold ? [] : [index]
      );
      for (const chosen of outcome.fallbacks) {
        for (const other of left) assert.ok(value(chosen) >= value(other));
      }
    })));

  it("spends all candidates before it falls back", () =>
    fc.assert(fc.property(stream, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given);
      if (outcome.fallbacks.length > 0) {
        assert.equal(seen.length, Math.max(given.maxCandidates, given.numGenerations));
      }
    })));

  it("divides passed by scored candidates", () => {
    const outcome = planScreening([0.9, NaN, 0.1, 0.8, 0.2, 0.7], options);
    assert.ok(outcome._tag === "Keep");
    assert.deepEqual([outcome.kept, outcome.passed, outcome.scored, outcome.passRate], [
      [0, 3, 5],
      3,
      5,
      0.6,
    ]);
  });

  it("keeps a whole group that nothing could score, with NaN as pass rate", () => {
    const outcome = planScreening([NaN, NaN, NaN], { ...options, maxCandidates: 3 });
    assert.ok(outcome._tag === "Keep");
    assert.deepEqual([outcome.kept, outcome.fallbacks, outcome.passRate], [[0, 1, 2], [0, 1, 2], NaN]);
  });

  it("takes the first batch as it is at threshold −Infinity", () => {
    const outcome = planScreening([0.1, 0.2, 0.3], { ...options, threshold: -Infinity });
    assert.ok(outcome._tag === "Keep");
    assert.deepEqual([outcome.kept, outcome.fallbacks], [[0, 1, 2], []]);
  });

  it("does not let a score equal to the threshold pass", () =>
    assert.deepEqual(planScreening([0.5, 0.5, 0.5], options), { _tag: "Start", candidates: [3, 4, 5] }));

  it("starts a short last batch up to the bound", () =>
    assert.deepEqual(planScreening([0, 0, 0, 0, 0, 0], options), { _tag: "Start", candidates: [6, 7] }));
});

const inside = fc.constantFrom(SCREENING_RULES.quantile, SCREENING_RULES.extremes);
const whole = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(NaN)), {
  minLength: 30,
  maxLength: 30,
});
const defined = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 });

describe("SCREENING_RULES inside the group", () => {
  it("cost the same whatever the scores, and end with G candidates without rejects", () =>
    fc.assert(fc.property(defined, settings, inside, (scores, given, { plan }) => {
      const { seen, outcome } = run(scores, given, plan);
      assert.equal(seen.length, Math.max(given.maxCandidates, given.numGenerations));
      assert.equal(new Set(outcome.kept).size, given.numGenerations);
      assert.deepEqual([outcome.fallbacks, outcome.passed], [[], given.numGenerations]);
      assert.equal(outcome.passRate, given.numGenerations / seen.length);
    })));
  it("look at ranks alone: a prompt whose pictures all score higher is screened alike", () =>
    fc.assert(fc.property(whole, settings, inside, (scores, given, { plan }) => {
      const higher = scores.map((value) => 2 * value + 3);
      assert.deepEqual(run(higher, given, plan).outcome, run(scores, given, plan).outcome);
    })));
  it("quantile: no candidate that was left scores above a kept one", () =>
    fc.assert(fc.property(stream, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given, SCREENING_RULES.quantile.plan);
      const value = (index: number): number => Number.isNaN(seen[index]) ? -1 : seen[index] as number;
      const lowest = Math.min(...outcome.kept.map(value));
      seen.forEach((_, index) => assert.ok(outcome.kept.includes(index) || value(index) <= lowest));
    })));
  it("extremes: the kept reach from the best to the worst, and nothing between them was closer to an end", () =>
    fc.assert(fc.property(defined, settings, (scores, given) => {
      const { seen, outcome } = run(scores, given, SCREENING_RULES.extremes.plan);
      const values = outcome.kept.map((index) => seen[index] as number);
      assert.equal(Math.max(...values), Math.max(...seen));
      if (given.numGenerations > 1) assert.equal(Math.min(...values), Math.min(...seen));
      const ordered = values.toSorted((a, b) => b - a);
      const top = Math.ceil(given.numGenerations / 2);
      const [lowestTop, highestRest] = [ordered[top - 1] as number, ordered[top] ?? -Infinity];
      seen.forEach((score, index) =>
        assert.ok(outcome.kept.includes(index) || (score <= lowestTop && score >= highestRest))
      );
    })));
  it("start G / TPR candidates, at most eight batches; the paper's up to eight batches", () => {
    const needed = (name: keyof typeof SCREENING_RULES, targetPassRate: number): number =>
      SCREENING_RULES[name].candidates({ numGenerations: 9, targetPassRate });
    assert.deepEqual([0.25, 0.3, 0.5, 1, 0].map((rate) => needed("quantile", rate)), [36, 30, 18, 9, 72]);
    assert.deepEqual([needed("extremes", 0.25), needed("paper", 0.25)], [36, 72]);
  });
  it("fill up with candidates that nothing could score only where others are missing", () => {
    const outcome = SCREENING_RULES.extremes.plan([NaN, 0.2, NaN, 0.9], {
      numGenerations: 3,
      maxCandidates: 4,
      threshold: NaN,
    });
    assert.ok(outcome._tag === "Keep");
    assert.deepEqual([outcome.kept, outcome.fallbacks, outcome.passRate], [[0, 1, 3], [0], 1]);
  });
});
