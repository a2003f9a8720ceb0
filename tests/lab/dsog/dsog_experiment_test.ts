import { after, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dsogExperiment, previewSteps } from "../../../lab/dsog/dsog_experiment.ts";
import { DSOG_VARIANTS, SCORE_DISTRIBUTIONS } from "../../../lab/dsog/dsog_simulation.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { useTestBackend } from "../../support/backend.ts";
import { succeed } from "../../evaluation/world_fixture.ts";
import { right, settings, stubbed } from "../experiments/stub_runs.ts";
import { tinyStudy } from "../experiments/tiny_study.ts";

await useTestBackend("cpu");
const folder = await Deno.makeTempDir();

after(() => Deno.remove(folder, { recursive: true }));

describe("previewSteps()", () => {
  it("ends before the last step and holds t*, without more than ten", () => {
    for (const timesteps of [2, 3, 10, 18, 50]) {
      const previewStep = Math.max(1, Math.floor(timesteps / 5));
      const steps = previewSteps(
        settings({ generation: { timesteps }, dsog: { preview_step: previewStep } }),
      );
      assert.ok(steps.includes(previewStep) && steps.includes(timesteps - 1) && steps.includes(1));
      assert.ok(steps.every((step) => step < timesteps) && steps.length <= 10, `${timesteps}: ${steps}`);
      assert.deepEqual(steps, [...new Set(steps)].sort((a, b) => a - b));
    }
  });
});

describe("dsogExperiment()", () => {
  it("only simulates where no group is asked for: no run, no model", async () => {
    const needs = stubbed(() => Promise.resolve(1));
    const options = { updates: 40, prompts: 0, groups: 1, pools: 0, learn: 0, runs: "runs/x", out: "out" };
    await right(dsogExperiment(settings(), options)(needs));
    assert.deepEqual(needs.started, []);
    const simulations = JSON.parse(await right(needs.files.readText("out/simulation.json")));
    assert.equal(simulations.length, SCORE_DISTRIBUTIONS.length * DSOG_VARIANTS.length);
    const summary = await right<string>(needs.files.readText("out/summary.md"));
    assert.doesNotMatch(summary, /On the model/);
    assert.deepEqual(needs.lines, [`${summary}\nresults: out`]);
    assert.ok(!await right(needs.files.exists("out/measured.json")));
    for (const name of ["simulation-threshold.svg", "simulation-pass-rate.svg"]) {
      assert.match(await right<string>(needs.files.readText(`out/${name}`)), /^<svg/);
    }
  });

  it("measures previews and groups on the model, and leaves no tensor behind", async () => {
    const { settings: tiny, needs, lines } = await tinyStudy(folder);
    const place = (name: string) => join(folder, name);
    const options = {
      updates: 40,
      prompts: 2,
      groups: 1,
      pools: 1,
      learn: 0,
      runs: place("runs"),
      out: place("out"),
    };
    const before = tf.memory().numTensors;
    await succeed(dsogExperiment(tiny, options), needs);
    assert.equal(tf.memory().numTensors, before);
    const { previews, groups, correlations, costs, rules, pools } = JSON.parse(
      await Deno.readTextFile(place("out/measured.json")),
    );
    const { rl: { numGenerations: G }, generation: { timesteps } } = tiny;
    assert.equal(previews.length, 2 * G);
    assert.deepEqual(Object.keys(previews[0].previews).map(Number), previewSteps(tiny));
    assert.deepEqual(
      groups.map(({ group, screened }: { group: number; screened: boolean }) => [group, screened]),
      [[1, false], [1, true]],
      "the first pair only warms up",
    );
    assert.equal(groups[0].decodeSteps, G * timesteps);
    assert.equal(correlations.length, 2 * previewSteps(tiny).length);
    assert.ok(costs.length > 0);
    assert.equal(pools[0].length, rules.candidates);
    assert.ok(rules.replays.length > 10 && rules.replays[0].decodeSteps === G * timesteps);
    assert.match(await Deno.readTextFile(place("out/summary.md")), /## On the model/);
    assert.match(await Deno.readTextFile(place("out/seconds.svg")), /^<svg/);
    assert.ok(lines.includes("rank correlation: group 2 of 2"));
  });
});
