import { describe, it } from "@std/testing/bdd";
import type { Blip2Expert } from "../../../../lib/experts/blip2/blip2_expert.ts";
import { loadBlip2 } from "../../../../lib/experts/blip2/blip2_load.ts";
import { blip2Files, blip2Loss, blip2Training, smallBlip2 } from "../../../../lab/pretrain/experts/blip2.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

await useTestBackend();
const config = tinyConfig();
const sizes = smallBlip2(config.blip2, config.imageSize);

describe("blip2Training()", () => {
  it("draws equal batches for equal steps and reaches every weight of the model", () => {
    assertTrains(
      blip2Training(tinyContext()),
      (weights, batch) =>
        blip2Loss(weights as never, batch as never, { config: sizes, section: config.blip2 }),
    );
  });
});

describe("blip2Files()", () => {
  it("are read by the ordinary loader", async () => {
    const parameters = parametersOf(blip2Training(tinyContext()));
    const expert: Blip2Expert = await loadedFrom(blip2Files(parameters, config), loadBlip2 as never);
    assert.deepEqual(expert.config, sizes);
    assert.ok(
      expert.tokenizer.encode("a photo of the dog at sunset .").every((id) =>
        id < sizes.qformer.vocabularySize
      ),
    );
    expert.dispose();
    disposeTree(parameters);
  });
});
