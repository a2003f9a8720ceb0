import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { baselineNaming, pictureOptions, runSettings } from "../../lib/baselines/settings.ts";
import { loraConfigOf } from "../../lib/method/policy.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { conceptTokens } from "../../lib/text/name_block.ts";
import { tinyBaseline } from "./tiny_baseline.ts";

describe("baselineNaming()", () => {
  it("gives the word as many rows as it has vectors, without trained values", () => {
    const { profile, naming } = baselineNaming({ names: "rows.safetensors" } as Profile, "<bo>", 3);
    assert.equal(profile.names, null);
    assert.deepEqual(conceptTokens("<bo>", naming), ["<bo>", "<token_0>", "<token_1>"]);
    assert.deepEqual(conceptTokens("<bo>", baselineNaming(profile, "<bo>", 1).naming), ["<bo>"]);
  });
});

describe("runSettings()", () => {
  it("trains low-rank updates of every layer for DreamBooth alone", () => {
    const settings = tinyBaseline({ loraRank: 4 });
    assert.deepEqual(loraConfigOf(runSettings("dreambooth", settings)), {
      rank: 4,
      alpha: 8,
      targets: ["qkv", "dense", "fc1", "fc2"],
    });
    assert.equal(loraConfigOf(runSettings("textual_inversion", settings)), undefined);
    assert.equal(runSettings("dreambooth", tinyBaseline({ trainable: "full" })).rl.trainable, "full");
  });
});

describe("pictureOptions()", () => {
  it("learns from train photos alone, in as many steps as told", () => {
    const { steps, epochs, pictures, negatives, knowledge, init, generationBatch } = pictureOptions(
      tinyBaseline({ steps: 7, batch: 3 }),
    );
    assert.deepEqual([steps, epochs, generationBatch], [7, null, 3]);
    assert.deepEqual([pictures, negatives, knowledge, init], ["train", false, false, "words"]);
  });
});
