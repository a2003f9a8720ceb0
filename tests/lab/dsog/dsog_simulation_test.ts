import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  DSOG_VARIANTS,
  type DsogSimulation,
  SCORE_DISTRIBUTIONS,
  simulateDsog,
  summariseDsog,
} from "../../../lab/dsog/dsog_simulation.ts";
import { simulateThreshold } from "../../../lib/rl/simulate_threshold.ts";
import { PAPER_THRESHOLD } from "../../../lib/rl/threshold.ts";

const UPDATES = 300;
const all = simulateDsog({ key: keyFromSeed(3), updates: UPDATES });
const named = (name: string): readonly DsogSimulation[] => all.filter(({ variant }) => variant.name === name);

describe("SCORE_DISTRIBUTIONS", () => {
  it("are ten inverse distribution functions into (0, 1)", () => {
    assert.equal(new Set(SCORE_DISTRIBUTIONS.map(({ name }) => name)).size, 10);
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(fc.property(fc.constantFrom(...SCORE_DISTRIBUTIONS), unit, unit, ({ quantile }, a, b) => {
      assert.ok(quantile(a) >= 0 && quantile(a) <= 1);
      assert.ok((quantile(Math.max(a, b)) - quantile(Math.min(a, b))) >= 0);
    }));
  });
});

describe("simulateDsog()", () => {
  it("runs every variant on every distribution", () => {
    assert.equal(all.length, 80);
    assert.equal(new Set(DSOG_VARIANTS.map(({ name }) => name)).size, 8);
    assert.ok(all.every(({ updates }) => updates.length === UPDATES));
  });

  it("settles at the target with the paper's rule on all ten, calibrated or not", () => {
    for (const { distribution, summary } of [...named("paper, calibrated"), ...named("paper, from 0.5")]) {
      assert.ok(Math.abs(summary.passRate - 0.25) < 0.06, `${distribution}: ${summary.passRate}`);
      assert.ok(summary.settled !== null, distribution);
    }
  });

  it("settles no later with calibration than from 0.5, added up over the distributions", () => {
    const total = (name: string): number =>
      named(name).reduce((sum, { summary }) => sum + (summary.settled ?? UPDATES), 0);
    assert.ok(total("paper, calibrated") < total("paper, from 0.5"));
  });

  it("never starts more candidates than the bound allows", () => {
    for (const { updates, variant } of all) {
      const most = Math.max(...updates.map(({ candidates }) => candidates));
      assert.ok(most <= (variant.bounded ? 72 : 450));
    }
  });

  it("gives the same for the same key", () => {
    const short = () => simulateDsog({ key: keyFromSeed(5), updates: 3 });
    assert.deepEqual(short(), short());
  });
});

describe("simulateThreshold() with any distribution", () => {
  const scores = fc.tuple(
    fc.double({ min: 0.05, max: 0.6, noNaN: true }),
    fc.double({ min: 0.02, max: 0.35, noNaN: true }),
  );

  it("keeps threshold, pass rate and group within their bounds", () => {
    fc.assert(
      fc.property(scores, fc.nat(1000), fc.boolean(), ([low, width], seed, calibrated) => {
        const updates = simulateThreshold((u) => low + width * u, {
          key: keyFromSeed(seed),
          updates: 25,
          initialThreshold: calibrated ? null : 0.5,
          numGenerations: 5,
          maxCandidates: 20,
          threshold: PAPER_THRESHOLD,
        });
        for (const { threshold, passRate, candidates, fallbacks, passed } of updates) {
          assert.ok(threshold >= 1e-3 && threshold <= 1 - 1e-3);
          assert.ok(passRate >= 0 && passRate <= 1);
          assert.ok(candidates >= 5 && candidates <= 20 && candidates % 5 === 0);
          assert.equal(fallbacks, Math.max(0, 5 - passed));
        }
        const start = updates[0]?.threshold ?? NaN;
        assert.ok(calibrated ? start >= low - 1e-6 && start <= low + width + 1e-6 : start === 0.5);
      }),
      { numRuns: 60 },
    );
  });
});

describe("summariseDsog()", () => {
  it("pools the second half and says when the pass rate first met its target", () => {
    const update = (passed: number) => ({
      threshold: 0.5,
      passRate: passed / 20,
      passed,
      candidates: 20,
      fallbacks: 0,
    });
    const updates = [...Array(20).fill(update(0)), ...Array(40).fill(update(5))];
    const { passRate, candidates, settled, starved } = summariseDsog(updates, 0.25);
    assert.deepEqual([passRate, candidates, starved], [0.25, 20, 0]);
    assert.ok(settled !== null && settled > 10 && settled < 20, String(settled));
    assert.equal(summariseDsog(updates.slice(0, 20), 0.25).settled, null);
  });
});
