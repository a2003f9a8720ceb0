/**
 * Resizing 8-bit pictures exactly as Pillow does, and float planes as PyTorch does.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";
import { type Resampling, type WeightRow, weightRows } from "./resample_weights.ts";

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The rules for which Pillow is reproduced bit by bit. */
export type PillowResampling = "bicubic" | "bilinear" | "box";

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

interface FixedRow {
  readonly start: number;
  readonly weights: Int32Array;
}

/** Weights in fixed point, rounded half away from zero. */
function fixedPoint(row: WeightRow): FixedRow {
  const scaled = (weight: number): number => weight * (1 << PRECISION_BITS);
  const weights = Int32Array.from(
    row.weights,
    (weight) => Math.trunc(weight < 0 ? scaled(weight) - 0.5 : scaled(weight) + 0.5),
  );
  return { start: row.start, weights };
}

const fixedRows = (rule: PillowResampling, from: number, to: number): readonly FixedRow[] =>
  weightRows(rule, from, to).map(fixedPoint);

const clip8 = (sum: number): number => {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

function horizontalPass(image: RgbImage, width: number, rule: PillowResampling): RgbImage {
  const data = new Uint8Array(width * image.height * 3);
  const rows = fixedRows(rule, image.width, width);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < width; x++) {
      const { start, weights } = rows[x] as FixedRow;
      let [red, green, blue] = [HALF, HALF, HALF];
      let at = (y * image.width + start) * 3;
      for (let tap = 0; tap < weights.length; tap++, at += 3) {
        const weight = weights[tap] as number;
        red += (image.data[at] as number) * weight;
        green += (image.data[at + 1] as number) * weight;
        blue += (image.data[at + 2] as number) * weight;
      }
      const out = (y * width + x) * 3;
      data[out] = clip8(red);
      data[out + 1] = clip8(green);
      data[out + 2] = clip8(blue);
    }
  }
  return { width, height: image.height, data };
}

function verticalPass(image: RgbImage, height: number, rule: PillowResampling): RgbImage {
  const stride = image.width * 3;
  const data = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  fixedRows(rule, image.height, height).forEach(({ start, weights }, y) => {
    sums.fill(HALF);
    for (let tap = 0; tap < weights.length; tap++) {
      const weight = weights[tap] as number;
      const from = (start + tap) * stride;
      for (let at = 0; at < stride; at++) {
        sums[at] = (sums[at] as number) + (image.data[from + at] as number) * weight;
      }
    }
    for (let at = 0; at < stride; at++) data[y * stride + at] = clip8(sums[at] as number);
  });
  return { width: image.width, height, data };
}

/**
 * Whether Pillow takes the vertical pass first: since version 13 where the height shrinks by more than twice what the
 * width does (python-pillow/Pillow#9549); older versions never do, which moves single values by one level.
 */
function isVerticalFirst(from: Size, to: Size): boolean {
  return from.height - to.height > 2 * Math.max(0, from.width - to.width);
}

/**
 * Resizes a picture, bit for bit as Pillow 13's `Image.resize` with `BICUBIC`, `BILINEAR` or `BOX`.
 *
 * Horizontal pass, then vertical (the other way round where Pillow does so); weights in fixed point with 22 fractional
 * bits; 8 bits between the passes; a pass that would change nothing is skipped.
 *
 * @param size The new size, ≥ 1 each.
 * @param rule The resampling rule.
 * @returns The resized picture; the same one if the size is the same.
 *
 * @example
 * ```ts
 * import { resize } from "./resize.ts";
 * import assert from "node:assert/strict";
 * const image = { width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 100, 200, 50) };
 * assert.deepEqual([...resize(image, { width: 1, height: 1 }, "box").data], [50, 100, 25]);
 * ```
 */
export function resize(image: RgbImage, size: Size, rule: PillowResampling = "bicubic"): RgbImage {
  const wide = (input: RgbImage): RgbImage =>
    size.width === input.width ? input : horizontalPass(input, size.width, rule);
  const high = (input: RgbImage): RgbImage =>
    size.height === input.height ? input : verticalPass(input, size.height, rule);
  return isVerticalFirst(image, size) ? wide(high(image)) : high(wide(image));
}

/** Numbers on a grid, `data[(y * width + x) * channels + channel]`. */
export interface Plane extends Size {
  readonly channels: number;
  readonly data: Float32Array;
}

function resampleColumns(plane: Plane, width: number, rule: Resampling): Plane {
  const { channels, height } = plane;
  const data = new Float32Array(width * height * channels);
  const rows = weightRows(rule, plane.width, width);
  for (let y = 0; y < height; y++) {
    rows.forEach(({ start, weights }, x) => {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap++) {
          const at = (y * plane.width + start + tap) * channels + channel;
          sum += (plane.data[at] as number) * (weights[tap] as number);
        }
        data[(y * width + x) * channels + channel] = sum;
      }
    });
  }
  return { width, height, channels, data };
}

function resampleRows(plane: Plane, height: number, rule: Resampling): Plane {
  const stride = plane.width * plane.channels;
  const data = new Float32Array(stride * height);
  weightRows(rule, plane.height, height).forEach(({ start, weights }, y) => {
    for (let at = 0; at < stride; at++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) {
        sum += (plane.data[(start + tap) * stride + at] as number) * (weights[tap] as number);
      }
      data[y * stride + at] = sum;
    }
  });
  return { width: plane.width, height, channels: plane.channels, data };
}

/**
 * Resizes a float plane without rounding to 8 bits.
 *
 * @param size The new size, ≥ 1 each.
 * @param rule `"bicubic-torch"` for PyTorch's plain bicubic, `"bicubic"` for its antialiased one, `"area"` for adaptive
 * average pooling.
 * @returns A new plane; sums are taken in double precision, columns first.
 */
export function resizePlane(plane: Plane, size: Size, rule: Resampling): Plane {
  return resampleRows(resampleColumns(plane, size.width, rule), size.height, rule);
}
