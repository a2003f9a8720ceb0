/**
 * What the image tokenizer is trained for: pictures that look and read the same after 8×8 codes.
 *
 * @module
 */
import {
  type AttributeReaderWeights,
  type AttributeReading,
  readAttributes,
  readingLoss,
} from "../../lib/experts/attribute_reader/attribute_reader.ts";
import { codesOf, decode, encode, type MagvitWeights, signsOf } from "../../lib/showo/magvit.ts";
import type { MagvitConfig } from "../../lib/showo/magvit_config.ts";
import type { Loss } from "../../lib/tensor/grad.ts";
import { signStraightThrough, stopGradient } from "../../lib/tensor/ops.ts";
import { tf } from "../../lib/tensor/tf.ts";

/** One batch. */
export type PictureBatch = {
  /** `[B, H, W, 3]` in [−1, 1]. */
  readonly pictures: tf.Tensor;
  /** `[B, H, W, 1]`: how much each pixel counts. */
  readonly importance: tf.Tensor;
};

/** Weights of the terms. */
export interface TokenizerLossWeights {
  readonly edges: number;
  readonly entropy: number;
  readonly commitment: number;
  readonly perceptual: number;
}

/** The terms, each a scalar. */
export type TokenizerTerms = {
  readonly mse: tf.Tensor;
  readonly edges: tf.Tensor;
  readonly sampleEntropy: tf.Tensor;
  readonly codebookEntropy: tf.Tensor;
  readonly commitment: tf.Tensor;
  readonly perceptual: tf.Tensor;
};

const differences = (x: tf.Tensor): readonly [tf.Tensor, tf.Tensor] => {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const picture = x as tf.Tensor4D;
  return [
    tf.sub(
      tf.slice(picture, [0, 1, 0, 0], [b, h - 1, w, c]),
      tf.slice(picture, [0, 0, 0, 0], [b, h - 1, w, c]),
    ),
    tf.sub(
      tf.slice(picture, [0, 0, 1, 0], [b, h, w - 1, c]),
      tf.slice(picture, [0, 0, 0, 0], [b, h, w - 1, c]),
    ),
  ];
};

const edgeLoss = (found: tf.Tensor, wanted: tf.Tensor): tf.Tensor => {
  const [dy, dx] = differences(tf.sub(found, wanted));
  return tf.add(tf.mean(tf.abs(dy)), tf.mean(tf.abs(dx)));
};

const binaryEntropy = (p: tf.Tensor): tf.Tensor => {
  const term = (q: tf.Tensor) => tf.mul(q, tf.log(tf.maximum(q, 1e-7)));
  return tf.neg(tf.add(term(p), term(tf.sub(1, p))));
};

/** Distribution over the 2ⁿ patterns of n independent bits, `[rows, n] → [rows, 2ⁿ]`. */
const patterns = (p: tf.Tensor): tf.Tensor2D =>
  tf.split(p, p.shape[1] as number, 1).reduce<tf.Tensor>(
    (joint, bit) => tf.concat([tf.mul(joint, tf.sub(1, bit)), tf.mul(joint, bit)], 1),
    tf.ones([p.shape[0] as number, 1]),
  ) as tf.Tensor2D;

/**
 * Entropies of the bits, as look-up-free quantisation regularises them (Yu et al. 2024, eq. 4).
 *
 * The codebook entropy is exact: the mean joint distribution of the two halves of the bits is one matrix product.
 *
 * @param z `[B, h, w, bits]` before quantisation; a bit is 1 with probability σ(4z).
 * @returns `sample`: mean entropy of one code (low is sure); `codebook`: entropy of the mean code (high is diverse). Nats.
 */
export function bitEntropies(z: tf.Tensor): { readonly sample: tf.Tensor; readonly codebook: tf.Tensor } {
  const bits = z.shape[3] as number;
  const p = tf.sigmoid(tf.mul(tf.reshape(z, [-1, bits]), 4)); // [B·S, bits]
  const sample = tf.mean(tf.sum(binaryEntropy(p), -1));
  const half = Math.floor(bits / 2);
  const [high, low] = tf.split(p, [half, bits - half], 1) as [tf.Tensor, tf.Tensor];
  const joint = tf.div(tf.matMul(patterns(high), patterns(low), true, false), p.shape[0] as number);
  const codebook = tf.neg(tf.sum(tf.mul(joint, tf.log(tf.maximum(joint, 1e-9)))));
  return { sample, codebook };
}

/** Relative squared distance of the first stages' features: Σ‖f(x) − f(y)‖² / Σ‖f(x)‖². */
function featureDistance(found: AttributeReading, wanted: AttributeReading): tf.Tensor {
  const terms = found.stages.slice(0, 3).map((stage, i) => {
    const target = stopGradient(wanted.stages[i] as tf.Tensor);
    return tf.div(tf.sum(tf.square(tf.sub(stage, target))), tf.add(tf.sum(tf.square(target)), 1e-6));
  });
  return tf.addN(terms);
}

/**
 * Reconstruction loss of a tokenizer with straight-through signs:
 * `importance-weighted MSE + a·L1(edges) + b·(sample entropy − codebook entropy) + c·commitment + d·perceptual`.
 *
 * @param batch Pictures and importance.
 * @param context Sizes, term weights, and the frozen reader whose features compare pictures.
 * @returns The loss and its terms.
 */
export function tokenizerLoss(
  weights: MagvitWeights,
  batch: PictureBatch,
  context: {
    readonly config: MagvitConfig;
    readonly terms: TokenizerLossWeights;
    readonly reader: AttributeReaderWeights;
  },
): Loss<TokenizerTerms> {
  const { config, terms, reader } = context;
  const z = encode(weights.encoder, batch.pictures, config);
  const signs = signStraightThrough(z);
  const found = decode(weights.decoder, signs, config);
  const mse = tf.mean(tf.mul(tf.square(tf.sub(found, batch.pictures)), batch.importance));
  const edges = edgeLoss(found, batch.pictures);
  const { sample, codebook } = bitEntropies(z);
  const commitment = tf.mean(tf.square(tf.sub(z, stopGradient(signs))));
  const perceptual = featureDistance(readAttributes(reader, found), readAttributes(reader, batch.pictures));
  const loss = tf.addN([
    mse,
    tf.mul(edges, terms.edges),
    tf.mul(tf.sub(sample, codebook), terms.entropy),
    tf.mul(commitment, terms.commitment),
    tf.mul(perceptual, terms.perceptual),
  ]) as tf.Scalar;
  const aux = { mse, edges, sampleEntropy: sample, codebookEntropy: codebook, commitment, perceptual };
  return { loss, aux };
}

/** A batch of the decoder alone, with what stays as it is. */
export type DecoderBatch = PictureBatch & {
  /** Attribute → class, int32 `[B]`. */
  readonly labels: { readonly [attribute: string]: tf.Tensor };
  readonly reader: AttributeReaderWeights;
  readonly encoder: MagvitWeights["encoder"];
};

/** The terms of the decoder's loss, each a scalar. */
export type DecoderTerms = {
  readonly mse: tf.Tensor;
  readonly edges: tf.Tensor;
  readonly perceptual: tf.Tensor;
  readonly reading: tf.Tensor;
};

/**
 * Reconstruction loss of the decoder alone, the encoder and so all codes being fixed:
 * `importance-weighted MSE + a·L1(edges) + d·perceptual + r·cross entropy of what the reader reads`.
 *
 * @param batch Pictures, their importance and attributes, the frozen reader and encoder.
 * @param context Sizes and term weights.
 * @returns The loss and its terms.
 */
export function decoderLoss(
  decoder: MagvitWeights["decoder"],
  batch: DecoderBatch,
  context: {
    readonly config: MagvitConfig;
    readonly terms: Pick<TokenizerLossWeights, "edges" | "perceptual"> & { readonly reading: number };
  },
): Loss<DecoderTerms> {
  const { config, terms } = context;
  const codes = codesOf(encode(batch.encoder, batch.pictures, config));
  const found = decode(decoder, signsOf(codes, { bits: config.codeBits }), config);
  const mse = tf.mean(tf.mul(tf.square(tf.sub(found, batch.pictures)), batch.importance));
  const edges = edgeLoss(found, batch.pictures);
  const read = readAttributes(batch.reader, found);
  const perceptual = featureDistance(read, readAttributes(batch.reader, batch.pictures));
  const reading = readingLoss(read.logits, batch.labels);
  const loss = tf.addN([
    mse,
    tf.mul(edges, terms.edges),
    tf.mul(perceptual, terms.perceptual),
    tf.mul(reading, terms.reading),
  ]) as tf.Scalar;
  return { loss, aux: { mse, edges, perceptual, reading } };
}
