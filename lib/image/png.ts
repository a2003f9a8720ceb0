/**
 * Pictures to PNG files.
 *
 * @module
 */
import { Buffer } from "node:buffer";
// @ts-types="./pngjs.d.ts"
import { PNG } from "pngjs";
import type { RgbImage } from "./image.ts";

/**
 * Encodes a picture as an 8-bit RGB PNG.
 *
 * @returns The file's bytes; the same picture always gives the same bytes.
 *
 * @example
 * ```ts
 * import { solidImage } from "./image.ts";
 * import { encodePng } from "./png.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...encodePng(solidImage(2, 2)).slice(1, 4)], [80, 78, 71]);
 * ```
 */
export function encodePng(image: RgbImage): Uint8Array {
  const { width, height, data } = image;
  const png = new PNG({ width, height, colorType: 2, inputHasAlpha: false });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(PNG.sync.write(png, { colorType: 2, inputHasAlpha: false }));
}
