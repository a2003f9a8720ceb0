import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { TRAINING, trainingRules, type TrainingSettings } from "../../lib/method/settings.ts";
import { decodeConfig } from "../../lib/config/load.ts";
import { right } from "../cold_start/tiny.ts";

const broken = (data: Readonly<Record<string, unknown>>): readonly string[] =>
  trainingRules(right(decodeConfig(TRAINING, data)) as TrainingSettings).map(({ path, remedy }) => {
    assert.ok(remedy.startsWith("must "));
    return path;
  });

describe("trainingRules()", () => {
  it("have nothing against the defaults", () => assert.deepEqual(broken({}), []));
  it("want the preview before the last step, if there is one", () => {
    assert.deepEqual(broken({ dsog: { preview_step: 10 } }), ["dsog.preview_step"]);
    assert.deepEqual(broken({ dsog: { preview_step: 9 } }), []);
    assert.deepEqual(broken({ dsog: { preview_step: 10, enabled: false } }), []);
  });
  it("want no more steps per update than there are", () => {
    assert.deepEqual(broken({ rl: { timesteps_per_update: 11 } }), ["rl.timesteps_per_update"]);
    assert.deepEqual(broken({ rl: { timesteps_per_update: 0 } }), []);
  });
  it("want micro-batches that divide the group", () => {
    assert.deepEqual(broken({ rl: { microbatch: 4 } }), ["rl.microbatch"]);
    assert.deepEqual(broken({ rl: { microbatch: 3 } }), []);
  });
  it("want candidates for a whole group", () => {
    assert.deepEqual(broken({ dsog: { max_candidates: 8 } }), ["dsog.max_candidates"]);
    assert.deepEqual(broken({ dsog: { max_candidates: 9 } }), []);
  });
  it("want no checkpoint chosen by a test score, and the score it is chosen by measured", () => {
    assert.deepEqual(broken({ evaluation: { best: "rea_exact" } }), ["evaluation.best"]);
    assert.deepEqual(broken({ evaluation: { best: "rea_train_exact" } }), ["evaluation.best"]);
    assert.deepEqual(broken({ evaluation: { best: "rea_train_exact", tasks: ["rea_train"] } }), []);
    assert.deepEqual(broken({ evaluation: { best: "" } }), []);
  });
  it("want something to be patient about", () => {
    const best = { best: "rea_train_exact", tasks: ["rea_train"] };
    assert.deepEqual(broken({ evaluation: { patience: 1 } }), ["evaluation.patience"]);
    assert.deepEqual(broken({ evaluation: { ...best, patience: 1 } }), ["evaluation.patience"]);
    assert.deepEqual(broken({ evaluation: { ...best, every: 1, patience: 1 } }), []);
  });
  it("want no gate among normalised rewards, where 0 is the mean", () => {
    const gated = { identity_gate: 0.5 };
    assert.deepEqual(broken({ rewards: gated, rl: { reward_normalization: "per_reward" } }), [
      "rewards.identity_gate",
    ]);
    assert.deepEqual(broken({ rewards: gated }), []);
  });
  it("name every problem at once", () =>
    assert.equal(
      broken({
        dsog: { preview_step: 12, max_candidates: 1 },
        rl: { microbatch: 5, timesteps_per_update: 99 },
      }).length,
      4,
    ));
});
