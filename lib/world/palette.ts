/**
 * The colours of the world, and what the light of a time of day does to them.
 *
 * @module
 */
import type { Rgb } from "./raster.ts";
import type { Colour, Hair, Skin, Time } from "./scene.ts";

/** Colours of fur, metal, shirts and accessories. */
export const PAINT: Readonly<Record<Colour, Rgb>> = {
  red: [222, 40, 44],
  orange: [244, 136, 24],
  yellow: [250, 222, 50],
  green: [62, 178, 66],
  blue: [48, 106, 230],
  purple: [138, 62, 186],
  pink: [250, 150, 196],
  white: [246, 246, 244],
};

/** Hair colours. */
export const HAIR_PAINT: Readonly<Record<Hair, Rgb>> = {
  black: [38, 34, 40],
  brown: [122, 72, 34],
  blond: [240, 200, 96],
  grey: [164, 166, 172],
};

/** Skin colours. */
export const SKIN_PAINT: Readonly<Record<Skin, Rgb>> = { light: [252, 216, 184], dark: [150, 96, 62] };

/** Pupils, noses, letters. */
export const INK: Rgb = [36, 30, 40];
/** The white of eyes and highlights. */
export const PAPER: Rgb = [255, 255, 255];

/** The sky of a time of day, and the factors by which it colours what it shines on. */
export interface Light {
  readonly skyTop: Rgb;
  readonly skyBottom: Rgb;
  /** Factor a channel for everything behind the character. */
  readonly scenery: Rgb;
  /** Factor a channel for the character: a third of the way, so that its colours stay readable. */
  readonly figure: Rgb;
}

const third = (factor: Rgb): Rgb => [
  1 - (1 - factor[0]) / 3,
  1 - (1 - factor[1]) / 3,
  1 - (1 - factor[2]) / 3,
];

const light = (sky: readonly [Rgb, Rgb], scenery: Rgb): Light => ({
  skyTop: sky[0],
  skyBottom: sky[1],
  scenery,
  figure: third(scenery),
});

/** The light of each time of day. */
export const LIGHTS: Readonly<Record<Time, Light>> = {
  day: light([[116, 196, 246], [196, 232, 252]], [1, 1, 1]),
  sunset: light([[232, 92, 96], [254, 190, 96]], [1, 0.78, 0.66]),
  night: light([[18, 22, 62], [44, 52, 112]], [0.42, 0.46, 0.62]),
};

/**
 * Multiplies a colour by a factor a channel.
 *
 * @param colour 0…255.
 * @param factor 0…1 a channel, or one number for all three.
 * @returns The darker colour.
 */
export function tint(colour: Rgb, factor: Rgb | number): Rgb {
  const [r, g, b] = typeof factor === "number" ? [factor, factor, factor] : factor;
  return [colour[0] * r, colour[1] * g, colour[2] * b];
}

/**
 * Mixes two colours.
 *
 * @param from At 0.
 * @param to At 1.
 * @param share 0…1.
 * @returns The colour in between.
 */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (a: number, b: number) => a + (b - a) * share;
  return [at(from[0], to[0]), at(from[1], to[1]), at(from[2], to[2])];
}
