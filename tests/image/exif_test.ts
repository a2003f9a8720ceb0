import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { orientationOf, upright } from "../../lib/image/exif.ts";
import type { RgbImage } from "../../lib/image/image.ts";

/** A TIFF block with one entry. */
function tiff(tag: number, value: number, little: boolean): Uint8Array {
  const bytes = new Uint8Array(26);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, tag, little);
  view.setUint16(12, 3, little);
  view.setUint32(14, 1, little);
  view.setUint16(18, value, little);
  return bytes;
}

/** 3 x 2 pixels, numbered from 0 in reading order. */
const numbered: RgbImage = {
  width: 3,
  height: 2,
  data: Uint8Array.from({ length: 18 }, (_, index) => Math.floor(index / 3)),
};
const pixels = ({ data }: RgbImage): number[] => [...data].filter((_, index) => index % 3 === 0);

describe("orientationOf()", () => {
  it("reads both byte orders, and is 1 for everything else", () => {
    for (const little of [true, false]) {
      assert.equal(orientationOf(tiff(0x0112, 6, little)), 6);
      assert.equal(orientationOf(tiff(0x0112, 9, little)), 1);
      assert.equal(orientationOf(tiff(0x0110, 6, little)), 1);
      for (let length = 0; length < 22; length++) {
        assert.equal(orientationOf(tiff(0x0112, 6, little).subarray(0, length)), 1);
      }
    }
  });
});

describe("upright()", () => {
  it("turns and mirrors as the EXIF table says", () => {
    const expected: Readonly<Record<number, readonly number[]>> = {
      1: [0, 1, 2, 3, 4, 5],
      2: [2, 1, 0, 5, 4, 3],
      3: [5, 4, 3, 2, 1, 0],
      4: [3, 4, 5, 0, 1, 2],
      5: [0, 3, 1, 4, 2, 5],
      6: [3, 0, 4, 1, 5, 2],
      7: [5, 2, 4, 1, 3, 0],
      8: [2, 5, 1, 4, 0, 3],
    };
    for (const [orientation, order] of Object.entries(expected)) {
      const image = upright(numbered, Number(orientation));
      assert.deepEqual(pixels(image), order, orientation);
      assert.deepEqual([image.width, image.height], Number(orientation) >= 5 ? [2, 3] : [3, 2]);
    }
  });
});
