/**
 * The querying transformer of BLIP-2: learned queries look at a picture, alone or together with a text.
 *
 * Li et al., "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models".
 *
 * @module
 */
import { layerNorm, linear, unit } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { keyMask, postNormAttention, postNormMlp } from "../shared/blocks.ts";
import type { QformerConfig, QformerLayerOf, QformerOf } from "./blip2_config.ts";
import type { AffineOf } from "../shared/parameters.ts";

const rows = (x: tf.Tensor, begin: number, count: number): tf.Tensor =>
  tf.slice(x, [0, begin, 0], [-1, count, -1]);

/**
 * Adds positions to word vectors and normalises.
 *
 * @param weights The querying transformer.
 * @param words Word vectors `[B, T, width]`.
 * @returns `[B, T, width]`, not yet normalised: that happens once over queries and text together.
 */
export function qformerText(weights: Pick<QformerOf<tf.Tensor>, "positions">, words: tf.Tensor): tf.Tensor {
  return tf.add(words, tf.slice(weights.positions, [0, 0], [words.shape[1] as number, -1]));
}

/**
 * One layer: self-attention over queries and text, cross-attention and own feed-forward part for the queries.
 *
 * @param x Queries, then text, `[B, Q + T, width]`; without a picture text alone.
 * @param context What the queries look at, `[B, S, image width]`, and what is added to the self-attention scores.
 * @param config Sizes.
 * @returns `[B, Q + T, width]`.
 */
export function qformerLayer(
  x: tf.Tensor,
  layer: QformerLayerOf<tf.Tensor>,
  context: { readonly image?: tf.Tensor | undefined; readonly mask?: tf.Tensor | undefined },
  config: QformerConfig,
): tf.Tensor {
  const { image, mask } = context;
  const attended = postNormAttention(x, layer.attention, { ...config, mask });
  const queries = image === undefined ? 0 : config.queries;
  const textLength = (x.shape[1] as number) - queries;
  const parts: tf.Tensor[] = [];
  if (image !== undefined) {
    const own = rows(attended, 0, queries);
    const looked = layer.cross === undefined
      ? own
      : postNormAttention(own, layer.cross, { ...config, context: image });
    parts.push(postNormMlp(looked, layer.queryMlp, config));
  }
  if (textLength > 0) parts.push(postNormMlp(rows(attended, queries, textLength), layer.textMlp, config));
  return tf.concat(parts, 1);
}

/** What the querying transformer reads. */
export type QformerInputs = {
  /** Hidden states of pictures, `[B, S, image width]`; with them the queries take part. */
  readonly image?: tf.Tensor;
  /** Word vectors `[B, T, width]` and their mask `[B, T]`, 1 = real token. */
  readonly text?: { readonly words: tf.Tensor; readonly mask: tf.Tensor };
};

/** What enters the layers. */
export type QformerState = {
  /** Queries, then text, `[B, Q + T, width]`. */
  readonly hidden: tf.Tensor;
  /** Added to the self-attention scores where there is a text. */
  readonly mask?: tf.Tensor;
};

/** The weights that {@link qformerEmbed} needs. */
export type QformerEntrance = Pick<QformerOf<tf.Tensor>, "queries" | "positions" | "norm">;

/**
 * Puts queries and text into one sequence and normalises it.
 *
 * @param weights The querying transformer; its layers are not used.
 * @param inputs Pictures (only their number counts here), texts, or both.
 * @param config Sizes.
 * @returns What enters the layers.
 */
export function qformerEmbed(
  weights: QformerEntrance,
  inputs: QformerInputs,
  config: QformerConfig,
): QformerState {
  const { image, text } = inputs;
  const parts: tf.Tensor[] = [];
  if (image !== undefined) parts.push(tf.tile(weights.queries, [image.shape[0] as number, 1, 1]));
  if (text !== undefined) parts.push(qformerText(weights, text.words));
  const hidden = layerNorm(tf.concat(parts, 1), weights.norm, config.epsilon);
  if (text === undefined) return { hidden };
  const real = tf.cast(text.mask, "float32");
  const queries = tf.ones([real.shape[0] as number, config.queries]);
  return { hidden, mask: keyMask(image === undefined ? real : tf.concat([queries, real], 1)) };
}

/**
 * Runs the querying transformer on pictures, on texts, or on pairs; differentiable with respect to all weights.
 *
 * @param weights The querying transformer.
 * @param inputs Pictures, texts, or both; the batches must then agree.
 * @param config Sizes.
 * @returns `[B, Q + T, width]`: queries first (none without a picture), then text.
 */
export function qformerHidden(
  weights: QformerOf<tf.Tensor>,
  inputs: QformerInputs,
  config: QformerConfig,
): tf.Tensor {
  const { hidden, mask } = qformerEmbed(weights, inputs, config);
  const { image } = inputs;
  return weights.layers.reduce((x, layer) => qformerLayer(x, layer, { image, mask }, config), hidden);
}

/**
 * Reads the queries as vectors of the common space.
 *
 * @param hidden `[B, Q, width]` after the last layer.
 * @param projection The layer for pictures.
 * @returns Vectors of length 1, `[B, Q, projection]`.
 */
export function queryHead(hidden: tf.Tensor, projection: AffineOf<tf.Tensor>): tf.Tensor {
  return unit(linear(hidden, projection));
}

/**
 * Reads the first token of texts as a vector of the common space.
 *
 * @param hidden `[B, T, width]` after the last layer.
 * @param projection The layer for texts.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function textHead(hidden: tf.Tensor, projection: AffineOf<tf.Tensor>): tf.Tensor {
  const [batch, , width] = hidden.shape as [number, number, number];
  return unit(linear(tf.reshape(rows(hidden, 0, 1), [batch, width]), projection));
}

/**
 * Reads from the queries whether text and picture match: the mean of their votes.
 *
 * @param hidden Queries, then text, `[B, Q + T, width]` after the last layer.
 * @param matching The layer for votes.
 * @param queries Q.
 * @returns Logits `[B, 2]`.
 */
export function matchHead(hidden: tf.Tensor, matching: AffineOf<tf.Tensor>, queries: number): tf.Tensor {
  return tf.mean(linear(rows(hidden, 0, queries), matching), 1);
}

/**
 * Embeds pictures as one vector a query.
 *
 * @param weights The querying transformer.
 * @param image Hidden states of pictures, `[B, S, image width]`.
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, Q, projection]`.
 */
export function queryEmbeddings(
  weights: QformerOf<tf.Tensor>,
  image: tf.Tensor,
  config: QformerConfig,
): tf.Tensor {
  return queryHead(qformerHidden(weights, { image }, config), weights.imageProjection);
}

/**
 * Embeds texts by their first token.
 *
 * @param weights The querying transformer.
 * @param text Word vectors `[B, T, width]` and mask `[B, T]`.
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function textEmbeddings(
  weights: QformerOf<tf.Tensor>,
  text: { readonly words: tf.Tensor; readonly mask: tf.Tensor },
  config: QformerConfig,
): tf.Tensor {
  return textHead(qformerHidden(weights, { text }, config), weights.textProjection);
}

/**
 * Contrastive similarity of all pictures with all texts: the best cosine among the queries.
 *
 * @param queries Of pictures, `[B, Q, projection]`, length 1.
 * @param texts Of texts, `[N, projection]`, length 1.
 * @returns Cosines in [−1, 1], `[B, N]`.
 */
export function contrastiveSimilarity(queries: tf.Tensor, texts: tf.Tensor): tf.Tensor {
  const [batch, count, width] = queries.shape as [number, number, number];
  const flat = tf.reshape(queries, [batch * count, width]) as tf.Tensor2D;
  const cosines = tf.matMul(flat, texts as tf.Tensor2D, false, true);
  return tf.max(tf.reshape(cosines, [batch, count, texts.shape[0] as number]), 1);
}

/**
 * Scores whether each text fits its picture.
 *
 * @param weights The querying transformer.
 * @param inputs Hidden states of pictures and word vectors of as many texts.
 * @param config Sizes.
 * @returns Logits `[B, 2]`; the softmax of index 1 is the probability of a match.
 */
export function matchLogits(
  weights: QformerOf<tf.Tensor>,
  inputs: Required<QformerInputs>,
  config: QformerConfig,
): tf.Tensor {
  return matchHead(qformerHidden(weights, inputs, config), weights.matching, config.queries);
}
