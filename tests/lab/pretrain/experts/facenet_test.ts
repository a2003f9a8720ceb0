import { describe, it } from "@std/testing/bdd";
import type { FaceExpert } from "../../../../lib/experts/face/face_expert.ts";
import { loadFaces } from "../../../../lib/experts/face/face_load.ts";
import {
  facenetFiles,
  facenetLoss,
  facenetTraining,
  smallFacenet,
} from "../../../../lab/pretrain/experts/facenet.ts";
import { inceptionConfig } from "../../../../lib/experts/face/inception_config.ts";
import { fromBytes } from "../../../../lib/tensor/containers/random_access.ts";
import { openSafetensors } from "../../../../lib/tensor/containers/safetensors_table.ts";
import { sourceOf } from "../../../../lib/tensor/weight_source.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { rightOf } from "../../../experts/shared/fixture_model.ts";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

const backend = await useTestBackend();
const config = tinyConfig();
const differentiable = backend === "wasm" ? it.skip : it; // wasm has no gradient of convolutions

describe("facenetTraining()", () => {
  differentiable("draws equal batches for equal steps, and its loss falls", () => {
    assertTrains(
      facenetTraining(tinyContext()),
      (weights, batch) => facenetLoss(weights as never, batch as never, config.facenet),
      { everyWeight: false }, // running statistics have no gradient
    );
  });
});

describe("facenetFiles()", () => {
  it("are read by the ordinary loader, with statistics that were measured", async () => {
    const parameters = parametersOf(facenetTraining(tinyContext()));
    const files = facenetFiles(parameters, config);
    const blob = fromBytes(files.get("model.safetensors") as Uint8Array);
    const source = sourceOf("memory", [rightOf(openSafetensors(blob, "memory"))], blob.close);
    assert.deepEqual(rightOf(inceptionConfig(source)), smallFacenet(config.facenet));
    const mean = rightOf(source.readFloat32("conv2d_1a.bn.running_mean"));
    assert.ok(mean.data.some((value) => value !== 0));
    const expert: FaceExpert = await loadedFrom(files, loadFaces as never);
    expert.dispose();
    disposeTree(parameters);
  });
});
