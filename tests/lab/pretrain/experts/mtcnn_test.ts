import { describe, it } from "@std/testing/bdd";
import { loadMtcnn } from "../../../../lib/experts/face/face_load.ts";
import type { MtcnnWeights } from "../../../../lib/experts/face/mtcnn_networks.ts";
import { mtcnnFiles, mtcnnLoss, mtcnnTraining } from "../../../../lab/pretrain/experts/mtcnn.ts";
import { disposeTree, type Tree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

const backend = await useTestBackend();
const differentiable = backend === "wasm" ? it.skip : it; // wasm has no gradient of convolutions

describe("mtcnnTraining()", () => {
  differentiable("draws equal batches for equal steps, and its loss falls", () => {
    assertTrains(
      mtcnnTraining(tinyContext()),
      (weights, batch) => mtcnnLoss(weights as never, batch as never),
    );
  });
});

describe("mtcnnFiles()", () => {
  it("are read by the ordinary loader", async () => {
    const parameters = parametersOf(mtcnnTraining(tinyContext()));
    const weights: MtcnnWeights = await loadedFrom(mtcnnFiles(parameters, tinyConfig()), loadMtcnn as never);
    assert.deepEqual(weights.pnet.classes.weight.shape, [2, 32, 1, 1]);
    assert.deepEqual(weights.onet.landmarks?.weight.shape, [10, 128]);
    disposeTree([weights as Tree, parameters]);
  });
});
