import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { filledGroup, previewGroup, type Study } from "../../../lab/dsog/dsog_rollouts.ts";
import { disposeState } from "../../../lib/method/policy.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { tinyWorld } from "../../cold_start/tiny.ts";
import {
  brightness,
  freshState,
  plainExpert,
  runContextOf,
  runtimeFor,
  smallSettings,
} from "../../method/tiny_run.ts";
import { useTestBackend } from "../../support/backend.ts";
import { succeed } from "../../evaluation/world_fixture.ts";
import { NO_THRESHOLDS } from "../../../lib/method/thresholds.ts";

await useTestBackend("wasm");
const settings = smallSettings();
const { rl: { numGenerations: G }, generation: { timesteps: T }, dsog: { previewStep } } = settings;
const runtime = runtimeFor(settings);
const state = freshState(runtime, settings);
const bright = plainExpert("ber", brightness);
const dark = plainExpert("tier", (row) => 1 - brightness(row));
const weights = { ber: 0.75, tier: 0.25 };
const study: Study = { ...await runContextOf(runtime, settings, [bright, dark], weights), state };

describe("previewGroup()", () => {
  it("has a row per candidate, scored after every step and at the end", async () => {
    const rows = await succeed(previewGroup(study, 3, [1, 4]), tinyWorld());
    assert.equal(rows.length, G);
    for (const row of rows) {
      assert.equal(row.group, 3);
      assert.deepEqual(Object.keys(row.previews), ["1", "4"]);
      assert.ok([...Object.values(row.previews), row.final].every((score) => score > 0 && score < 1));
      assert.ok(Math.abs(row.reward - (0.75 * row.final + 0.25 * (1 - row.final))) < 1e-6, "the ensemble");
    }
    assert.equal(new Set(rows.map(({ mode }) => mode)).size, 1);
    assert.ok(new Set(rows.map(({ final }) => final)).size > 1, "candidates differ");
  });

  it("depends on the number of the group alone", async () => {
    const first = await succeed(previewGroup(study, 1, [2]), tinyWorld());
    const [same, other] = [
      await succeed(previewGroup(study, 1, [4, 2]), tinyWorld()),
      await succeed(previewGroup(study, 2, [2]), tinyWorld()),
    ];
    const ends = (rows: typeof first) => rows.map(({ previews, ...row }) => ({ ...row, at2: previews["2"] }));
    assert.deepEqual(ends(same), ends(first));
    assert.notDeepEqual(ends(other).map(({ final }) => final), ends(first).map(({ final }) => final));
  });
});

describe("filledGroup()", () => {
  it("without screening takes the first G, and the threshold stays", async () => {
    const { row, thresholds } = await succeed(
      filledGroup(study, 0, { screened: false, thresholds: NO_THRESHOLDS }),
      tinyWorld(),
    );
    const { seconds, rewards, ...counted } = row;
    assert.deepEqual(counted, {
      ...{ group: 0, screened: false, candidates: G, decodeSteps: G * T, passRate: null },
    });
    assert.ok(seconds > 0 && rewards.length === G && rewards.every((reward) => reward > 0));
    assert.deepEqual(thresholds, NO_THRESHOLDS);
  });

  it("with screening counts all candidates and their steps, and moves the threshold", async () => {
    const strict = { threshold: 0.9, previousThreshold: 0.9, trend: 0 };
    const { row, thresholds } = await succeed(
      filledGroup(study, 0, { screened: true, thresholds: { visual: strict, textual: strict } }),
      tinyWorld(),
    );
    assert.ok(row.candidates > G, "few are that bright");
    assert.equal(row.decodeSteps, row.candidates * previewStep + G * (T - previewStep));
    assert.ok(row.passRate !== null && row.passRate < settings.dsog.targetPassRate);
    assert.equal(row.rewards.length, G);
    assert.ok((thresholds.textual?.threshold ?? 1) < strict.threshold);
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await succeed(previewGroup(study, 0, [2]), tinyWorld());
    await succeed(filledGroup(study, 0, { screened: true, thresholds: NO_THRESHOLDS }), tinyWorld());
    assert.equal(tf.memory().numTensors, before);
    disposeState(state);
    runtime.dispose();
  });
});
