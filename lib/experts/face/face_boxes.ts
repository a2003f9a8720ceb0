/**
 * The box arithmetic of MTCNN: pyramid, candidates, suppression, correction, crops. Plain numbers throughout.
 *
 * Coordinates are pixels of the source picture, x to the right and y down.
 *
 * @module
 */
import type { Size } from "../../image/resize.ts";

/** Corners of a box. */
export type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

/** A box and how sure the network is that it holds a face. */
export interface ScoredBox {
  readonly box: Corners;
  readonly score: number;
}

/** A candidate of the proposal network with its correction. */
export interface Candidate extends ScoredBox {
  readonly correction: Corners;
}

/** Pixels that a cell of the proposal network sees, and how far apart cells are. */
const CELL = { size: 12, stride: 2 } as const;

/**
 * Lists the scales of the picture pyramid: the first makes the smallest face 12 pixels high.
 *
 * @param options.minFace Smallest face in pixels.
 * @param options.factor Each scale times this is the next.
 * @returns Scales, largest first; none if the picture is smaller than the smallest face.
 *
 * @example
 * ```ts
 * import { pyramidScales } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(pyramidScales({ width: 18, height: 18 }, { minFace: 20, factor: 0.709 }), []);
 * ```
 */
export function pyramidScales(
  size: Size,
  options: { readonly minFace: number; readonly factor: number },
): readonly number[] {
  const first = CELL.size / options.minFace;
  const scales: number[] = [];
  let side = Math.min(size.width, size.height) * first;
  for (let scale = first; side >= CELL.size; scale *= options.factor, side *= options.factor) {
    scales.push(scale);
  }
  return scales;
}

/**
 * Computes the size of one step of the pyramid.
 *
 * @returns `⌊length · scale + 1⌋` on both sides.
 */
export function scaledSize(size: Size, scale: number): Size {
  return { width: Math.floor(size.width * scale + 1), height: Math.floor(size.height * scale + 1) };
}

/**
 * Finds the part of the picture that a cell of the proposal network saw.
 *
 * The division is done in 32 bits, as in the reference: 18 / 0.6 is a little less than 30 there, and the floor moves the
 * box by a pixel.
 *
 * @param cell Column and row.
 * @param scale The scale of the pyramid.
 *
 * @example
 * ```ts
 * import { cellBox } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(cellBox({ x: 5, y: 3 }, 0.6), [18, 11, 36, 29]);
 * ```
 */
export function cellBox(cell: { readonly x: number; readonly y: number }, scale: number): Corners {
  const single = Math.fround(scale);
  const place = (position: number): number => Math.floor(Math.fround(position / single));
  const left = cell.x * CELL.stride;
  const top = cell.y * CELL.stride;
  return [place(left + 1), place(top + 1), place(left + CELL.size), place(top + CELL.size)];
}

/**
 * Collects the cells that look like a face.
 *
 * @param outputs Scores `[rows, columns]` and corrections `[rows, columns, 4]`, row-major.
 * @param options.columns Columns of the map.
 * @param options.scale The scale of the pyramid.
 * @param options.threshold Lowest score that counts.
 * @returns Candidates row by row.
 */
export function candidates(
  outputs: { readonly scores: ArrayLike<number>; readonly boxes: ArrayLike<number> },
  options: { readonly columns: number; readonly scale: number; readonly threshold: number },
): readonly Candidate[] {
  const found: Candidate[] = [];
  const threshold = Math.fround(options.threshold);
  for (let index = 0; index < outputs.scores.length; index++) {
    const score = outputs.scores[index] as number;
    if (score < threshold) continue;
    const cell = { x: index % options.columns, y: Math.floor(index / options.columns) };
    found.push({ box: cellBox(cell, options.scale), score, correction: quadAt(outputs.boxes, index) });
  }
  return found;
}

/**
 * Reads four numbers of a row.
 *
 * @param values `[rows, 4]`.
 */
export function quadAt(values: ArrayLike<number>, row: number): Corners {
  const at = (offset: number) => values[row * 4 + offset] as number;
  return [at(0), at(1), at(2), at(3)];
}

/** How much two boxes overlap, and whether their last pixels count. */
export type Overlap = "union" | "minimum";

function overlapOf(a: Corners, b: Corners, kind: Overlap): number {
  const border = kind === "minimum" ? 1 : 0;
  const side = (low: number, high: number) => Math.max(0, high - low + border);
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1 + border) * (y2 - y1 + border);
  const width = side(Math.max(a[0], b[0]), Math.min(a[2], b[2]));
  const inter = width * side(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
  return kind === "minimum" ? inter / Math.min(area(a), area(b)) : inter / (area(a) + area(b) - inter);
}

/**
 * Keeps the best of boxes that overlap (greedy non-maximum suppression).
 *
 * @param boxes Boxes with scores; equal scores keep their order.
 * @param threshold A box that overlaps a better one by more than this is dropped.
 * @param kind Intersection over union; or over the smaller box, whose last pixels then count.
 * @returns Indices of the boxes that stay, best first.
 *
 * @example
 * ```ts
 * import { suppress } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * const boxes = [
 *   { box: [0, 0, 10, 10], score: 0.9 },
 *   { box: [1, 1, 9, 9], score: 0.8 },
 *   { box: [20, 20, 30, 30], score: 0.7 },
 * ] as const;
 * assert.deepEqual(suppress(boxes, 0.7, "minimum"), [0, 2]);
 * ```
 */
export function suppress(
  boxes: readonly ScoredBox[],
  threshold: number,
  kind: Overlap = "union",
): readonly number[] {
  const order = boxes.map((_, index) => index).sort((a, b) =>
    (boxes[b] as ScoredBox).score - (boxes[a] as ScoredBox).score
  );
  const kept: number[] = [];
  for (const index of order) {
    const { box } = boxes[index] as ScoredBox;
    if (kept.every((other) => !(overlapOf((boxes[other] as ScoredBox).box, box, kind) > threshold))) {
      kept.push(index);
    }
  }
  return kept;
}

/**
 * Moves the corners of a box by fractions of its size.
 *
 * @param correction Four fractions.
 * @param border 1 if the last pixels count for the size (refining networks), 0 if not (proposals).
 * @returns The corrected box.
 *
 * @example
 * ```ts
 * import { correct } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * const moved = correct([10, 20, 50, 100], [0.1, -0.1, 0.05, 0.02], 1);
 * assert.deepEqual(moved.map((x) => Math.round(x * 100) / 100), [14.1, 11.9, 52.05, 101.62]);
 * ```
 */
export function correct(box: Corners, correction: Corners, border: 0 | 1): Corners {
  const width = box[2] - box[0] + border;
  const height = box[3] - box[1] + border;
  return [
    box[0] + correction[0] * width,
    box[1] + correction[1] * height,
    box[2] + correction[2] * width,
    box[3] + correction[3] * height,
  ];
}

/**
 * Grows a box to a square around the same centre.
 *
 * @example
 * ```ts
 * import { squared } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(squared([10, 20, 50, 100]), [-10, 20, 70, 100]);
 * ```
 */
export function squared([x1, y1, x2, y2]: Corners): Corners {
  const [width, height] = [x2 - x1, y2 - y1];
  const side = Math.max(width, height);
  const left = x1 + width / 2 - side / 2;
  const top = y1 + height / 2 - side / 2;
  return [left, top, left + side, top + side];
}

/** A window in pixels of the picture. */
export interface Window extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Finds the pixels of a box that lie in the picture; coordinates count from 1.
 *
 * @param box The box; fractions are cut off.
 * @returns The window, or `null` if nothing of the box lies in the picture.
 *
 * @example
 * ```ts
 * import { windowOf } from "./face_boxes.ts";
 * import assert from "node:assert/strict";
 * const window = windowOf([-3.7, 5.2, 30.9, 64.1], { width: 40, height: 60 });
 * assert.deepEqual(window, { left: 0, top: 4, width: 30, height: 56 });
 * ```
 */
export function windowOf(box: Corners, size: Size): Window | null {
  const [x1, y1, x2, y2] = box.map(Math.trunc) as unknown as Corners;
  const left = Math.max(x1, 1) - 1;
  const top = Math.max(y1, 1) - 1;
  const width = Math.min(x2, size.width) - left;
  const height = Math.min(y2, size.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}

/**
 * Places the five points of a face.
 *
 * @param box The box before its last correction.
 * @param points Five x, then five y, as fractions of the box.
 * @returns Left eye, right eye, nose, left and right corner of the mouth; x and y each.
 */
export function landmarksIn(box: Corners, points: ArrayLike<number>): readonly (readonly [number, number])[] {
  const width = box[2] - box[0] + 1;
  const height = box[3] - box[1] + 1;
  return [0, 1, 2, 3, 4].map((point) =>
    [
      width * (points[point] as number) + box[0] - 1,
      height * (points[point + 5] as number) + box[1] - 1,
    ] as const
  );
}
