import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../../../lib/image/image.ts";
import { boxOverlap, faceWindows } from "../../../../lab/pretrain/experts/face_windows.ts";
import type { tf } from "../../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../../support/backend.ts";
import { KEY } from "./tiny.ts";

await useTestBackend();

describe("boxOverlap()", () => {
  it("is intersection over union", () => {
    assert.equal(boxOverlap([0, 0, 2, 2], [0, 0, 2, 2]), 1);
    assert.equal(boxOverlap([0, 0, 2, 2], [1, 0, 3, 2]), 1 / 3);
    assert.equal(boxOverlap([0, 0, 1, 1], [2, 2, 3, 3]), 0);
  });
});

describe("faceWindows()", () => {
  const face = {
    box: [20, 20, 42, 42],
    points: [[26, 30], [35, 30], [31, 34], [28, 37], [34, 37]],
  } as const;
  const image = solidImage(64, 64, [200, 100, 50]);
  const rows = (tensor: tf.Tensor) => [...tensor.dataSync()];

  it("labels windows by their overlap; corrections lead back to the face", () => {
    const windows = faceWindows(KEY, [{ image, face }], { network: "onet", each: 30 });
    const [faces, counts, near] = [windows.face, windows.counts, windows.near].map(rows);
    assert.ok((faces ?? []).some((value) => value === 1) && (faces ?? []).some((value) => value === 0));
    (faces ?? []).forEach((value, index) => {
      if (value === 1) assert.ok(counts?.[index] === 1 && near?.[index] === 1);
    });
    assert.deepEqual(windows.pixels.shape, [30, 48, 48, 3]);
    const eyes = rows(windows.points).filter((_, index) =>
      index % 10 < 2 && near?.[Math.floor(index / 10)] === 1
    );
    assert.ok(eyes.every((value) => value > -0.5 && value < 1.5));
    disposeTree(windows);
  });
  it("calls nothing a face in a picture without one", () => {
    const windows = faceWindows(KEY, [{ image, face: null }], { network: "pnet", each: 9 });
    assert.deepEqual(new Set(rows(windows.face)), new Set([0]));
    assert.deepEqual(new Set(rows(windows.counts)), new Set([1]));
    disposeTree(windows);
  });
});
