/**
 * What an image looks like in four numbers, and how much the images of a group differ: measured, never rewarded.
 *
 * Rewards can rise while images lose edges and colours or become all alike; these numbers show it.
 *
 * @module
 */
import { squareTo } from "../image/crop.ts";
import { cosine } from "../core/cosine.ts";
import type { RgbImage } from "../image/image.ts";
import { mean } from "../core/mean.ts";

/** The statistics of one image. */
export interface ImageStatistics {
  /** Share of neighbouring pixels whose brightness differs by more than {@link EDGE_STEP}, 0…1. */
  readonly edge_density: number;
  /** Shannon entropy of the histogram of 8 x 8 x 8 colours, 0…9 bits. */
  readonly colour_entropy: number;
  /** Mean HSV saturation, 0…1. */
  readonly saturation: number;
  /** Share of pixels with a brightness below {@link DARK}, 0…1. */
  readonly dark_share: number;
}

/** The names of {@link ImageStatistics}, in the order of tables. */
export const STATISTICS = ["edge_density", "colour_entropy", "saturation", "dark_share"] as const;

/** The brightness step of an edge, of 255. */
export const EDGE_STEP = 16;

/** The brightness below which a pixel is dark, of 255. */
export const DARK = 32;

const brightness = ({ data }: RgbImage): Float32Array =>
  Float32Array.from(
    { length: data.length / 3 },
    (_, pixel) =>
      0.299 * (data[pixel * 3] as number) + 0.587 * (data[pixel * 3 + 1] as number) +
      0.114 * (data[pixel * 3 + 2] as number),
  );

function edgeDensity({ width, height }: RgbImage, light: Float32Array): number {
  const pairs = (width - 1) * height + width * (height - 1);
  let edges = 0;
  for (let pixel = 0; pixel < light.length; pixel++) {
    const here = light[pixel] as number;
    const right = (pixel + 1) % width === 0 ? here : light[pixel + 1] as number;
    const below = light[pixel + width] ?? here;
    edges += Number(Math.abs(right - here) > EDGE_STEP) + Number(Math.abs(below - here) > EDGE_STEP);
  }
  return pairs === 0 ? 0 : edges / pairs;
}

function colourEntropy({ data }: RgbImage): number {
  const counts = new Uint32Array(512);
  for (let at = 0; at < data.length; at += 3) {
    const colour = ((data[at] as number) >> 5 << 6) | ((data[at + 1] as number) >> 5 << 3) |
      ((data[at + 2] as number) >> 5);
    counts[colour] = (counts[colour] as number) + 1;
  }
  const pixels = data.length / 3;
  return counts.reduce(
    (sum, count) => count === 0 ? sum : sum + count / pixels * Math.log2(pixels / count),
    0,
  );
}

function saturation({ data }: RgbImage): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
    const most = Math.max(red, green, blue);
    sum += most === 0 ? 0 : (most - Math.min(red, green, blue)) / most;
  }
  return sum / (data.length / 3);
}

/** The side of the square on which images of any size are measured, so that they can be compared. */
export const MEASURED_SIDE = 128;

const measured = (image: RgbImage): RgbImage => {
  const side = Math.min(image.width, image.height, MEASURED_SIDE);
  return image.width === side && image.height === side ? image : squareTo(image, side);
};

/**
 * Measures the middle square of an image, shrunk to at most 128 pixels a side.
 *
 * @param source At least one pixel.
 * @returns Its statistics; all 0 for a black image but the dark share, which is 1.
 *
 * @example
 * ```ts
 * import { imageStatistics } from "./image_statistics.ts";
 * import { solidImage } from "../image/image.ts";
 * import assert from "node:assert/strict";
 * const red = imageStatistics(solidImage(8, 8, [255, 0, 0]));
 * assert.deepEqual(red, { edge_density: 0, colour_entropy: 0, saturation: 1, dark_share: 0 });
 * ```
 */
export function imageStatistics(source: RgbImage): ImageStatistics {
  const image = measured(source);
  const light = brightness(image);
  return {
    edge_density: edgeDensity(image, light),
    colour_entropy: colourEntropy(image),
    saturation: saturation(image),
    dark_share: light.reduce((count, value) => count + Number(value < DARK), 0) / light.length,
  };
}

/**
 * Averages the statistics of several images.
 *
 * @param all One per image.
 * @returns Their means; NaN without images.
 */
export function meanStatistics(all: readonly ImageStatistics[]): ImageStatistics {
  const of = (name: keyof ImageStatistics): number => mean(all.map((each) => each[name]));
  return Object.fromEntries(STATISTICS.map((name) => [name, of(name)])) as unknown as ImageStatistics;
}

/**
 * Measures how much the images of a group differ: the mean of 1 − cos over all pairs of their features.
 *
 * @param features One vector per image, of one length: the class tokens of DINOv2.
 * @returns 0 for equal images, at most 2; `null` for fewer than two images.
 *
 * @example
 * ```ts
 * import { groupDiversity } from "./image_statistics.ts";
 * import assert from "node:assert/strict";
 * assert.equal(groupDiversity([[1, 0], [0, 1]].map((each) => Float32Array.from(each))), 1);
 * ```
 */
export function groupDiversity(features: readonly Float32Array[]): number | null {
  if (features.length < 2) return null;
  return mean(
    features.flatMap((one, index) => features.slice(index + 1).map((other) => 1 - cosine(one, other))),
  );
}
