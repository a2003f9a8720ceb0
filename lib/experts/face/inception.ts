/**
 * InceptionResnetV1: a face crop to a vector that says whose face it is (FaceNet).
 *
 * Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning"; Schroff et al.,
 * "FaceNet". Layers as in the published VGGFace2 weights.
 *
 * @module
 */
import { jit } from "../../tensor/jit.ts";
import { conv2d, linear, unit } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { mapTree, type Tree } from "../../tensor/tree.ts";
import type { BatchNormOf, ConvOf, InceptionOf, ResidualOf } from "./inception_config.ts";

const EPSILON = 1e-3;
const SCALES = { repeat1: 0.17, repeat2: 0.1, repeat3: 0.2, last: 1 } as const;

/** Normalises the last axis: with running statistics, or in another way while training. */
export type BatchNormalise = (x: tf.Tensor, norm: BatchNormOf<tf.Tensor>) => tf.Tensor;

/** Mean and biased variance of each channel. */
interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

const normalise = (x: tf.Tensor, norm: BatchNormOf<tf.Tensor>, { mean, variance }: Moments): tf.Tensor => {
  const factor = tf.mul(norm.scale, tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(tf.sub(x, mean), factor), norm.shift);
};

const momentsOf = (x: tf.Tensor): Moments => {
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const mean = tf.mean(x, axes);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes) };
};

/**
 * Normalises with the running statistics: `γ (x − μ) / √(σ² + 0.001) + β`.
 *
 * @param x `[..., channels]`.
 * @param norm Scale, shift and running statistics.
 * @returns The shape of `x`.
 */
export function runningNormalise(x: tf.Tensor, norm: BatchNormOf<tf.Tensor>): tf.Tensor {
  return normalise(x, norm, norm);
}

/**
 * Normalises with the statistics of the batch, as while training; the running ones are not used.
 *
 * @param x `[..., channels]`.
 * @param norm Scale and shift.
 * @returns The shape of `x`.
 */
export function batchNormalise(x: tf.Tensor, norm: BatchNormOf<tf.Tensor>): tf.Tensor {
  return normalise(x, norm, momentsOf(x));
}

/** Zeros that keep the size under a stride of 1; none under a stride of 2. */
const samePadding = (weight: tf.Tensor): [[number, number], [number, number]] => {
  const [, , height, width] = weight.shape as [number, number, number, number];
  const [tall, wide] = [(height - 1) / 2, (width - 1) / 2];
  return [[tall, tall], [wide, wide]];
};

type Layer = (x: tf.Tensor) => tf.Tensor;

interface ConvOptions {
  readonly stride?: number;
  /** Whether zeros keep the size. */
  readonly same?: boolean;
}

/** 1a, 2a, 2b, 3b, 4a, 4b. */
const STEM_OPTIONS: readonly ConvOptions[] = [{ stride: 2 }, {}, { same: true }, {}, {}, { stride: 2 }];

const convolution = (
  x: tf.Tensor,
  conv: ConvOf<tf.Tensor>,
  options: ConvOptions & { readonly norm: BatchNormalise },
): tf.Tensor => {
  const padding = options.same === true ? samePadding(conv.weight) : 0;
  const y = conv2d(x, { weight: conv.weight }, { stride: options.stride ?? 1, padding });
  return tf.relu(options.norm(y, conv.norm));
};

const chain = (x: tf.Tensor, convs: readonly ConvOf<tf.Tensor>[], norm: BatchNormalise): tf.Tensor =>
  convs.reduce((y, conv) => convolution(y, conv, { same: true, norm }), x);

const pool = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, 3, 2, "valid");

function residual(
  x: tf.Tensor,
  block: ResidualOf<tf.Tensor>,
  options: { readonly scale: number; readonly norm: BatchNormalise; readonly linear?: boolean },
): tf.Tensor {
  const branches = block.branches.map((branch) => chain(x, branch, options.norm));
  const projected = conv2d(tf.concat(branches, 3), block.projection);
  const sum = tf.add(x, tf.mul(projected, options.scale));
  return options.linear === true ? sum : tf.relu(sum);
}

/** Branches whose last convolution halves the size, and a max pool beside them. */
function reduction(
  x: tf.Tensor,
  branches: readonly (readonly ConvOf<tf.Tensor>[])[],
  norm: BatchNormalise,
): tf.Tensor {
  const reduced = branches.map((branch) => {
    const last = branch[branch.length - 1] as ConvOf<tf.Tensor>;
    return convolution(chain(x, branch.slice(0, -1), norm), last, { stride: 2, norm });
  });
  return tf.concat([...reduced, pool(x)], 3);
}

/** Results of the stages, in order; `embedding` is the vector of length 1. */
export interface InceptionStages {
  readonly conv2d_1a: tf.Tensor;
  readonly conv2d_4b: tf.Tensor;
  readonly repeat_1: tf.Tensor;
  readonly mixed_6a: tf.Tensor;
  readonly repeat_2: tf.Tensor;
  readonly mixed_7a: tf.Tensor;
  readonly repeat_3: tf.Tensor;
  readonly block8: tf.Tensor;
  readonly last_linear: tf.Tensor;
  readonly embedding: tf.Tensor;
}

type Stem = { readonly conv2d_1a: tf.Tensor; readonly conv2d_4b: tf.Tensor };
type Head = { readonly last_linear: tf.Tensor; readonly embedding: tf.Tensor };
type Residual = (x: tf.Tensor, block: ResidualOf<tf.Tensor>) => tf.Tensor;

/** The functions that the network is made of; repeated blocks share one. */
interface Parts {
  readonly stem: (convs: readonly ConvOf<tf.Tensor>[], pixels: tf.Tensor) => Stem;
  readonly block35: Residual;
  readonly block17: Residual;
  readonly block8: Residual;
  readonly last: Residual;
  readonly reduction: (x: tf.Tensor, branches: readonly (readonly ConvOf<tf.Tensor>[])[]) => tf.Tensor;
  readonly head: (x: tf.Tensor, weights: Pick<InceptionOf<tf.Tensor>, "linear" | "norm">) => Head;
}

function stemOf(convs: readonly ConvOf<tf.Tensor>[], pixels: tf.Tensor, norm: BatchNormalise): Stem {
  const layers = convs.map((conv, index): Layer => (x) =>
    convolution(x, conv, { ...STEM_OPTIONS[index], norm })
  );
  const conv2d_1a = (layers[0] as Layer)(pixels);
  const early = pool(layers.slice(1, 3).reduce((x, layer) => layer(x), conv2d_1a));
  return { conv2d_1a, conv2d_4b: layers.slice(3).reduce((x, layer) => layer(x), early) };
}

const partsWith = (norm: BatchNormalise): Parts => ({
  stem: (convs, pixels) => stemOf(convs, pixels, norm),
  block35: (x, block) => residual(x, block, { scale: SCALES.repeat1, norm }),
  block17: (x, block) => residual(x, block, { scale: SCALES.repeat2, norm }),
  block8: (x, block) => residual(x, block, { scale: SCALES.repeat3, norm }),
  last: (x, block) => residual(x, block, { scale: SCALES.last, norm, linear: true }),
  reduction: (x, branches) => reduction(x, branches, norm),
  head: (x, weights) => {
    const last_linear = linear(tf.mean(x, [1, 2]), { weight: weights.linear });
    return { last_linear, embedding: unit(norm(last_linear, weights.norm)) };
  },
});

function run(weights: InceptionOf<tf.Tensor>, pixels: tf.Tensor, parts: Parts): InceptionStages {
  const stem = parts.stem(weights.stem, pixels);
  const repeat_1 = weights.repeat1.reduce(parts.block35, stem.conv2d_4b);
  const mixed_6a = parts.reduction(repeat_1, weights.mixed6);
  const repeat_2 = weights.repeat2.reduce(parts.block17, mixed_6a);
  const mixed_7a = parts.reduction(repeat_2, weights.mixed7);
  const repeat_3 = weights.repeat3.reduce(parts.block8, mixed_7a);
  const block8 = parts.last(repeat_3, weights.last);
  const head = parts.head(block8, { linear: weights.linear, norm: weights.norm });
  return { ...stem, repeat_1, mixed_6a, repeat_2, mixed_7a, repeat_3, block8, ...head };
}

/**
 * Runs the network and returns what each stage made.
 *
 * @param pixels Crops `[B, H, W, 3]`, `(x − 127.5) / 128`; at least 75 pixels a side, 160 as published.
 * @param norm How to normalise; with running statistics by default.
 * @returns Pictures `[B, h, w, channels]`, then vectors `[B, embedding]`.
 */
export function inceptionStages(
  weights: InceptionOf<tf.Tensor>,
  pixels: tf.Tensor,
  norm: BatchNormalise = runningNormalise,
): InceptionStages {
  return run(weights, pixels, partsWith(norm));
}

/**
 * Makes a network that is compiled part by part: the five, ten and six repeated blocks are compiled once each.
 *
 * @returns A function from weights and crops `[B, H, W, 3]` to vectors of length 1, `[B, embedding]`.
 */
export function compiledFaceVectors(): (weights: InceptionOf<tf.Tensor>, pixels: tf.Tensor) => tf.Tensor {
  const plain = partsWith(runningNormalise);
  const block = (name: string, body: Residual): Residual => {
    const compiled = jit(`face ${name}`, body);
    return (x, weights) => compiled(x, weights); // reduce() passes more
  };
  const parts: Parts = {
    stem: jit("face stem", plain.stem),
    block35: block("block 35", plain.block35),
    block17: block("block 17", plain.block17),
    block8: block("block 8", plain.block8),
    last: block("last block", plain.last),
    reduction: jit("face reduction", plain.reduction),
    head: jit("face head", plain.head),
  };
  return (weights, pixels) => tf.tidy(() => run(weights, pixels, parts).embedding);
}

/**
 * Embeds face crops; differentiable with respect to weights and pixels.
 *
 * @param pixels Crops `[B, H, W, 3]`, `(x − 127.5) / 128`.
 * @param norm How to normalise; with running statistics by default.
 * @returns Vectors of length 1, `[B, embedding]`.
 */
export function faceVectors(
  weights: InceptionOf<tf.Tensor>,
  pixels: tf.Tensor,
  norm: BatchNormalise = runningNormalise,
): tf.Tensor {
  return inceptionStages(weights, pixels, norm).embedding;
}

/**
 * Sets the running statistics to those of a batch: the last step of training with {@link batchNormalise}.
 *
 * @param weights The network; left as it is.
 * @param pixels Typical crops `[B, H, W, 3]`.
 * @returns A copy of all weights with new running statistics, owned by the caller.
 */
export function calibrate(weights: InceptionOf<tf.Tensor>, pixels: tf.Tensor): InceptionOf<tf.Tensor> {
  return tf.tidy(() => {
    const measured = new Map<tf.Tensor, tf.Tensor>();
    inceptionStages(weights, pixels, (x, norm) => {
      const moments = momentsOf(x);
      measured.set(norm.mean, moments.mean);
      measured.set(norm.variance, moments.variance);
      return normalise(x, norm, moments);
    });
    return mapTree(weights as Tree, (leaf) => tf.clone(measured.get(leaf) ?? leaf)) as tf.TensorContainer;
  }) as unknown as InceptionOf<tf.Tensor>;
}
