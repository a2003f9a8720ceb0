import { describe, it } from "@std/testing/bdd";
import { type ClipExpert, loadClip } from "../../../../lib/experts/clip/clip_expert.ts";
import { clipFiles, clipLoss, clipTraining, smallClip } from "../../../../lab/pretrain/experts/clip.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

await useTestBackend();
const config = tinyConfig();
const sizes = smallClip(config.clip, config.imageSize);

describe("clipTraining()", () => {
  it("draws equal batches for equal steps and reaches every weight of the model", () => {
    assertTrains(
      clipTraining(tinyContext()),
      (weights, batch) => clipLoss(weights as never, batch as never, { config: sizes, section: config.clip }),
    );
  });
});

describe("clipFiles()", () => {
  it("are read by the ordinary loader", async () => {
    const parameters = parametersOf(clipTraining(tinyContext()));
    const expert: ClipExpert = await loadedFrom(clipFiles(parameters, config), loadClip as never);
    assert.deepEqual(expert.config, sizes);
    assert.equal(expert.tokenizer.encode("a dog ".repeat(60)).length, config.clip.context);
    expert.dispose();
    disposeTree(parameters);
  });
});
