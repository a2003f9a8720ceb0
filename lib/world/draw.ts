/**
 * From a scene to a picture: scenery, shadow, character.
 *
 * @module
 */
import type { RgbImage } from "../image/image.ts";
import { makeBrush } from "./brush.ts";
import { boxTop, paintFigure, paintSnore } from "./figure.ts";
import { LIGHTS } from "./palette.ts";
import { boxFilter, makeCanvas } from "./raster.ts";
import type { Position, Scene } from "./scene.ts";
import { paintScenery } from "./scenery.ts";

/** Units a side of a picture; with `size: 64` a unit is a pixel. */
export const UNITS = 64;

const LEFT: Readonly<Record<Position, number>> = { left: 0, middle: 16, right: 32 };

/** A rectangle of pixels. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How large a picture is. */
export interface RenderOptions {
  /** Pixels a side, a multiple of 64; 64 if left out. */
  readonly size?: number;
}

/**
 * Draws a scene.
 *
 * Flat shapes at four samples a pixel in each direction, box-filtered; the same scene always gives the same bytes.
 *
 * @param scene What to draw.
 * @returns The picture, square.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { renderScene } from "./draw.ts";
 * import { allCharacters, sampleScene } from "./scene.ts";
 * import assert from "node:assert/strict";
 * const picture = renderScene(sampleScene(keyFromSeed(3), { characters: allCharacters() }), { size: 128 });
 * assert.equal(picture.width, 128);
 * ```
 */
export function renderScene(scene: Scene, options: RenderOptions = {}): RgbImage {
  const size = options.size ?? UNITS;
  const canvas = makeCanvas(UNITS, (size / UNITS) * SAMPLES);
  paintScenery(canvas, scene.place, scene.time);
  const light = LIGHTS[scene.time];
  const left = LEFT[scene.position];
  makeBrush(canvas, { origin: [0, 0], light: [1, 1, 1] })
    .ellipse([left + 16, 62], [scene.activity === "jumping" ? 9 : 13, 1.8], [48, 44, 56]);
  const place = { origin: [left, boxTop(scene.activity)] as const, light: light.figure };
  const turned = scene.activity === "sleeping" && scene.position === "right";
  paintFigure(makeBrush(canvas, turned ? { ...place, mirror: 32 } : place), scene);
  if (scene.activity === "sleeping") paintSnore(makeBrush(canvas, place));
  return boxFilter(canvas, size);
}

const SAMPLES = 4;

/**
 * Says where the character stands, accessory included: whole 8-unit patches.
 *
 * @param options The size of the picture.
 * @returns The box in pixels of that picture, inside it.
 */
export function characterBox(scene: Scene, options: RenderOptions = {}): PixelBox {
  const factor = (options.size ?? UNITS) / UNITS;
  const asleep = scene.activity === "sleeping";
  const left = LEFT[scene.position] - (asleep && scene.position === "right" ? 8 : 0);
  return {
    x: left * factor,
    y: (boxTop(scene.activity) - 8) * factor,
    width: (asleep ? 40 : 32) * factor,
    height: 56 * factor,
  };
}
