import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { solidImage } from "../../../lib/image/image.ts";
import { IMAGE_BATCHES } from "../../../lib/experts/shared/batches.ts";
import { onPictures, pictureBatch } from "../../../lib/experts/shared/picture_batches.ts";
import { FACE_PIXELS, type Pixels } from "../../../lib/experts/shared/preprocess.ts";

const pictures = (count: number) =>
  Array.from({ length: count }, (_, index) => solidImage(2, 2, [index, 0, 0]));

describe("pictureBatch()", () => {
  it("has one of few sizes; rows behind the pictures are empty", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 16 }), (count) => {
      const { shape, data } = pictureBatch(pictures(count), FACE_PIXELS);
      assert.ok(IMAGE_BATCHES.includes(shape[0]) && shape[0] >= count);
      assert.deepEqual(shape.slice(1), [2, 2, 3]);
      assert.ok(data.slice(count * 12).every((value) => value === 0));
      assert.ok(Math.abs((data[(count - 1) * 12] as number) - (count - 1 - 127.5) / 128) < 1e-6);
    }));
  });
});

describe("onPictures()", () => {
  it("answers the pictures, not the padding", async () => {
    const seen: number[] = [];
    const read = ({ shape, data }: Pixels): Promise<readonly number[]> => {
      seen.push(shape[0]);
      return Promise.resolve(Array.from({ length: shape[0] }, (_, row) => data[row * 12] as number));
    };
    const found = await onPictures(FACE_PIXELS, read)(pictures(3));
    assert.deepEqual(found.map((value) => Math.round(value * 128 + 127.5)), [0, 1, 2]);
    assert.deepEqual(seen, [4]);
  });
});
