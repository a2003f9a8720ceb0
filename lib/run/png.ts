/**
 * Pictures as PNG files.
 *
 * @module
 */
// @ts-types="@types/pngjs"
import { PNG } from "pngjs";
import { Buffer } from "node:buffer";
import type { RgbImage } from "../core/image.ts";

/**
 * Encodes a picture.
 *
 * @param image The picture.
 * @returns An 8-bit RGB PNG, the same bytes for the same picture.
 */
export function encodePng(image: RgbImage): Uint8Array {
  const { width, height, data } = image;
  const bytes = PNG.sync.write(
    { width, height, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) } as PNG,
    { inputColorType: 2, colorType: 2, bitDepth: 8, inputHasAlpha: false },
  );
  return new Uint8Array(bytes);
}
