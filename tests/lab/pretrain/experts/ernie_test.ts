import { describe, it } from "@std/testing/bdd";
import { type ErnieExpert, loadErnie } from "../../../../lib/experts/ernie/ernie_expert.ts";
import { ernieFiles, ernieLoss, ernieTraining, smallErnie } from "../../../../lab/pretrain/experts/ernie.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { assertTrains, loadedFrom, parametersOf, tinyConfig, tinyContext } from "./tiny.ts";

await useTestBackend();
const config = tinyConfig();
const sizes = smallErnie(config.ernie);

describe("ernieTraining()", () => {
  it("draws equal batches for equal steps and reaches every weight of the model", () => {
    assertTrains(
      ernieTraining(tinyContext()),
      (weights, batch) =>
        ernieLoss(weights as never, batch as never, { config: sizes, section: config.ernie }),
    );
  });
});

describe("ernieFiles()", () => {
  it("are read by the ordinary loader", async () => {
    const parameters = parametersOf(ernieTraining(tinyContext()));
    const expert: ErnieExpert = await loadedFrom(ernieFiles(parameters, config), loadErnie as never);
    assert.deepEqual(expert.config, sizes);
    expert.dispose();
    disposeTree(parameters);
  });
});
