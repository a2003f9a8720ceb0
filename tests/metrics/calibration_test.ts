import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { keyFromSeed, uniforms } from "../../lib/core/key.ts";
import { calibration, type Forecast } from "../../lib/metrics/calibration.ts";

const forecast = fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() });
const close = (a: number | undefined, b: number): void => assert.ok(Math.abs((a ?? NaN) - b) < 1e-12, `${a}`);

describe("calibration()", () => {
  it("is null without answers, and 0 where probabilities hold", () => {
    assert.equal(calibration([]), null);
    const held: readonly Forecast[] = [true, true, true, false].map((right) => ({ confidence: 0.75, right }));
    assert.equal(calibration(held)?.ece, 0);
  });

  it("weighs the gap of each bin by its size", () => {
    const found = calibration([
      { confidence: 0.92, right: true },
      { confidence: 0.98, right: false },
      { confidence: 0.2, right: false },
      { confidence: 0.2, right: true },
    ], { bins: 10 });
    close(found?.ece, (2 * 0.45 + 2 * 0.3) / 4);
    close(found?.brier, (0.08 ** 2 + 0.98 ** 2 + 0.2 ** 2 + 0.8 ** 2) / 4);
    assert.deepEqual(found?.bins.map(({ count }) => count), [2, 2]);
  });

  it("equals the loop over bins, lies in [0, 1], and does not depend on order", () => {
    fc.assert(fc.property(fc.array(forecast, { minLength: 1, maxLength: 40 }), (forecasts) => {
      const found = calibration(forecasts, { bins: 5 });
      let sum = 0;
      for (let bin = 0; bin < 5; bin++) {
        const own = forecasts.filter(({ confidence }) =>
          confidence * 5 >= bin && (confidence * 5 < bin + 1 || (bin === 4 && confidence === 1))
        );
        const right = own.filter((one) => one.right).length;
        sum += Math.abs(right - own.reduce((total, { confidence }) => total + confidence, 0));
      }
      assert.ok(Math.abs((found?.ece ?? NaN) - sum / forecasts.length) < 1e-9);
      assert.ok((found?.ece ?? 2) <= 1 + 1e-12 && (found?.brier ?? 2) <= 1);
      const turned = calibration(forecasts.toReversed(), { bins: 5 });
      assert.ok(Math.abs((turned?.ece ?? NaN) - (found?.ece ?? NaN)) < 1e-9);
    }));
  });

  it("comes out near 0 for answers that are drawn with their own probabilities", () => {
    const draws = uniforms(keyFromSeed(2), 8000);
    const fair = Array.from({ length: 4000 }, (_, index) => {
      const confidence = draws[2 * index] as number;
      return { confidence, right: (draws[2 * index + 1] as number) < confidence };
    });
    assert.ok((calibration(fair)?.ece ?? 1) < 0.04);
    const boasting = fair.map(({ confidence, right }) => ({ confidence: Math.sqrt(confidence), right }));
    assert.ok((calibration(boasting)?.ece ?? 0) > 0.1);
  });
});
