/**
 * Many pictures as one, each with its caption.
 *
 * @module
 */
import { type RgbImage, solidImage } from "./image.ts";
import { cut } from "./crop.ts";
import { drawText, GLYPH_ADVANCE, LINE_ADVANCE, wrapText } from "./bitmap_font.ts";

/** A picture of a grid. */
export interface GridCell {
  readonly image: RgbImage;
  /** Shown below the picture, brightest first. */
  readonly caption: GridCaption;
}

/** What stands below a picture; absent parts take no room in the whole grid. */
export interface GridCaption {
  /** Total reward; NaN shows as `-`. */
  readonly reward?: number;
  readonly advantage?: number;
  /** Any other short line: a seed, an expert's score. */
  readonly note?: string;
  readonly prompt?: string;
}

/** How a grid looks. */
export interface GridOptions {
  /** Cells per row; default: about twice as wide as high. */
  readonly columns?: number;
  /** Pictures are enlarged by a whole factor until their longer side has at least this many pixels. */
  readonly minimumSide?: number;
  /** Lines that a prompt may take. */
  readonly promptLines?: number;
}

const PADDING = 6;
const BACKGROUND = 24;
const BRIGHT = 235;
const DIM = 160;

const numberText = (value: number): string => Number.isFinite(value) ? value.toFixed(3) : "-";
const signedText = (value: number): string => value > 0 ? `+${numberText(value)}` : numberText(value);

function captionLines(caption: GridCaption, columns: number, promptLines: number): readonly string[] {
  const { reward, advantage, note, prompt } = caption;
  const scores = [
    ...(reward === undefined ? [] : [`r ${numberText(reward)}`]),
    ...(advantage === undefined ? [] : [`a ${signedText(advantage)}`]),
  ];
  return [
    ...wrapText(scores.join("  "), columns, 2),
    ...(note === undefined ? [] : wrapText(note, columns, 1)),
    ...(prompt === undefined ? [] : wrapText(prompt, columns, promptLines)),
  ];
}

function paste(
  canvas: RgbImage,
  image: RgbImage,
  at: { readonly x: number; readonly y: number; readonly scale: number },
): void {
  for (let y = 0; y < image.height * at.scale; y++) {
    const source = Math.floor(y / at.scale) * image.width;
    for (let x = 0; x < image.width * at.scale; x++) {
      const from = (source + Math.floor(x / at.scale)) * 3;
      const to = ((at.y + y) * canvas.width + at.x + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        canvas.data[to + channel] = image.data[from + channel] ?? 0;
      }
    }
  }
}

/** Size and place of every cell. */
function layOut(cells: readonly GridCell[], options: GridOptions) {
  const longest = Math.max(...cells.map(({ image }) => Math.max(image.width, image.height)));
  const scale = Math.max(1, Math.ceil((options.minimumSide ?? 128) / longest));
  const width = Math.max(...cells.map(({ image }) => image.width)) * scale;
  const height = Math.max(...cells.map(({ image }) => image.height)) * scale;
  const columns = Math.min(cells.length, options.columns ?? Math.ceil(Math.sqrt(cells.length * 2)));
  const lines = cells.map(({ caption }) =>
    captionLines(caption, Math.max(1, Math.floor(width / GLYPH_ADVANCE)), options.promptLines ?? 4)
  );
  const captionHeight = Math.max(...lines.map((text) => text.length)) * LINE_ADVANCE;
  const cellHeight = height + (captionHeight === 0 ? 0 : captionHeight + 4);
  return { scale, width, height, columns, lines, cellHeight, rows: Math.ceil(cells.length / columns) };
}

/**
 * Lays pictures out in rows, with captions in a small bitmap font.
 *
 * @param cells At least one; pictures may differ in size.
 * @param options How it looks.
 * @returns One picture.
 * @throws RangeError for no cells.
 *
 * @example
 * ```ts
 * import { solidImage } from "./image.ts";
 * import { imageGrid } from "./png_grid.ts";
 * import assert from "node:assert/strict";
 * const cell = { image: solidImage(64, 64, [255, 0, 0]), caption: { reward: 0.5, prompt: "a red square" } };
 * assert.equal(imageGrid([cell, cell], { columns: 2 }).width, 2 * 128 + 3 * 6);
 * ```
 */
export function imageGrid(cells: readonly GridCell[], options: GridOptions = {}): RgbImage {
  if (cells.length === 0) throw new RangeError("a grid needs at least one picture");
  const { scale, width, height, columns, lines, cellHeight, rows } = layOut(cells, options);
  const canvas = solidImage(
    PADDING + columns * (width + PADDING),
    PADDING + rows * (cellHeight + PADDING),
    [BACKGROUND, BACKGROUND, BACKGROUND],
  );
  cells.forEach(({ image }, index) => {
    const x = PADDING + (index % columns) * (width + PADDING);
    const y = PADDING + Math.floor(index / columns) * (cellHeight + PADDING);
    paste(canvas, image, { x, y, scale });
    (lines[index] ?? []).forEach((line, row) =>
      drawText(canvas, line, { x, y: y + height + 4 + row * LINE_ADVANCE, grey: row === 0 ? BRIGHT : DIM })
    );
  });
  return canvas;
}

/**
 * Cuts the pictures out of a grid that {@link imageGrid} laid out with its own choice of columns.
 *
 * @param count How many pictures it holds; all of one size, square.
 * @returns The pictures as they were enlarged, in order; none if the grid cannot hold so many.
 *
 * @example
 * ```ts
 * import { solidImage } from "./image.ts";
 * import { cutGrid, imageGrid } from "./png_grid.ts";
 * import assert from "node:assert/strict";
 * const cells = [10, 20, 30].map((grey) => ({ image: solidImage(64, 64, [grey, grey, grey]), caption: { reward: 1 } }));
 * const cut = cutGrid(imageGrid(cells), 3);
 * assert.deepEqual(cut.map(({ width, data }) => [width, data[0]]), [[128, 10], [128, 20], [128, 30]]);
 * ```
 */
export function cutGrid(grid: RgbImage, count: number): readonly RgbImage[] {
  const columns = Math.min(count, Math.ceil(Math.sqrt(count * 2)));
  const side = (grid.width - PADDING) / columns - PADDING;
  const cellHeight = (grid.height - PADDING) / Math.ceil(count / columns) - PADDING;
  if (!Number.isInteger(side) || !Number.isInteger(cellHeight) || side < 1 || cellHeight < side) return [];
  return Array.from({ length: count }, (_, index) => {
    const left = PADDING + (index % columns) * (side + PADDING);
    const top = PADDING + Math.floor(index / columns) * (cellHeight + PADDING);
    return cut(grid, { left, top, width: side, height: side });
  });
}
