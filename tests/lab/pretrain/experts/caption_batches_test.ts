import { describe, it } from "@std/testing/bdd";
import { captionBatch, swapPairs } from "../../../../lab/pretrain/experts/caption_batches.ts";
import { FACE_PIXELS } from "../../../../lib/experts/shared/preprocess.ts";
import type { tf } from "../../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import { charactersOf } from "../../../../lib/world/scene.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { KEY } from "./tiny.ts";

await useTestBackend();

describe("captionBatch()", () => {
  it("labels what pictures show and what captions say: identity only where it is described", () => {
    const { tensors, captions } = captionBatch(KEY, {
      count: 16,
      size: 64,
      characters: charactersOf("pretrain"),
      preprocess: FACE_PIXELS,
      fits: () => true,
    });
    const row = (labels: tf.Tensor | undefined) => [...(labels as tf.Tensor).dataSync()];
    const shown = row(tensors.pictureLabels["colour"]);
    const said = row(tensors.textLabels["colour"]);
    assert.equal(captions.length, 16);
    captions.forEach((caption, index) => {
      const described = /\bwith\b|plain|spotted|striped/.test(caption);
      if (described) assert.equal(said[index], shown[index], caption);
      assert.ok(said[index] === shown[index] || said[index] === -1);
    });
    assert.ok(said.includes(-1) && said.some((value) => value >= 0));
    assert.deepEqual(row(tensors.pictureLabels["place"]), row(tensors.textLabels["place"]));
    disposeTree(tensors);
  });
});

describe("swapPairs()", () => {
  it("swaps neighbours", () => {
    assert.deepEqual(swapPairs(["a", "b", "c", "d"]), ["b", "a", "d", "c"]);
  });
});
