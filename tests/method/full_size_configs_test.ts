import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConfig } from "../../lib/config/load.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { loadProfile } from "../../lib/method/profile.ts";
import { TRAINING, trainingRules, type TrainingSettings } from "../../lib/method/settings.ts";
import { right } from "../cold_start/tiny.ts";

const files = liveFiles();

describe("configs of the published sizes", () => {
  for (const side of [512, 256]) {
    it(`showo-${side}.yaml is valid and names a profile for pictures of that side`, async () => {
      const path = `configs/showo-${side}.yaml`;
      const settings = right(
        await loadConfig(TRAINING, { path, crossRules: trainingRules })({ files })(),
      ) as TrainingSettings;
      assert.equal(settings.name, `showo-${side}`);
      assert.deepEqual([settings.semanticTokens, settings.generationTokens], [16, 8]);
      const { generation, dsog, rl, coldStart } = settings;
      assert.deepEqual([generation.timesteps, generation.guidanceScale, dsog.previewStep], [50, 5, 10]);
      assert.deepEqual([rl.numGenerations, rl.microbatch, rl.microbatchSteps, rl.maxSteps], [9, 1, 1, 100]);
      assert.deepEqual([coldStart.epochs, coldStart.learningRate, coldStart.init], [15, 1e-3, "images"]);
      const profile = right(await loadProfile(settings.profile)({ files })());
      assert.equal(profile.imageSize, side);
      assert.match(profile.unified, /^models\/show-o/);
      assert.equal(profile.names, null);
    });
  }

  it("take another place for the weights from the command line", async () => {
    const overrides = ["profile=elsewhere.yaml", "concept=photos/mochi"];
    const settings = right(
      await loadConfig(TRAINING, { path: "configs/showo-512.yaml", overrides })({ files })(),
    );
    assert.deepEqual([settings.profile, settings.concept], ["elsewhere.yaml", "photos/mochi"]);
  });
});
