/**
 * ERNIE: a BERT encoder with an optional table of task types.
 *
 * Sun et al., "ERNIE 2.0: A Continual Pre-training Framework for Language Understanding" and "ERNIE 3.0".
 *
 * @module
 */
import { embed, layerNorm, linear, unit } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { type BlockOptions, keyMask, postNormAttention, postNormMlp } from "../shared/blocks.ts";
import type { ErnieBodyOf, ErnieConfig, ErnieLayerOf, ErnieOf } from "./ernie_config.ts";
import type { AffineOf } from "../shared/parameters.ts";

/** How the hidden states of a text become one vector. */
export type TextPooling = "mean" | "cls" | "pooler";

/** Type ids other than 0, each `[B, T]` int32. */
export interface TypeIds {
  readonly tokenTypes?: tf.Tensor;
  readonly taskTypes?: tf.Tensor;
}

/**
 * Adds positions and types to word vectors and normalises: `LN(word + token type + position (+ task type))`.
 *
 * @param weights The model without word table, layers and pooler.
 * @param words Word vectors `[B, T, width]`.
 * @param options.epsilon ε.
 * @param options.types Type ids; all 0 by default.
 * @returns `[B, T, width]`.
 */
export function ernieEmbed(
  weights: Omit<ErnieBodyOf<tf.Tensor>, "layers" | "pooler">,
  words: tf.Tensor,
  options: { readonly epsilon: number; readonly types?: TypeIds },
): tf.Tensor {
  const length = words.shape[1] as number;
  const row = (table: tf.Tensor, ids: tf.Tensor | undefined) =>
    ids === undefined ? tf.slice(table, [0, 0], [1, -1]) : embed(table, ids);
  const typed = tf.add(words, row(weights.tokenTypes, options.types?.tokenTypes));
  const placed = tf.add(typed, tf.slice(weights.positions, [0, 0], [length, -1]));
  const all = weights.taskTypes === undefined
    ? placed
    : tf.add(placed, row(weights.taskTypes, options.types?.taskTypes));
  return layerNorm(all, weights.norm, options.epsilon);
}

/**
 * One layer: attention, then feed-forward, each normalised after its sum.
 *
 * @param x `[B, T, width]`.
 * @param options.mask Added to the attention scores, `[B, 1, 1, T]`.
 * @returns `[B, T, width]`.
 */
export function ernieLayer(
  x: tf.Tensor,
  layer: ErnieLayerOf<tf.Tensor>,
  options: BlockOptions & { readonly mask: tf.Tensor },
): tf.Tensor {
  return postNormMlp(postNormAttention(x, layer.attention, options), layer.feedForward, options);
}

/**
 * Runs the model on token ids: differentiable with respect to all weights.
 *
 * @param text Ids and mask `[B, T]` int32 (1 = real token), and type ids other than 0.
 * @param config Sizes.
 * @returns Hidden states `[B, T, width]`; those of padding mean nothing.
 */
export function ernieHidden(
  weights: ErnieOf<tf.Tensor>,
  text: TypeIds & { readonly ids: tf.Tensor; readonly mask: tf.Tensor },
  config: ErnieConfig,
): tf.Tensor {
  const options = { ...config, mask: keyMask(text.mask) };
  const embedded = ernieEmbed(weights, embed(weights.words, text.ids), {
    epsilon: config.epsilon,
    types: text,
  });
  return weights.layers.reduce((x, layer) => ernieLayer(x, layer, options), embedded);
}

/**
 * Pools hidden states into one vector a text, not normalised.
 *
 * @param hidden `[B, T, width]`.
 * @param mask `[B, T]`, 1 = real token.
 * @param options.pooling `mean` over real tokens, the first token, or the tanh pooler over the first token.
 * @param options.pooler Its weights; needed for `pooler`.
 * @returns `[B, width]`.
 */
export function poolText(
  hidden: tf.Tensor,
  mask: tf.Tensor,
  options: { readonly pooling: TextPooling; readonly pooler?: AffineOf<tf.Tensor> | undefined },
): tf.Tensor {
  const [batch, length, width] = hidden.shape as [number, number, number];
  if (options.pooling === "mean") {
    const weights = tf.reshape(tf.cast(mask, "float32"), [batch, length, 1]);
    return tf.div(tf.sum(tf.mul(hidden, weights), 1), tf.maximum(tf.sum(weights, 1), 1));
  }
  const first = tf.reshape(tf.slice(hidden, [0, 0, 0], [-1, 1, -1]), [batch, width]);
  if (options.pooling === "cls") return first;
  if (options.pooler === undefined) throw new Error("this checkpoint has no pooler; choose mean or cls");
  return tf.tanh(linear(first, options.pooler));
}

/**
 * Embeds texts as vectors of length 1, whose dot products are cosines.
 *
 * @param text Ids and mask `[B, T]`.
 * @param options Sizes and pooling.
 * @returns `[B, width]`.
 */
export function ernieEmbedding(
  weights: ErnieOf<tf.Tensor>,
  text: { readonly ids: tf.Tensor; readonly mask: tf.Tensor },
  options: ErnieConfig & { readonly pooling: TextPooling },
): tf.Tensor {
  const hidden = ernieHidden(weights, text, options);
  return unit(poolText(hidden, text.mask, { pooling: options.pooling, pooler: weights.pooler }));
}
