import { describe, it } from "@std/testing/bdd";
import { type Dinov2Expert, loadDinov2 } from "../../../../lib/experts/dinov2/dinov2_expert.ts";
import {
  dinov2Files,
  dinov2Loss,
  dinov2Training,
  smallDinov2,
} from "../../../../lab/pretrain/experts/dinov2.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

await useTestBackend();
const config = tinyConfig();
const sizes = smallDinov2(config.dinov2, config.imageSize);

describe("dinov2Training()", () => {
  it("draws equal batches for equal steps and reaches every weight of the model", () => {
    assertTrains(
      dinov2Training(tinyContext()),
      (weights, batch) =>
        dinov2Loss(weights as never, batch as never, { config: sizes, section: config.dinov2 }),
    );
  });
});

describe("dinov2Files()", () => {
  it("are read by the ordinary loader, pictures of the world as they are", async () => {
    const parameters = parametersOf(dinov2Training(tinyContext()));
    const expert: Dinov2Expert = await loadedFrom(dinov2Files(parameters, config), loadDinov2 as never);
    assert.deepEqual(expert.config, sizes);
    assert.deepEqual(expert.preprocess.resize, { shortestEdge: 64 });
    expert.dispose();
    disposeTree(parameters);
  });
});
