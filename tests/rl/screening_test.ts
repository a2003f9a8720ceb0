import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { planScreening, type Screened, type ScreeningOptions } from "../../lib/rl/screening.ts";

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
const run = (scores: readonly number[], given: ScreeningOptions): { seen: number[]; outcome: Screened } => {
  const seen: number[] = [];
  for (;;) {
    const step = planScreening(seen, given);
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
