/**
 * How a picture becomes tokens: patches, the class token, position embeddings of any grid.
 *
 * @module
 */
import { resampleMatrix } from "../../image/resample_weights.ts";
import { linear } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import type { AffineOf } from "./parameters.ts";

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/** How position embeddings of one grid become those of another: anti-aliased (DINOv2 with registers) or not. */
export interface PositionResize {
  readonly antialias: boolean;
}

/**
 * Resizes position embeddings to another grid; the row of the class token stays.
 *
 * `P' = R_rows · P · R_columnsᵀ`. Differentiable with respect to the positions.
 *
 * @param positions `[1 + n², D]`, the class token first, then a square grid.
 * @param grid Rows and columns wanted.
 * @param options How to resample.
 * @returns `[1 + rows · columns, D]`.
 */
export function resizePositions(positions: tf.Tensor, grid: Grid, options: PositionResize): tf.Tensor {
  const [count, width] = positions.shape as [number, number];
  const side = Math.round(Math.sqrt(count - 1));
  const [rows, columns] = grid;
  if (rows === side && columns === side) return tf.clone(positions);
  const patches = tf.reshape(tf.slice(positions, [1, 0]), [side, side * width]);
  const rule = options.antialias ? "bicubic" : "bicubic-torch";
  const down = tf.tensor2d(resampleMatrix(rule, side, rows), [rows, side]);
  const across = tf.tensor2d(resampleMatrix(rule, side, columns), [columns, side]);
  const tall = tf.reshape(tf.matMul(down, patches as tf.Tensor2D), [rows, side, width]);
  const turned = tf.reshape(tf.transpose(tall, [1, 0, 2]), [side, rows * width]) as tf.Tensor2D;
  const wide = tf.reshape(tf.matMul(across, turned), [columns, rows, width]);
  const resized = tf.reshape(tf.transpose(wide, [1, 0, 2]), [rows * columns, width]);
  return tf.concat([tf.slice(positions, [0, 0], [1, width]), resized], 0);
}

/**
 * Cuts pictures into patches and projects each: a convolution whose stride is its kernel.
 *
 * @param pixels `[B, rows · p, columns · p, 3]`.
 * @param patch Weight `[D, 3, p, p]`, bias `[D]` or none.
 * @returns `[B, rows · columns, D]`, row by row.
 */
export function embedPatches(pixels: tf.Tensor, patch: AffineOf<tf.Tensor>): tf.Tensor {
  const [batch, height, width, channels] = pixels.shape as [number, number, number, number];
  const [out, , size] = patch.weight.shape as [number, number, number];
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const strips = tf.reshape(pixels, [batch, rows, size, columns, size * channels]);
  const cells = tf.reshape(tf.transpose(strips, [0, 1, 3, 2, 4]), [
    batch,
    rows * columns,
    size * size * channels,
  ]);
  const weight = tf.reshape(tf.transpose(patch.weight, [0, 2, 3, 1]), [out, size * size * channels]);
  return linear(cells, patch.bias === undefined ? { weight } : { weight, bias: patch.bias });
}

/**
 * Puts the class token before the patches and adds the position embeddings of the picture's grid.
 *
 * @param patches `[B, rows · columns, D]`.
 * @param embeddings.classToken `D` numbers, any shape.
 * @param embeddings.positions `1 + n²` rows of `D` numbers, any shape.
 * @param options The grid, and how positions are resampled.
 * @returns `[B, 1 + rows · columns, D]`.
 */
export function prependClass(
  patches: tf.Tensor,
  embeddings: { readonly classToken: tf.Tensor; readonly positions: tf.Tensor },
  options: PositionResize & { readonly grid: Grid },
): tf.Tensor {
  const [batch, , width] = patches.shape as [number, number, number];
  const first = tf.tile(tf.reshape(embeddings.classToken, [1, 1, width]), [batch, 1, 1]);
  const positions = resizePositions(tf.reshape(embeddings.positions, [-1, width]), options.grid, options);
  return tf.add(tf.concat([first, patches], 1), tf.reshape(positions, [1, -1, width]));
}
