import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { loadConfig } from "../../../lib/config/load.ts";
import { diffConfigs } from "../../../lib/config/stringify.ts";
import { ablationExperiment, loadPresets, type Preset } from "../../../lab/experiments/ablations.ts";
import type { ExperimentOutcome } from "../../../lab/experiments/main_experiment.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { TRAINING, trainingRules, type TrainingSettings } from "../../../lib/method/settings.ts";
import { finishRun, right, settings, stubbed } from "./stub_runs.ts";

/** What each preset changes besides its name. */
const STATED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "no-understanding-reasoning": { "reasoning.skip": true },
  "no-via": { "reasoning.mix": 0 },
  "no-tia": { "reasoning.mix": 1 },
  "dsog": { "dsog.enabled": true },
  "dsog-extremes": {
    "dsog.enabled": true,
    "dsog.target_pass_rate": 0.5,
    "dsog.rule": "extremes",
    "dsog.text": "explicit",
  },
  "joint": { "cold_start.plan": "joint", "cold_start.steps": 300, "rl.max_steps": 0 },
  "joint-grpo": { "cold_start.plan": "joint", "cold_start.steps": 300 },
  "group-size-3": { "rl.num_generations": 3, "rl.microbatch": 3 },
  "group-size-6": { "rl.num_generations": 6, "rl.microbatch": 6 },
  "preview-step-3": { "dsog.enabled": true, "dsog.preview_step": 3 },
  "shared-credit": { "rl.credit": "shared" },
  "optimizer-by-part": { "rl.optimizer": "by_part" },
  "one-prompt": { "rl.max_steps": 80, "rl.batch_size": 1 },
  "masked-scope": { "rl.image_token_scope": "masked" },
  "per-reward": { "rl.reward_normalization": "per_reward" },
  "candidate-logps": { "rl.answer_logps": "candidates" },
  "informed-steps": { "rl.step_choice": "informed" },
  "dealt-details": { "reasoning.dealt_share": 0.5 },
  "identity-gate": { "rewards.identity_gate": 0.8 },
};

const files = liveFiles();
const load = (names: readonly string[] = [], overrides: readonly string[] = []) =>
  loadPresets("configs/ablations", names, overrides)({ files });

describe("configs/ablations", () => {
  it("hold the presets of Tables 2 and 3, which differ from the default in what they say and nothing else", async () => {
    const base = await right<TrainingSettings>(
      loadConfig(TRAINING, { path: "configs/nano.yaml", crossRules: trainingRules })({ files }),
    );
    const presets = await right<readonly Preset[]>(load());
    assert.deepEqual(presets.map(({ name }) => name).sort(), Object.keys(STATED).sort());
    for (const { name, settings: changed } of presets) {
      const { name: named, ...differences } = Object.fromEntries(
        diffConfigs(TRAINING, base, changed).map(({ path, after }) => [path, after]),
      );
      assert.equal(named, name);
      assert.deepEqual(differences, STATED[name], name);
    }
  });

  it("take overrides, and a misspelt name is answered with the nearest", async () => {
    const [preset] = await right<readonly Preset[]>(load(["no-via"], ["rl.max_steps=3"]));
    assert.deepEqual([preset?.settings.rl.maxSteps, preset?.settings.reasoning.mix], [3, 0]);
    const wrong = await load(["no-vai"])();
    assert.ok(wrong._tag === "Left" && wrong.left._tag === "InputInvalid");
    assert.match(wrong.left.remedy, /did you mean no-via/);
  });
});

describe("ablationExperiment()", () => {
  it("compares every preset with the whole method, and goes on when called again", async () => {
    const presets = [{ name: "small", settings: settings({ rl: { max_steps: 1 } }) }];
    const options = { concepts: ["mip", "kiru"], seeds: [1], tasks: ["rec"], runs: "runs/x", out: "out" };
    const needs = stubbed(async (into, each) => {
      await finishRun(into, each);
      return 0;
    });
    const outcome = await right<ExperimentOutcome>(ablationExperiment(settings(), presets, options)(needs));
    assert.deepEqual(needs.started, ["t-mip-s1", "t-kiru-s1", "small-mip-s1", "small-kiru-s1"]);
    const cells = Object.fromEntries(
      (outcome.table?.rows ?? []).map((
        { method, cells: row },
      ) => [method, Number(row["rec_weight"]?.value?.toFixed(3))]),
    );
    assert.deepEqual(cells, {
      "whole method": 0.61,
      "UniCTokens (cold start)": 0.41,
      "small": 0.51,
      "UniCTokens (cold start) − whole method": -0.2,
      "small − whole method": -0.1,
    });
    const written = ["json", "md", "csv"].map((kind) => needs.files.entries.get(`out/table.${kind}`));
    assert.ok(written.every((bytes) => (bytes?.length ?? 0) > 100));
    const json = JSON.parse(new TextDecoder().decode(written[0] as Uint8Array));
    assert.deepEqual(json.runs.map(({ variant }: { variant: string }) => variant), [
      "t",
      "t",
      "small",
      "small",
    ]);
  });
});
