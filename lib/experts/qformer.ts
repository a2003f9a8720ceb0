/**
 * The querying transformer of BLIP-2: learned queries look at a picture, alone or together with a text.
 *
 * Li et al., "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models".
 *
 * @module
 */
import { layerNorm, linear, unit } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { keyMask, postNormAttention, postNormMlp } from "./blocks.ts";
import type { QformerConfig, QformerLayerOf, QformerOf } from "./blip2_config.ts";

const rows = (x: tf.Tensor, begin: number, count: number): tf.Tensor =>
  tf.slice(x, [0, begin, 0], [-1, count, -1]);

/**
 * Adds positions to word vectors and normalises.
 *
 * @param weights The querying transformer.
 * @param words Word vectors `[B, T, width]`.
 * @returns `[B, T, width]`, not yet normalised: that happens once over queries and text together.
 */
export function qformerText(weights: QformerOf<tf.Tensor>, words: tf.Tensor): tf.Tensor {
  return tf.add(words, tf.slice(weights.positions, [0, 0], [words.shape[1] as number, -1]));
}

/**
 * One layer: self-attention over queries and text, cross-attention and own feed-forward part for the queries.
 *
 * @param x Queries, then text, `[B, Q + T, width]`.
 * @param layer Its weights.
 * @param options.queries Q; 0 for text alone.
 * @param options.image What the queries look at, `[B, S, image width]`.
 * @param options.mask Added to the self-attention scores.
 * @returns `[B, Q + T, width]`.
 */
export function qformerLayer(
  x: tf.Tensor,
  layer: QformerLayerOf<tf.Tensor>,
  options: QformerConfig & { readonly image?: tf.Tensor; readonly mask?: tf.Tensor },
): tf.Tensor {
  const { queries, image, ...block } = options;
  const attended = postNormAttention(x, layer.attention, block);
  const textLength = (x.shape[1] as number) - queries;
  const parts: tf.Tensor[] = [];
  if (queries > 0) {
    const own = rows(attended, 0, queries);
    const looked = layer.cross === undefined || image === undefined
      ? own
      : postNormAttention(own, layer.cross, { ...block, mask: undefined, context: image });
    parts.push(postNormMlp(looked, layer.queryMlp, block));
  }
  if (textLength > 0) parts.push(postNormMlp(rows(attended, queries, textLength), layer.textMlp, block));
  return tf.concat(parts, 1);
}

/** What the querying transformer reads. */
export interface QformerInputs {
  /** Hidden states of pictures, `[B, S, image width]`; with them the queries take part. */
  readonly image?: tf.Tensor;
  /** Word vectors `[B, T, width]` and their mask `[B, T]`, 1 = real token. */
  readonly text?: { readonly words: tf.Tensor; readonly mask: tf.Tensor };
}

const selfMask = (queries: number, inputs: QformerInputs): tf.Tensor | undefined => {
  if (inputs.text === undefined) return undefined;
  const mask = tf.cast(inputs.text.mask, "float32");
  const batch = mask.shape[0] as number;
  return keyMask(queries === 0 ? mask : tf.concat([tf.ones([batch, queries]), mask], 1));
};

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
  const { image, text } = inputs;
  const queries = image === undefined ? 0 : config.queries;
  const parts: tf.Tensor[] = [];
  if (image !== undefined) parts.push(tf.tile(weights.queries, [image.shape[0] as number, 1, 1]));
  if (text !== undefined) parts.push(qformerText(weights, text.words));
  const embedded = layerNorm(tf.concat(parts, 1), weights.norm, config.epsilon);
  const mask = selfMask(queries, inputs);
  const options = {
    ...config,
    queries,
    ...(image === undefined ? {} : { image }),
    ...(mask === undefined ? {} : { mask }),
  };
  return weights.layers.reduce((x, layer) => qformerLayer(x, layer, options), embedded);
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
  return unit(linear(qformerHidden(weights, { image }, config), weights.imageProjection));
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
  const first = rows(qformerHidden(weights, { text }, config), 0, 1);
  return unit(linear(tf.reshape(first, [-1, config.width]), weights.textProjection));
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
  const hidden = rows(qformerHidden(weights, inputs, config), 0, config.queries);
  return tf.mean(linear(hidden, weights.matching), 1);
}
