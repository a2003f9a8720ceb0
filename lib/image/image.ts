/**
 * The one picture type that crosses stages.
 *
 * @module
 */

/** An 8-bit RGB picture, rows from the top, `data[(y * width + x) * 3 + channel]`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Makes a picture of one colour.
 *
 * @param width Pixels.
 * @param height Pixels.
 * @param colour Red, green, blue in 0…255.
 */
export function solidImage(
  width: number,
  height: number,
  colour: readonly [number, number, number] = [0, 0, 0],
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < data.length; index++) data[index] = colour[(index % 3) as 0 | 1 | 2];
  return { width, height, data };
}
