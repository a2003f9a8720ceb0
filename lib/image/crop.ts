/**
 * Cutting a picture to the shape that a model wants.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";
import { type PillowResampling, resize, type Size } from "./resize.ts";

/** How an odd margin is divided: `(H - c) // 2`, or torchvision's `round((H - c) / 2)` with halves to even. */
export type CropRule = "floor" | "round-half-even";

/**
 * Computes the size after scaling the shorter side to `edge`: the longer side is `floor(edge * long / short)`.
 *
 * @param size The size now.
 * @param edge The shorter side afterwards, pixels.
 * @returns The new size.
 *
 * @example
 * ```ts
 * import { shortestEdge } from "./crop.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(shortestEdge({ width: 90, height: 31 }, 224), { width: 650, height: 224 });
 * ```
 */
export function shortestEdge(size: Size, edge: number): Size {
  const { width, height } = size;
  return width <= height
    ? { width: edge, height: Math.floor(edge * height / width) }
    : { width: Math.floor(edge * width / height), height: edge };
}

/** Where the cut begins along one axis; negative if the picture is smaller than the cut. */
function margin(from: number, to: number, rule: CropRule): number {
  if (rule === "floor") return Math.floor((from - to) / 2);
  if (from < to) return -Math.floor((to - from) / 2);
  const half = (from - to) / 2;
  const below = Math.floor(half);
  return half === below ? below : below + (below % 2);
}

/**
 * Cuts a window out of a picture.
 *
 * @param window Its left, top, width and height in pixels; may reach over the border.
 * @returns The window; black where it lies outside the picture.
 */
export function cut(
  image: RgbImage,
  window: Size & { readonly left: number; readonly top: number },
): RgbImage {
  const { left, top, width, height } = window;
  const data = new Uint8Array(width * height * 3);
  const from = Math.max(0, left);
  const to = Math.min(image.width, left + width);
  for (let y = Math.max(0, -top); y < height && y + top < image.height && from < to; y++) {
    const row = (y + top) * image.width;
    data.set(image.data.subarray((row + from) * 3, (row + to) * 3), (y * width + from - left) * 3);
  }
  return { width, height, data };
}

/**
 * Cuts the middle out of a picture.
 *
 * @param size The size of the cut; a larger cut than the picture is padded with black.
 * @param rule How an odd margin is divided.
 */
export function centreCrop(image: RgbImage, size: Size, rule: CropRule = "floor"): RgbImage {
  const left = margin(image.width, size.width, rule);
  const top = margin(image.height, size.height, rule);
  return cut(image, { left, top, ...size });
}

/**
 * Makes the square picture that the unified model reads: shorter side to `size`, then the middle.
 *
 * @param image Any picture.
 * @param size The side, pixels.
 * @param rule The resampling rule.
 * @returns `size` x `size` pixels.
 *
 * Source: Show-o's image transform (antialiased bicubic, torchvision's centre crop).
 */
export function squareTo(image: RgbImage, size: number, rule: PillowResampling = "bicubic"): RgbImage {
  const scaled = resize(image, shortestEdge(image, size), rule);
  return centreCrop(scaled, { width: size, height: size }, "round-half-even");
}
