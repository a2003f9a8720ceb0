import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { fold, keyFromSeed, shuffle } from "../../lib/core/key.ts";
import { drawingProbabilities, imageTokenMasks, selectTimesteps } from "../../lib/rl/image_tokens.ts";

const MASK = -1;
/** A decoding of N positions in T steps: the states before each step, unknown positions shrinking to none. */
const decoding = fc.record({
  positions: fc.integer({ min: 1, max: 20 }),
  timesteps: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(),
}).map(({ positions, timesteps, seed }) => {
  const order = shuffle(keyFromSeed(seed), Array.from({ length: positions }, (_, n) => n));
  return Array.from({ length: timesteps }, (_, step) => {
    const unknown = new Set(order.slice(Math.floor((positions * step) / timesteps)));
    return Array.from({ length: positions }, (_, n) => unknown.has(n) ? MASK : n);
  });
});
const total = (masks: readonly Float32Array[]): number =>
  masks.flatMap((mask) => [...mask]).reduce((a, b) => a + b, 0);

describe("imageTokenMasks()", () => {
  it("marks every position under `all`", () =>
    fc.assert(fc.property(decoding, (states) => {
      const masks = imageTokenMasks(states, { scope: "all", maskTokenId: MASK });
      assert.equal(total(masks), states.length * (states[0]?.length ?? 0));
    })));
  it("marks the unknown positions under `masked`", () =>
    fc.assert(fc.property(decoding, (states) => {
      const masks = imageTokenMasks(states, { scope: "masked", maskTokenId: MASK });
      states.forEach((state, step) =>
        assert.deepEqual([...masks[step] ?? []], state.map((code) => code === MASK ? 1 : 0))
      );
    })));
  it("marks each position exactly once under `revealed`", () =>
    fc.assert(fc.property(decoding, (states) => {
      const masks = imageTokenMasks(states, { scope: "revealed", maskTokenId: MASK });
      states[0]?.forEach((_, n) => assert.equal(masks.reduce((sum, mask) => sum + (mask[n] ?? 0), 0), 1));
    })));
});

describe("selectTimesteps()", () => {
  it("draws k distinct steps in order", () =>
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, T, k) => {
          const { steps, scales } = selectTimesteps(keyFromSeed(seed), { timesteps: T, perUpdate: k });
          assert.equal(steps.length, Math.min(T, k));
          assert.deepEqual(scales, steps.map(() => T / Math.min(T, k)));
          assert.deepEqual([...new Set(steps)].sort((a, b) => a - b), steps);
          assert.ok(steps.every((step) => step >= 0 && step < T));
        },
      ),
    ));
  it("takes every step for `all`", () =>
    assert.deepEqual(selectTimesteps(keyFromSeed(0), { timesteps: 3, perUpdate: "all" }), {
      steps: [0, 1, 2],
      scales: [1, 1, 1],
    }));
  const TERMS = [3, -1, 4, 1, -5, 9, 2, 6];
  /** Mean and variance of the estimated sum over many draws. */
  const estimated = (perUpdate: number, weights?: readonly number[]) => {
    const estimates = Array.from({ length: 4000 }, (_, draw) => {
      const { steps, scales } = selectTimesteps(fold(keyFromSeed(5), draw), {
        ...{ timesteps: 8, perUpdate },
        ...(weights === undefined ? {} : { weights }),
      });
      return steps.reduce((sum, step, at) => sum + (scales[at] as number) * (TERMS[step] as number), 0);
    });
    const mean = estimates.reduce((a, b) => a + b, 0) / estimates.length;
    const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (estimates.length - 1);
    return { mean, variance, error: 4 * Math.sqrt(variance / estimates.length) };
  };
  const whole = TERMS.reduce((a, b) => a + b, 0);
  it("estimates the sum over all steps without bias", () => {
    for (const perUpdate of [1, 3, 7]) {
      const { mean, error } = estimated(perUpdate);
      assert.ok(Math.abs(mean - whole) < error, `${perUpdate}: ${mean}`);
    }
  });
  it("estimates it without bias by any weights, with less variance by those that fit", () => {
    for (const perUpdate of [1, 3, 7]) {
      const fitting = estimated(perUpdate, TERMS.map(Math.abs));
      const other = estimated(perUpdate, [1, 9, 0, 3, 1, 0, 5, 2]);
      assert.ok(Math.abs(fitting.mean - whole) < fitting.error, `${perUpdate}: ${fitting.mean}`);
      assert.ok(Math.abs(other.mean - whole) < other.error, `${perUpdate}: ${other.mean}`);
      assert.ok(fitting.variance < estimated(perUpdate).variance, `${perUpdate}: ${fitting.variance}`);
    }
  });
  it("draws k distinct steps by weights, too", () => {
    const weights = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(fc.property(fc.nat(), weights, fc.integer({ min: 1, max: 29 }), (seed, found, count) => {
      const perUpdate = Math.min(count, found.length - 1);
      const { steps, scales } = selectTimesteps(keyFromSeed(seed), {
        ...{ timesteps: found.length, perUpdate, weights: found },
      });
      assert.equal(new Set(steps).size, perUpdate);
      assert.deepEqual([...steps].sort((a, b) => a - b), steps);
      scales.forEach((scale) => assert.ok(scale >= 1 && scale <= found.length / (0.1 * perUpdate) + 1e-9));
    }));
  });
});

describe("drawingProbabilities()", () => {
  it("sums to k, none above 1, larger weights first", () => {
    const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(fc.property(weights, fc.nat(), (found, nat) => {
      const count = 1 + nat % found.length;
      const probabilities = drawingProbabilities(found, count);
      const sum = probabilities.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - count) < 1e-9, `${sum}`);
      probabilities.forEach((probability) => assert.ok(probability > 0 && probability <= 1 + 1e-12));
      found.forEach((weight, one) =>
        found.forEach((other, two) => {
          if (weight > other) assert.ok((probabilities[one] as number) >= (probabilities[two] as number));
        })
      );
    }));
  });
});
