import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { SCORE_DISTRIBUTIONS } from "../../lab/dsog/dsog_simulation.ts";
import { simulateThreshold, type SimulationOptions } from "../../lib/rl/simulate_threshold.ts";
import { PAPER_THRESHOLD } from "../../lib/rl/threshold.ts";

const options: SimulationOptions = {
  key: keyFromSeed(11),
  updates: 800,
  initialThreshold: 0.5,
  numGenerations: 9,
  maxCandidates: 72,
  threshold: PAPER_THRESHOLD,
};
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("simulateThreshold()", () => {
  for (const { name, quantile } of SCORE_DISTRIBUTIONS) {
    it(`settles at the target pass rate: ${name}`, () => {
      const late = simulateThreshold(quantile, options).slice(400);
      const passed = late.reduce((sum, update) => sum + update.passed, 0);
      const started = late.reduce((sum, update) => sum + update.candidates, 0);
      assert.ok(Math.abs(passed / started - 0.25) < 0.03, `pooled ${passed / started}`);
      assert.ok(Math.abs(meanOf(late.map((update) => update.passRate)) - 0.25) < 0.04);
    });
  }

  it("follows a distribution that drifts upwards", () => {
    const drifting = simulateThreshold((u, update) => 0.2 + 0.3 * u + 0.0005 * update, options);
    const early = meanOf(drifting.slice(100, 200).map((update) => update.threshold));
    const late = meanOf(drifting.slice(700).map((update) => update.threshold));
    assert.ok(late > early + 0.2, `${early} ${late}`);
    assert.ok(Math.abs(meanOf(drifting.slice(400).map((update) => update.passRate)) - 0.25) < 0.06);
  });

  it("costs G / TPR candidates once settled, and on average half a batch more", () => {
    const late = simulateThreshold((u) => u, options).slice(400);
    assert.ok(Math.abs(meanOf(late.map((update) => update.candidates)) - (36 + 4.5)) < 3);
  });

  it("keeps the released rule inside its dead zone around the target", () => {
    const released = { ...options, threshold: { ...PAPER_THRESHOLD, rule: "released" } } as const;
    const late = simulateThreshold((u) => u, released).slice(400);
    assert.ok(Math.abs(meanOf(late.map((update) => update.passRate)) - 0.25) < 0.12);
  });

  it("gives the same records for the same key", () => {
    const short = { ...options, updates: 5 };
    assert.deepEqual(simulateThreshold((u) => u, short), simulateThreshold((u) => u, short));
  });
});
