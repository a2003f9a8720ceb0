/**
 * Cutting a face out of a picture for the face embedder.
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import { cut } from "../../image/crop.ts";
import { resize, type Size } from "../../image/resize.ts";
import type { Corners } from "./face_boxes.ts";

/** How a face is cut out. */
export interface FaceCropOptions {
  /** Pixels a side of the crop. */
  readonly side: number;
  /** Pixels of surroundings on both sides together, measured in the crop. */
  readonly margin: number;
}

/**
 * Finds the part of the picture that a crop shows.
 *
 * @param options Side and margin of the crop.
 * @returns Whole pixels inside the picture.
 *
 * @example
 * ```ts
 * import { cropCorners } from "./face_crop.ts";
 * import assert from "node:assert/strict";
 * const picture = { width: 300, height: 200 };
 * const corners = cropCorners([50.4, 60.6, 150.9, 180.2], picture, { side: 160, margin: 32 });
 * assert.deepEqual(corners, [37, 45, 163, 195]);
 * ```
 */
export function cropCorners(box: Corners, size: Size, options: FaceCropOptions): Corners {
  const [x1, y1, x2, y2] = box;
  const { side, margin } = options;
  const wide = margin * (x2 - x1) / (side - margin) / 2;
  const tall = margin * (y2 - y1) / (side - margin) / 2;
  return [
    Math.trunc(Math.max(x1 - wide, 0)),
    Math.trunc(Math.max(y1 - tall, 0)),
    Math.trunc(Math.min(x2 + wide, size.width)),
    Math.trunc(Math.min(y2 + tall, size.height)),
  ];
}

/**
 * Cuts a face out and resizes it to a square, without keeping its proportions: so the embedder was trained.
 *
 * @param options Side and margin of the crop.
 */
export function cropFace(image: RgbImage, box: Corners, options: FaceCropOptions): RgbImage {
  const [left, top, right, bottom] = cropCorners(box, image, options);
  const window = { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
  return resize(cut(image, window), { width: options.side, height: options.side }, "bilinear");
}
