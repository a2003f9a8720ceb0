/**
 * Losses of the small experts: contrast, graded similarity, attributes.
 *
 * @module
 */
import { type AffineOf, layerParameters, type Parameter } from "../../../lib/experts/shared/parameters.ts";
import { readingLoss } from "../../../lib/experts/attribute_reader/attribute_reader.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { linear } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { READER_CLASSES, type ReaderAttribute } from "../scene_batches.ts";

/** Linear heads that tell attributes; they help training and are dropped on export. */
export type HeadsOf<P> = { readonly [attribute: string]: AffineOf<P> };

/**
 * Describes heads for attributes of scenes.
 *
 * @param width Width of what they read.
 * @param attributes Which attributes; all by default.
 * @returns The places of their weights.
 */
export function headParameters(
  prefix: string,
  width: number,
  attributes: readonly ReaderAttribute[] = Object.keys(READER_CLASSES) as ReaderAttribute[],
): HeadsOf<Parameter> {
  return Object.fromEntries(
    attributes.map((name) => [
      name,
      layerParameters(`${prefix}.${name}`, [READER_CLASSES[name].length, width]),
    ]),
  );
}

/**
 * Mean cross entropy of the attributes that heads read off a vector.
 *
 * @param features `[B, width]`.
 * @param labels Attribute → int32 `[B]`; −1 = not said.
 * @returns A scalar: nats an attribute.
 */
export function attributeLoss(
  heads: HeadsOf<tf.Tensor>,
  features: tf.Tensor,
  labels: { readonly [attribute: string]: tf.Tensor },
): tf.Tensor {
  const names = Object.keys(heads);
  const logits = Object.fromEntries(
    names.map((name) => [name, linear(features, heads[name] as AffineOf<tf.Tensor>)]),
  );
  return tf.div(readingLoss(logits, labels), names.length);
}

const diagonal = (matrix: tf.Tensor): tf.Tensor =>
  tf.sum(tf.mul(matrix, tf.eye(matrix.shape[0] as number)), -1);

/**
 * Contrast in both directions: `½ (CE(S/τ) + CE(Sᵀ/τ))` with the diagonal as truth (van den Oord et al. 2018).
 *
 * @param similarities S, `[B, B]`; row i and column i belong together.
 * @param temperature τ.
 * @returns A scalar, `ln B` by chance.
 */
export function contrastiveLoss(similarities: tf.Tensor, temperature: number): tf.Tensor {
  const scaled = tf.div(similarities, temperature);
  const rows = tf.mean(diagonal(tf.logSoftmax(scaled)));
  const columns = tf.mean(diagonal(tf.logSoftmax(tf.transpose(scaled))));
  return tf.neg(tf.div(tf.add(rows, columns), 2));
}

/**
 * Contrast among two views of several things (SimCLR's loss): everything but the other view is a negative.
 *
 * @param vectors Unit vectors `[2N, width]`: first views, then second views in the same order.
 * @param temperature τ.
 * @returns A scalar, `ln (2N − 1)` by chance.
 */
export function twoViewLoss(vectors: tf.Tensor, temperature: number): tf.Tensor {
  const count = vectors.shape[0] as number;
  const cosines = tf.matMul(vectors as tf.Tensor2D, vectors as tf.Tensor2D, false, true);
  const scaled = tf.sub(tf.div(cosines, temperature), tf.mul(tf.eye(count), 1e9));
  const [ones, zeros] = [tf.eye(count / 2), tf.zeros([count / 2, count / 2])];
  const partners = tf.concat([tf.concat([zeros, ones], 1), tf.concat([ones, zeros], 1)], 0);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scaled), partners), -1)));
}

/**
 * Squared distance of cosines from graded similarities, so that a half-right answer scores in between.
 *
 * @param vectors Unit vectors `[B, width]`.
 * @param targets Wanted cosines `[B, B]`.
 * @returns A scalar: the mean over all pairs.
 */
export function gradedLoss(vectors: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const cosines = tf.matMul(vectors as tf.Tensor2D, vectors as tf.Tensor2D, false, true);
  return tf.mean(tf.square(tf.sub(cosines, targets)));
}

/** What {@link identityLoss} looks at. */
export interface IdentityViews {
  /** Unit vectors `[2N, width]`: first views, then second views in the same order. */
  readonly vectors: tf.Tensor;
  /** What the heads read, `[2N, …]`. */
  readonly features: tf.Tensor;
  readonly heads: HeadsOf<tf.Tensor>;
}

/**
 * What embedders of identities are trained for: {@link twoViewLoss} + graded similarity + attributes.
 *
 * @param views Vectors of two views, and what heads read off them.
 * @param truth Wanted cosines `[2N, 2N]`, and labels.
 * @param section Temperature, and weights of the terms.
 * @returns The loss and its terms.
 */
export function identityLoss(
  { vectors, features, heads }: IdentityViews,
  truth: { readonly similarities: tf.Tensor; readonly labels: { readonly [attribute: string]: tf.Tensor } },
  section: { readonly temperature: number; readonly graded: number; readonly attributes: number },
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const contrast = twoViewLoss(vectors, section.temperature);
  const graded = gradedLoss(vectors, truth.similarities);
  const seen = attributeLoss(heads, features, truth.labels);
  const loss = tf.addN([
    contrast,
    tf.mul(graded, section.graded),
    tf.mul(seen, section.attributes),
  ]) as tf.Scalar;
  return { loss, aux: { contrast, graded, seen } };
}

/**
 * Fraction of rows whose own column is the largest.
 *
 * @param similarities `[B, B]`.
 * @returns A scalar in [0, 1].
 */
export function topOne(similarities: tf.Tensor): tf.Tensor {
  const hits = tf.greaterEqual(diagonal(similarities), tf.max(similarities, -1));
  return tf.mean(tf.cast(hits, "float32"));
}
