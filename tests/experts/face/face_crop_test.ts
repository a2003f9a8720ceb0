import { describe, it } from "@std/testing/bdd";
import { solidImage } from "../../../lib/image/image.ts";
import { cropCorners, cropFace } from "../../../lib/experts/face/face_crop.ts";
import assert from "node:assert/strict";

const picture = { width: 300, height: 200 };

describe("cropCorners()", () => {
  it("equals the reference with and without margin", () => {
    const box = [50.4, 60.6, 150.9, 180.2] as const;
    assert.deepEqual(cropCorners(box, picture, { side: 160, margin: 0 }), [50, 60, 150, 180]);
    assert.deepEqual(cropCorners(box, picture, { side: 160, margin: 32 }), [37, 45, 163, 195]);
  });
  it("stays inside the picture", () => {
    assert.deepEqual(cropCorners([-5, -9, 310, 220], picture, { side: 160, margin: 32 }), [0, 0, 300, 200]);
  });
});

describe("cropFace()", () => {
  it("gives a square of the side, even for a box of no width", () => {
    const image = solidImage(30, 20, [9, 8, 7]);
    for (const box of [[2, 3, 12, 18], [5.2, 5.1, 5.3, 9]] as const) {
      const crop = cropFace(image, box, { side: 16, margin: 0 });
      assert.deepEqual(crop, solidImage(16, 16, [9, 8, 7]));
    }
  });
});
