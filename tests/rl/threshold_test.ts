import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import {
  calibrateThreshold,
  initialThreshold,
  PAPER_THRESHOLD,
  THRESHOLD_RANGE,
  type ThresholdOptions,
  type ThresholdState,
  updateThreshold,
} from "../../lib/rl/threshold.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const inside = fc.double({ min: THRESHOLD_RANGE.low, max: THRESHOLD_RANGE.high, noNaN: true });
const state: fc.Arbitrary<ThresholdState> = fc.record({
  threshold: inside,
  previousThreshold: inside,
  trend: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
});
const rule = fc.constantFrom("paper", "released", "bounded") as fc.Arbitrary<ThresholdOptions["rule"]>;
const moved = (from: ThresholdState, passRate: number, options: ThresholdOptions = PAPER_THRESHOLD): number =>
  updateThreshold(from, passRate, options).threshold - from.threshold;
const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} ${b}`);

describe("updateThreshold(), every rule", () => {
  it("never rises when fewer pass", () =>
    fc.assert(fc.property(state, unit, unit, rule, (from, a, b, rule) => {
      const options = { ...PAPER_THRESHOLD, rule };
      assert.ok(moved(from, Math.min(a, b), options) <= moved(from, Math.max(a, b), options) + 1e-15);
    })));
  it("stays inside its range", () =>
    fc.assert(
      fc.property(state, unit, rule, fc.double({ min: 0, max: 5, noNaN: true }), (from, rate, rule, mu) => {
        const { threshold } = updateThreshold(from, rate, { ...PAPER_THRESHOLD, rule, mu });
        assert.ok(threshold >= THRESHOLD_RANGE.low && threshold <= THRESHOLD_RANGE.high);
      }),
    ));
  it("stands still at the target, and without scores", () =>
    fc.assert(fc.property(state, rule, (from, rule) => {
      const options = { ...PAPER_THRESHOLD, rule };
      near(moved(from, options.targetPassRate, options), 0, 1e-15);
      assert.deepEqual(updateThreshold(from, NaN, options), from);
    })));
});

describe("updateThreshold(), paper", () => {
  it("equals the printed formulas over a whole run", () => {
    const rates = [0.1, 0.4, 0.3, 0.9, 0.05, 0, 1, 0.25, 0.6, 0.2];
    const T = [0.5], trend = [0];
    let current = initialThreshold(0.5);
    rates.forEach((rate, i) => {
      const [now, before] = [T[i] as number, T[i - 1] ?? (T[i] as number)];
      const shortfall = 0.25 - rate;
      const last = i === 0 ? 0 : trend[i - 1] as number;
      const damping = last * shortfall > 0 ? 2 : 0;
      T.push(now ** (1 + 0.12 * shortfall / (1 + damping)));
      if (i > 0) trend.push(0.8 * last + 0.2 * (now - before));
      current = updateThreshold(current, rate, PAPER_THRESHOLD);
      near(current.threshold, T[i + 1] as number, 1e-15);
      near(current.trend, trend[i] as number, 1e-15);
    });
  });
  it("damps the exponent to a third exactly when the change goes against the trend", () =>
    fc.assert(fc.property(state, unit, (from, rate) => {
      const shortfall = 0.25 - rate;
      const against = Math.sign(-shortfall) * Math.sign(from.trend) < 0;
      const factor = against ? 1 / 3 : 1;
      const wanted = from.threshold ** (1 + 0.12 * shortfall * factor);
      const bounded = Math.min(THRESHOLD_RANGE.high, Math.max(THRESHOLD_RANGE.low, wanted));
      near(from.threshold + moved(from, rate), bounded, 1e-12);
    })));
});

describe("updateThreshold(), released", () => {
  const options = { ...PAPER_THRESHOLD, rule: "released" } as const;
  const start = initialThreshold(0.5);
  it("proposes the changes of the reference at 0.5", () => {
    // θ' − θ for a pass rate, computed from the released formula.
    const proposals = [[0.1, -0.0062], [0.13, -0.00497], [0.25, 0], [0.37, 0.0050156], [1, 0.0322]] as const;
    for (const [rate, change] of proposals) near(moved(start, rate, PAPER_THRESHOLD), change, 5e-5);
  });
  it("moves by 0.005 or not at all", () => {
    const changes = [0.1, 0.13, 0.25, 0.37, 1].map((rate) => moved(start, rate, options));
    [-0.005, 0, 0, 0.005, 0.005].forEach((change, i) => near(changes[i] as number, change, 1e-12));
  });
});

describe("updateThreshold(), bounded", () => {
  it("follows the power rule up to 0.005", () => {
    const options = { ...PAPER_THRESHOLD, rule: "bounded" } as const;
    const start = initialThreshold(0.5);
    near(moved(start, 0.2, options), 0.5 ** 1.006 - 0.5, 1e-12);
    near(moved(start, 1, options), 0.005, 1e-12);
  });
});

describe("calibrateThreshold()", () => {
  it("lets about the target fraction pass", () =>
    fc.assert(fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 999 }).map((score) => score / 1000), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      (scores, target) => {
        const threshold = calibrateThreshold([...scores, NaN], target);
        assert.ok(E.isRight(threshold));
        const passed = scores.filter((score) => score > threshold.right).length;
        assert.ok(Math.abs(passed - target * scores.length) <= 1 + 1e-9);
      },
    )));
  it("fails without a single score", () => {
    const none = calibrateThreshold([NaN], 0.25);
    assert.ok(E.isLeft(none) && none.left._tag === "RewardFailed");
  });
  it("clamps scores outside of (0, 1)", () =>
    assert.deepEqual(calibrateThreshold([5, 6], 0.5), E.right(THRESHOLD_RANGE.high)));
});
