import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fc from "fast-check";
// @ts-types="@types/pngjs"
import { PNG } from "pngjs";
import { encodePng } from "../../lib/run/png.ts";

describe("png", () => {
  it("every pixel survives", () => {
    const image = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain((
      [width, height],
    ) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        data: fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 }),
      })
    );
    fc.assert(fc.property(image, ({ width, height, data }) => {
      const read = PNG.sync.read(Buffer.from(encodePng({ width, height, data })));
      assert.deepEqual([read.width, read.height], [width, height]);
      assert.deepEqual([...read.data].filter((_, index) => index % 4 !== 3), [...data]);
    }));
  });
});
