import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { learningRateAt, scheduleOf } from "../../../lab/pretrain/schedule.ts";

const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-12, `${found}`);

describe("learningRateAt()", () => {
  it("warms up, stays, and falls along a cosine", () => {
    const schedule = { peak: 2, warmup: 4, decay: 0.5, floor: 0.1 };
    const rate = (step: number) => learningRateAt(schedule, step, 20);
    [0.5, 1, 1.5, 2, 2].forEach((expected, step) => near(rate(step), expected));
    near(rate(10), 2);
    near(rate(15), 2 * (0.1 + 0.9 * 0.5));
    near(rate(20), 0.2);
  });
  it("is constant without warm-up and decay", () => {
    const schedule = { peak: 3, warmup: 0, decay: 0, floor: 0 };
    for (const step of [0, 5, 9]) near(learningRateAt(schedule, step, 10), 3);
  });
  it("stays in (0, peak]", () => {
    const shape = fc.record({
      peak: fc.double({ min: 1e-5, max: 1, noNaN: true }),
      warmup: fc.nat(30),
      decay: fc.double({ min: 0, max: 1, noNaN: true }),
      floor: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(fc.property(shape, fc.nat(99), (schedule, step) => {
      const rate = learningRateAt(schedule, step, 100);
      assert.ok(rate > 0 && rate <= schedule.peak * (1 + 1e-12));
    }));
  });
});

describe("scheduleOf()", () => {
  it("renames the fields", () =>
    assert.deepEqual(scheduleOf({ learningRate: 1, warmup: 2, decay: 0.3, floor: 0 }), {
      peak: 1,
      warmup: 2,
      decay: 0.3,
      floor: 0,
    }));
});
