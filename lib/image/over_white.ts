/**
 * Transparent pictures over a white ground.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";

/** An 8-bit picture with transparency, `data[(y * width + x) * 4 + channel]`, alpha last and not premultiplied. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Lays a transparent picture over white: `round((s * a + 255 * (255 - a)) / 255)` per channel.
 *
 * Same rule as the image processors whose weights are used (spec of the experts); halves cannot occur, 255 is odd.
 *
 * @returns An opaque picture of the same size.
 *
 * @example A fully transparent pixel is white, whatever its colour
 * ```ts
 * import { overWhite } from "./over_white.ts";
 * import assert from "node:assert/strict";
 * const image = overWhite({ width: 2, height: 1, data: Uint8Array.of(9, 9, 9, 0, 9, 9, 9, 255) });
 * assert.deepEqual([...image.data], [255, 255, 255, 9, 9, 9]);
 * ```
 */
export function overWhite(image: RgbaImage): RgbImage {
  const pixels = image.width * image.height;
  const data = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = image.data[pixel * 4 + 3] ?? 0;
    const ground = 255 * (255 - alpha);
    for (let channel = 0; channel < 3; channel++) {
      const value = image.data[pixel * 4 + channel] ?? 0;
      data[pixel * 3 + channel] = Math.round((value * alpha + ground) / 255);
    }
  }
  return { width: image.width, height: image.height, data };
}
