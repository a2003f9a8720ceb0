/**
 * Stored pixels and vectors in the form that experts use.
 *
 * @module
 */
import type { Pixels } from "../../../lib/experts/shared/preprocess.ts";
import type { Arrays } from "../fixture.ts";

/** Turns stored pixels `[B, 3, H, W]` into `[B, H, W, 3]`. */
export function nhwcPixels(arrays: Arrays, name: string): Pixels {
  const [batch, channels, height, width] = arrays.shape(name) as [number, number, number, number];
  const stored = arrays.numbers(name);
  const data = new Float32Array(stored.length);
  const area = height * width;
  for (let index = 0; index < stored.length; index++) {
    const row = Math.floor(index / (channels * area));
    const channel = Math.floor(index / area) % channels;
    data[(row * area + index % area) * channels + channel] = stored[index] as number;
  }
  return { shape: [batch, height, width, 3], data };
}

/**
 * Scales a vector to length 1.
 *
 * @returns A new one.
 */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / length);
}
