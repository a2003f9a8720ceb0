import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  correlationFigure,
  costFigure,
  simulationFigures,
} from "../../../lib/evaluation/experiments/dsog_figures.ts";
import { previewSteps } from "../../../lib/evaluation/experiments/dsog_experiment.ts";
import { correlations, costsOfReward, groupMeans } from "../../../lib/evaluation/experiments/dsog_numbers.ts";
import type { GroupRow, PreviewRow } from "../../../lib/evaluation/experiments/dsog_rollouts.ts";
import { dsogSummary, simulationCsv } from "../../../lib/evaluation/experiments/dsog_summary.ts";
import { simulateDsog } from "../../../lib/rl/dsog_simulation.ts";
import { settings } from "./stub_runs.ts";

const key = keyFromSeed(1);
/** Later previews tell more; the second group is better as a whole. */
const previews: readonly PreviewRow[] = [0, 1].flatMap((group) =>
  [0, 1, 2, 3].map((index) => ({
    ...{ group, mode: "textual", prompt: "p" },
    previews: { 1: [2, 0, 3, 1][index] as number, 5: index },
    final: group * 10 + index,
    reward: group * 10 - index,
  }))
);
const row = (screened: boolean, rewards: readonly number[], seconds: number): GroupRow => ({
  ...{
    group: 0,
    screened,
    rewards,
    seconds,
    decodeSteps: 10 * seconds,
    candidates: rewards.length,
    passRate: null,
  },
});
const groups = [
  row(false, [0.1, 0.5], 4),
  row(false, [0.3, 0.9], 4),
  row(true, [0.8, 0.9], 6),
  row(true, [0.2, 0.9], 6),
];

describe("correlations()", () => {
  const found = correlations(previews, key);
  const at = (step: number, target: string) =>
    found.find((each) => each.step === step && each.target === target);

  it("are those inside groups, whatever separates the groups", () => {
    assert.equal(at(5, "final")?.mean, 1);
    assert.equal(at(5, "reward")?.mean, -1);
    assert.ok((at(5, "reward")?.pooled ?? -1) > -1, "pooled, the better group has the higher rewards");
    assert.deepEqual(at(1, "final")?.mean, at(1, "final")?.interval?.low);
    assert.equal(at(1, "final")?.groups, 2);
  });

  it("leave out groups without spread", () => {
    const flat = correlations(previews.map((each) => ({ ...each, previews: { 1: 0.5 } })), key);
    assert.deepEqual(flat.map(({ mean, groups: count }) => [mean, count]), [[null, 0], [null, 0]]);
  });
});

describe("costsOfReward()", () => {
  it("divides all seconds by the trajectories that reach the reward", () => {
    const costs = costsOfReward(groups);
    const lowest = costs.filter(({ reward }) => reward === 0.1);
    assert.deepEqual(lowest.map(({ screened, reached, seconds }) => [screened, reached, seconds]), [[
      false,
      4,
      2,
    ], [true, 4, 3]]);
    const high = costs.filter(({ reward }) => reward === 0.5);
    assert.deepEqual(high.map(({ screened, reached, seconds }) => [screened, reached, seconds]), [[
      false,
      2,
      4,
    ], [true, 3, 4]]);
    const ratio = costs.flatMap(({ seconds, decodeSteps }) =>
      seconds === null ? [] : (decodeSteps ?? 0) / seconds
    );
    assert.ok(ratio.every((each) => Math.abs(each - 10) < 1e-9));
  });

  it("never falls with the reward", () => {
    const rewards = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(rewards, rewards, (plain, screened) => {
      const costs = costsOfReward([row(false, plain, 1), row(true, screened, 2)]);
      for (const way of [false, true]) {
        const seconds = costs.filter((cost) => cost.screened === way).map((cost) => cost.seconds ?? Infinity);
        assert.deepEqual(seconds, [...seconds].sort((a, b) => a - b));
      }
    }));
  });
});

describe("groupMeans()", () => {
  it("averages each way by itself", () => {
    const [plain, screened] = groupMeans(groups);
    assert.deepEqual([plain?.seconds, screened?.seconds, plain?.groups], [4, 6, 2]);
    assert.ok(Math.abs((plain?.best ?? 0) - 0.7) < 1e-9 && Math.abs((screened?.reward ?? 0) - 0.7) < 1e-9);
  });
});

describe("previewSteps()", () => {
  it("ends before the last step and holds t*, without more than ten", () => {
    for (const timesteps of [2, 3, 10, 18, 50]) {
      const previewStep = Math.max(1, Math.floor(timesteps / 5));
      const steps = previewSteps(
        settings({ generation: { timesteps }, dsog: { preview_step: previewStep } }),
      );
      assert.ok(steps.includes(previewStep) && steps.includes(timesteps - 1) && steps.includes(1));
      assert.ok(steps.every((step) => step < timesteps) && steps.length <= 10, `${timesteps}: ${steps}`);
    }
  });
});

describe("figures and summary of DSOG", () => {
  const simulations = simulateDsog({ key, updates: 40 });
  const found = { previews, groups, correlations: correlations(previews, key), costs: costsOfReward(groups) };

  it("are drawn as SVG with every distribution and every way", async () => {
    const { threshold, passRate } = await simulationFigures(simulations, 40);
    for (const name of ["two humps", "skewed low", "released, from 0.5"]) {
      assert.ok(threshold.includes(name) && passRate.includes(name), name);
    }
    assert.match(
      await costFigure(found.costs),
      /<svg[\s\S]*with DSOG[\s\S]*without DSOG|<svg[\s\S]*without DSOG/,
    );
    assert.match(await correlationFigure(found.correlations), /<svg[\s\S]*rank correlation/);
  });

  it("say what was measured, and only that", () => {
    const all = dsogSummary(simulations, found, settings());
    assert.match(all, /What a preview predicts \(8 pictures\)/);
    assert.match(all, /\| with DSOG \| 2 \| 2\.0 \| 60 \| 6\.00 \| 0\.700 \| 0\.900 \|/);
    assert.doesNotMatch(dsogSummary(simulations, null, settings()), /On the model/);
    assert.equal(simulationCsv(simulations).trim().split("\n").length, 1 + 80 * 40);
  });
});
