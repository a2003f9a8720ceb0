/**
 * EXIF orientation: how a stored picture has to be turned to stand upright.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";

const ORIENTATION_TAG = 0x0112;

/**
 * Reads the orientation from a TIFF block, as EXIF segments hold it.
 *
 * @param tiff The block, from its byte-order mark on.
 * @returns 1…8; 1 (upright) if the block has no valid orientation.
 */
export function orientationOf(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = tiff.length < 8 ? 0 : view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** Where the upright picture's pixel (x, y) is stored, for a stored picture of `w` x `h`. */
const SOURCES: Readonly<
  Record<number, (x: number, y: number, w: number, h: number) => readonly [number, number]>
> = {
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _w, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

/**
 * Turns a stored picture upright.
 *
 * @param image The picture as stored.
 * @param orientation EXIF orientation, 1…8; 5…8 swap width and height.
 * @returns The upright picture; the same one for 1.
 *
 * @example Orientation 6 means: turn clockwise
 * ```ts
 * import { upright } from "./exif.ts";
 * import assert from "node:assert/strict";
 * const stored = { width: 2, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2) };
 * assert.deepEqual(upright(stored, 6), { width: 1, height: 2, data: stored.data });
 * ```
 */
export function upright(image: RgbImage, orientation: number): RgbImage {
  const source = SOURCES[orientation];
  if (source === undefined) return image;
  const swap = orientation >= 5;
  const [width, height] = swap ? [image.height, image.width] : [image.width, image.height];
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = source(x, y, image.width, image.height);
      const from = (fromY * image.width + fromX) * 3;
      const to = (y * width + x) * 3;
      data[to] = image.data[from] as number;
      data[to + 1] = image.data[from + 1] as number;
      data[to + 2] = image.data[from + 2] as number;
    }
  }
  return { width, height, data };
}
