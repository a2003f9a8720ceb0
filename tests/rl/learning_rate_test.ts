import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { learningRateFactor, type LearningRateSchedule } from "../../lib/rl/learning_rate.ts";

const SCHEDULES: readonly LearningRateSchedule[] = ["constant", "linear", "cosine"];

describe("learningRateFactor()", () => {
  it("is 1 all along by default", () => {
    const options = { schedule: "constant", warmupSteps: 0, maxSteps: 3 } as const;
    assert.deepEqual([0, 1, 2].map((step) => learningRateFactor(step, options)), [1, 1, 1]);
  });
  it("lies in (0, 1], rises in the warm-up and never after it", () => {
    const run = fc.record({
      schedule: fc.constantFrom(...SCHEDULES),
      warmupSteps: fc.nat(10),
      maxSteps: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(fc.property(run, (options) => {
      const factors = Array.from(
        { length: options.maxSteps },
        (_, step) => learningRateFactor(step, options),
      );
      assert.ok(factors.every((factor) => factor > 0 && factor <= 1));
      factors.forEach((factor, step) => {
        const before = factors[step - 1];
        if (before === undefined) return;
        assert.ok(step <= options.warmupSteps ? factor > before : factor <= before);
      });
    }));
  });
  it("halves in the middle of both schedules", () => {
    for (const schedule of ["linear", "cosine"] as const) {
      const middle = learningRateFactor(5, { schedule, warmupSteps: 0, maxSteps: 10 });
      assert.ok(Math.abs(middle - 0.5) < 1e-12);
    }
  });
  it("stays above 0 where a run goes on beyond the warm-up alone", () => {
    assert.equal(learningRateFactor(7, { schedule: "linear", warmupSteps: 20, maxSteps: 10 }), 8 / 21);
  });
});
