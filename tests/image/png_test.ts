import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
// @ts-types="../../lib/image/pngjs.d.ts"
import { PNG } from "pngjs";
import { encodePng } from "../../lib/image/png.ts";

describe("encodePng()", () => {
  it("keeps every pixel", () => {
    const pictures = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain((
      [width, height],
    ) =>
      fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
        .map((data) => ({ width, height, data }))
    );
    fc.assert(
      fc.property(pictures, (image) => {
        const read = PNG.sync.read(Buffer.from(encodePng(image)));
        assert.deepEqual([read.width, read.height], [image.width, image.height]);
        for (let pixel = 0; pixel < image.width * image.height; pixel++) {
          const rgb = [0, 1, 2].map((channel) => image.data[pixel * 3 + channel]);
          assert.deepEqual([...read.data.subarray(pixel * 4, pixel * 4 + 4)], [...rgb, 255]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("takes a picture that is a window of a larger buffer", () => {
    const buffer = new Uint8Array([9, 9, 9, 10, 20, 30]);
    const read = PNG.sync.read(Buffer.from(encodePng({ width: 1, height: 1, data: buffer.subarray(3) })));
    assert.deepEqual([...read.data], [10, 20, 30, 255]);
  });
});
