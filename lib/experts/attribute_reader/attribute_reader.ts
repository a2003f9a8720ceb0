/**
 * A small convolutional network that reads attributes off a picture: one softmax head per attribute.
 *
 * Two are trained apart: one is the judge of the procedural world (never a reward, never in a loss), one gives the
 * features of the image tokenizer's perceptual loss.
 *
 * @module
 */
import type { Initial } from "../../tensor/nest.ts";
import { type Affine, conv2d, groupNorm, linear } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";

/** Sizes: picture side, channels of the stride-2 stages, width of the shared layer, classes per attribute. */
export interface AttributeReaderConfig {
  readonly imageSize: number;
  readonly channels: readonly number[];
  readonly width: number;
  readonly heads: Readonly<Record<string, number>>;
}

/** Weights of a reader. */
export type AttributeReaderWeights = {
  readonly stages: readonly { readonly conv: Affine; readonly norm: Affine }[];
  readonly hidden: Affine;
  readonly heads: { readonly [attribute: string]: Affine };
};

/** What a reader sees. */
export type AttributeReading = {
  /** Activations after each stage, `[B, h, w, channels]`. */
  readonly stages: readonly tf.Tensor[];
  /** Logits per attribute, `[B, classes]`. */
  readonly logits: { readonly [attribute: string]: tf.Tensor };
};

/**
 * Lists the parameters of a reader with their starting values.
 *
 * @returns Name → shape and initial distribution.
 */
export function attributeReaderParameters(config: AttributeReaderConfig): ReadonlyMap<string, Initial> {
  const entries = new Map<string, Initial>();
  const side = config.imageSize / 2 ** config.channels.length;
  const flat = side * side * (config.channels.at(-1) ?? 3);
  config.channels.forEach((to, index) => {
    const from = config.channels[index - 1] ?? 3;
    const fill = { normal: Math.sqrt(2 / (from * 9)) };
    entries.set(`stages.${index}.conv.weight`, { shape: [to, from, 3, 3], fill });
    entries.set(`stages.${index}.conv.bias`, { shape: [to], fill: { constant: 0 } });
    entries.set(`stages.${index}.norm.weight`, { shape: [to], fill: { constant: 1 } });
    entries.set(`stages.${index}.norm.bias`, { shape: [to], fill: { constant: 0 } });
  });
  const dense = (name: string, from: number, to: number): void => {
    entries.set(`${name}.weight`, { shape: [to, from], fill: { normal: Math.sqrt(2 / from) } });
    entries.set(`${name}.bias`, { shape: [to], fill: { constant: 0 } });
  };
  dense("hidden", flat, config.width);
  for (const [attribute, classes] of Object.entries(config.heads)) {
    dense(`heads.${attribute}`, config.width, classes);
  }
  return entries;
}

/**
 * Reads pictures.
 *
 * @param pictures `[B, size, size, 3]` in [−1, 1].
 * @returns Stage activations and logits.
 */
export function readAttributes(weights: AttributeReaderWeights, pictures: tf.Tensor): AttributeReading {
  const stages: tf.Tensor[] = [];
  let x = pictures;
  for (const { conv, norm } of weights.stages) {
    const y = conv2d(x, conv, { stride: 2, padding: [[0, 1], [0, 1]] });
    x = tf.relu(groupNorm(y, norm, { groups: (y.shape[3] as number) / 8, epsilon: 1e-6 }));
    stages.push(x);
  }
  const hidden = tf.relu(linear(tf.reshape(x, [x.shape[0] as number, -1]), weights.hidden));
  const logits = Object.fromEntries(
    Object.entries(weights.heads).map(([name, head]) => [name, linear(hidden, head)]),
  );
  return { stages, logits };
}

/**
 * Sums the cross entropies of all attributes.
 *
 * @param logits Per attribute `[B, classes]`.
 * @param labels Per attribute, int32 `[B]`.
 * @returns A scalar: mean over pictures, sum over attributes.
 */
export function readingLoss(
  logits: AttributeReading["logits"],
  labels: { readonly [attribute: string]: tf.Tensor },
): tf.Scalar {
  const terms = Object.entries(logits).map(([name, values]) => {
    const classes = values.shape[1] as number;
    const target = tf.oneHot(tf.cast(labels[name] as tf.Tensor, "int32") as tf.Tensor1D, classes);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(values), tf.cast(target, "float32")), -1)));
  });
  return tf.addN(terms) as tf.Scalar;
}
