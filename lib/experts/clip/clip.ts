/**
 * CLIP: a picture tower and a text tower that meet in one space.
 *
 * Radford et al., "Learning Transferable Visual Models From Natural Language Supervision".
 *
 * @module
 */
import { embed, layerNorm, linear, unit } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { type BlockOptions, causalMask, preNormBlock, type PreNormBlockOf } from "../shared/blocks.ts";
import type { ClipConfig, ClipOf, ClipTextOf, ClipVisionOf } from "./clip_config.ts";
import { embedPatches, prependClass } from "../shared/vision.ts";

/**
 * Embeds pictures as tokens: patches, class token, positions, norm.
 *
 * @param weights The picture tower.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns `[B, 1 + patches, width]`.
 */
export function clipVisionEmbed(
  weights: Pick<ClipVisionOf<tf.Tensor>, "classToken" | "positions" | "patch" | "normBefore">,
  pixels: tf.Tensor,
  config: ClipConfig["vision"],
): tf.Tensor {
  const [, height, width] = pixels.shape as [number, number, number];
  const grid = [Math.floor(height / config.patchSize), Math.floor(width / config.patchSize)] as const;
  const tokens = prependClass(embedPatches(pixels, weights.patch), weights, { grid, antialias: false });
  return layerNorm(tokens, weights.normBefore, config.epsilon);
}

/**
 * Reads the class token after the last block: norm, projection.
 *
 * @param weights The picture tower.
 * @param hidden `[B, 1 + patches, width]`.
 * @param epsilon ε.
 * @returns Vectors of any length, `[B, projection]`.
 */
export function clipVisionHead(
  weights: Pick<ClipVisionOf<tf.Tensor>, "normAfter" | "projection">,
  hidden: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const [batch, , width] = hidden.shape as [number, number, number];
  const first = tf.reshape(tf.slice(hidden, [0, 0, 0], [-1, 1, -1]), [batch, width]);
  return linear(layerNorm(first, weights.normAfter, epsilon), weights.projection);
}

/**
 * Embeds pictures in the common space; differentiable with respect to weights and pixels.
 *
 * @param weights The picture tower.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function clipImageEmbedding(
  weights: ClipVisionOf<tf.Tensor>,
  pixels: tf.Tensor,
  config: ClipConfig,
): tf.Tensor {
  const embedded = clipVisionEmbed(weights, pixels, config.vision);
  const hidden = weights.layers.reduce((x, layer) => preNormBlock(x, layer, config.vision), embedded);
  return unit(clipVisionHead(weights, hidden, config.vision.epsilon));
}

/**
 * Adds positions to token vectors.
 *
 * @param weights The text tower.
 * @param tokens Token vectors `[B, T, width]`.
 * @returns `[B, T, width]`.
 */
export function clipTextEmbed(
  weights: Pick<ClipTextOf<tf.Tensor>, "positions">,
  tokens: tf.Tensor,
): tf.Tensor {
  return tf.add(tokens, tf.slice(weights.positions, [0, 0], [tokens.shape[1] as number, -1]));
}

/**
 * One block of the text tower: each position sees itself and those before it.
 *
 * @param x `[B, T, width]`.
 * @param config Sizes.
 * @returns `[B, T, width]`.
 */
export function clipTextLayer(
  x: tf.Tensor,
  layer: PreNormBlockOf<tf.Tensor>,
  config: BlockOptions,
): tf.Tensor {
  return preNormBlock(x, layer, { ...config, mask: causalMask(x.shape[1] as number) });
}

/**
 * Reads the hidden state at the end of each text: norm, projection.
 *
 * @param weights The text tower.
 * @param text Hidden states `[B, T, width]` and ends `[B, T]`, 1 at the end-of-text token and 0 elsewhere.
 * @param epsilon ε.
 * @returns Vectors of any length, `[B, projection]`.
 */
export function clipTextHead(
  weights: Pick<ClipTextOf<tf.Tensor>, "norm" | "projection">,
  text: { readonly hidden: tf.Tensor; readonly ends: tf.Tensor },
  epsilon: number,
): tf.Tensor {
  const [batch, length] = text.ends.shape as [number, number];
  const last = tf.sum(tf.mul(text.hidden, tf.reshape(text.ends, [batch, length, 1])), 1);
  return linear(layerNorm(last, weights.norm, epsilon), weights.projection);
}

/**
 * Embeds texts in the common space; differentiable with respect to all weights.
 *
 * @param weights Text tower and token table.
 * @param text Ids `[B, T]` int32 and ends `[B, T]` (see {@link clipTextHead}).
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function clipTextEmbedding(
  weights: Pick<ClipOf<tf.Tensor>, "text" | "tokens">,
  text: { readonly ids: tf.Tensor; readonly ends: tf.Tensor },
  config: ClipConfig,
): tf.Tensor {
  const embedded = clipTextEmbed(weights.text, embed(weights.tokens, text.ids));
  const hidden = weights.text.layers.reduce((x, layer) => clipTextLayer(x, layer, config.text), embedded);
  return unit(clipTextHead(weights.text, { hidden, ends: text.ends }, config.text.epsilon));
}

/**
 * Marks the end of each text: the first end-of-text token.
 *
 * @param rows Token ids of each text, padded to one length.
 * @param endOfText Its id; 2 stands for "the highest id of the row", as early checkpoints have it.
 * @returns 1 at the end and 0 elsewhere, row-major.
 */
export function textEnds(rows: readonly (readonly number[])[], endOfText: number): Float32Array {
  const length = rows[0]?.length ?? 0;
  const ends = new Float32Array(rows.length * length);
  rows.forEach((row, index) => {
    const wanted = endOfText === 2 ? Math.max(...row) : endOfText;
    ends[index * length + Math.max(row.indexOf(wanted), 0)] = 1;
  });
  return ends;
}
