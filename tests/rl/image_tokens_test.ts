import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { fold, keyFromSeed, shuffle } from "../../lib/core/key.ts";
import { imageTokenMasks, selectTimesteps } from "../../lib/rl/image_tokens.ts";

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
          const { steps, scale } = selectTimesteps(keyFromSeed(seed), { timesteps: T, perUpdate: k });
          assert.equal(steps.length, Math.min(T, k));
          assert.equal(scale, T / Math.min(T, k));
          assert.deepEqual([...new Set(steps)].sort((a, b) => a - b), steps);
          assert.ok(steps.every((step) => step >= 0 && step < T));
        },
      ),
    ));
  it("takes every step for `all`", () =>
    assert.deepEqual(selectTimesteps(keyFromSeed(0), { timesteps: 3, perUpdate: "all" }), {
      steps: [0, 1, 2],
      scale: 1,
    }));
  it("estimates the sum over all steps without bias", () => {
    const terms = [3, -1, 4, 1, -5, 9, 2, 6];
    const whole = terms.reduce((a, b) => a + b, 0);
    for (const perUpdate of [1, 3, 7]) {
      const estimates = Array.from({ length: 4000 }, (_, draw) => {
        const { steps, scale } = selectTimesteps(fold(keyFromSeed(5), draw), { timesteps: 8, perUpdate });
        return scale * steps.reduce((sum, step) => sum + (terms[step] as number), 0);
      });
      const mean = estimates.reduce((a, b) => a + b, 0) / estimates.length;
      const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) /
        (estimates.length - 1);
      assert.ok(Math.abs(mean - whole) < 4 * Math.sqrt(variance / estimates.length), `${perUpdate}: ${mean}`);
    }
  });
});
