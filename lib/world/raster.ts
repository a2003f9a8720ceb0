/**
 * Flat shapes on a supersampled canvas: polygons, ellipses, thick lines, and a box filter down to the picture.
 *
 * Coordinates are in *units* from the top left; a canvas holds `scale` samples a unit in each direction. A sample
 * belongs to a shape if its centre does, so the same calls always give the same picture.
 *
 * @module
 */
import type { RgbImage } from "../image/image.ts";

/** Red, green, blue, 0…255. */
export type Rgb = readonly [number, number, number];
/** x to the right, y down, in units. */
export type Point = readonly [number, number];

/** A supersampled picture under construction: one packed colour a sample. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly samples: Uint32Array;
}

/** An axis-parallel ellipse, in units. */
export interface Ellipse {
  readonly centre: Point;
  readonly radius: Point;
}

/**
 * Makes a black canvas.
 *
 * @param units Width and height in units.
 * @param scale Samples a unit in each direction.
 */
export function makeCanvas(units: number, scale: number): Canvas {
  const side = Math.round(units * scale);
  return { width: side, height: side, scale, samples: new Uint32Array(side * side) };
}

const pack = (colour: Rgb): number =>
  (Math.round(colour[0]) << 16) | (Math.round(colour[1]) << 8) | Math.round(colour[2]);

function fillSpan(canvas: Canvas, row: number, span: Point, packed: number): void {
  const first = Math.max(0, Math.ceil(span[0] * canvas.scale - 0.5));
  const last = Math.min(canvas.width, Math.ceil(span[1] * canvas.scale - 0.5));
  if (last > first) canvas.samples.fill(packed, row * canvas.width + first, row * canvas.width + last);
}

function rowsOf(canvas: Canvas, top: number, bottom: number): readonly [number, number] {
  return [
    Math.max(0, Math.ceil(top * canvas.scale - 0.5)),
    Math.min(canvas.height, Math.ceil(bottom * canvas.scale - 0.5)),
  ];
}

/**
 * Fills a rectangle.
 *
 * @param canvas Changed in place.
 * @param corners Left, top, right, bottom in units.
 */
export function fillRectangle(
  canvas: Canvas,
  corners: readonly [number, number, number, number],
  colour: Rgb,
): void {
  const [left, top, right, bottom] = corners;
  const [first, last] = rowsOf(canvas, top, bottom);
  for (let row = first; row < last; row++) fillSpan(canvas, row, [left, right], pack(colour));
}

/**
 * Fills an ellipse.
 *
 * @param canvas Changed in place.
 * @param ellipse Centre and radii in units.
 */
export function fillEllipse(canvas: Canvas, ellipse: Ellipse, colour: Rgb): void {
  const [x, y] = ellipse.centre;
  const [rx, ry] = ellipse.radius;
  const [first, last] = rowsOf(canvas, y - ry, y + ry);
  const packed = pack(colour);
  for (let row = first; row < last; row++) {
    const t = ((row + 0.5) / canvas.scale - y) / ry;
    const half = rx * Math.sqrt(Math.max(0, 1 - t * t));
    fillSpan(canvas, row, [x - half, x + half], packed);
  }
}

/**
 * Fills a polygon by the even–odd rule.
 *
 * @param canvas Changed in place.
 * @param points At least three corners in units; closed by itself.
 */
export function fillPolygon(canvas: Canvas, points: readonly Point[], colour: Rgb): void {
  const heights = points.map((point) => point[1]);
  const [first, last] = rowsOf(canvas, Math.min(...heights), Math.max(...heights));
  const packed = pack(colour);
  for (let row = first; row < last; row++) {
    const crossings = crossingsAt(points, (row + 0.5) / canvas.scale);
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      fillSpan(canvas, row, [crossings[index] ?? 0, crossings[index + 1] ?? 0], packed);
    }
  }
}

function crossingsAt(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  let before = points[points.length - 1] as Point;
  for (const point of points) {
    if ((before[1] <= y) !== (point[1] <= y)) {
      found.push(before[0] + ((y - before[1]) / (point[1] - before[1])) * (point[0] - before[0]));
    }
    before = point;
  }
  return found.sort((a, b) => a - b);
}

/**
 * Draws a thick line with round ends through several points.
 *
 * @param canvas Changed in place.
 * @param points At least one point in units.
 * @param stroke Full width of the line in units, and its colour.
 */
export function strokeLine(
  canvas: Canvas,
  points: readonly Point[],
  stroke: { readonly width: number; readonly colour: Rgb },
): void {
  const half = stroke.width / 2;
  points.forEach((point, index) => {
    fillEllipse(canvas, { centre: point, radius: [half, half] }, stroke.colour);
    const next = points[index + 1];
    if (next === undefined) return;
    const length = Math.hypot(next[0] - point[0], next[1] - point[1]);
    if (length === 0) return;
    const across: Point = [-(next[1] - point[1]) / length * half, (next[0] - point[0]) / length * half];
    fillPolygon(canvas, [
      [point[0] + across[0], point[1] + across[1]],
      [next[0] + across[0], next[1] + across[1]],
      [next[0] - across[0], next[1] - across[1]],
      [point[0] - across[0], point[1] - across[1]],
    ], stroke.colour);
  });
}

/**
 * Box-filters a canvas down to a picture.
 *
 * @param canvas The canvas; its side must be a multiple of `size`.
 * @param size Pixels a side of the picture.
 * @returns The picture: every pixel the rounded mean of its samples.
 */
export function boxFilter(canvas: Canvas, size: number): RgbImage {
  const factor = canvas.width / size;
  const half = (factor * factor) >> 1;
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let red = half, green = half, blue = half;
      for (let row = y * factor; row < (y + 1) * factor; row++) {
        const start = row * canvas.width + x * factor;
        for (let at = start; at < start + factor; at++) {
          const sample = canvas.samples[at] as number;
          red += sample >>> 16;
          green += (sample >>> 8) & 255;
          blue += sample & 255;
        }
      }
      const out = (y * size + x) * 3, count = factor * factor;
      data[out] = Math.floor(red / count);
      data[out + 1] = Math.floor(green / count);
      data[out + 2] = Math.floor(blue / count);
    }
  }
  return { width: size, height: size, data };
}
