import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../../../lib/image/image.ts";
import { isForPretraining, pixelTensor, tokenTensors } from "../../../../lab/pretrain/experts/part.ts";
import { FACE_PIXELS } from "../../../../lib/experts/shared/preprocess.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import { charactersOf, DEFAULT_SCENE, type Scene } from "../../../../lib/world/scene.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";

await useTestBackend();

describe("tokenTensors()", () => {
  it("pads and cuts to one length", () => {
    const tensors = tokenTensors([[5, 6], [1, 2, 3, 4]], 3, 9);
    assert.deepEqual([...tensors.ids.dataSync()], [5, 6, 9, 1, 2, 3]);
    assert.deepEqual([...tensors.mask.dataSync()], [1, 1, 0, 1, 1, 1]);
    disposeTree(tensors);
  });
});

describe("pixelTensor()", () => {
  it("normalises as told", () => {
    const pixels = pixelTensor([solidImage(2, 1, [255, 0, 127])], FACE_PIXELS);
    assert.deepEqual(pixels.shape, [1, 1, 2, 3]);
    assert.deepEqual([...pixels.dataSync()].slice(0, 3).map((value) => Math.round(value * 256)), [
      255,
      -255,
      -1,
    ]);
    pixels.dispose();
  });
});

describe("isForPretraining()", () => {
  it("refuses held-out characters and combinations", () => {
    const [seen, unseen] = (["pretrain", "heldout"] as const).map((split) => charactersOf(split)[0]);
    const scene = { ...DEFAULT_SCENE, character: seen } as Scene;
    assert.ok(isForPretraining(scene));
    assert.ok(!isForPretraining({ ...scene, character: unseen } as Scene));
    assert.ok(!isForPretraining({ ...scene, accessory: { item: "hat", colour: "green" } }));
  });
});
