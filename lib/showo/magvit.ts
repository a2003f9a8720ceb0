/**
 * MAGVIT-v2: pictures to codes and back (look-up-free quantisation).
 *
 * Pictures are `[batch, height, width, 3]` in [−1, 1]; any side that is a multiple of the downsampling works.
 *
 * @module
 */
import { type Affine, conv2d, groupNorm, silu } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { type MagvitConfig, normGroups } from "./magvit_config.ts";

/** A residual block. */
export type ResBlockWeights = {
  readonly norm1: Affine;
  readonly conv1: Affine;
  readonly norm2: Affine;
  readonly conv2: Affine;
  readonly nin_shortcut?: Affine;
};
/** Single-head attention over positions; the matrices are 1×1 convolutions. */
export type AttentionWeights = {
  readonly norm: Affine;
  readonly q: Affine;
  readonly k: Affine;
  readonly v: Affine;
  readonly proj_out: Affine;
};
type Middle = {
  readonly block_1: ResBlockWeights;
  readonly attn_1: AttentionWeights;
  readonly block_2: ResBlockWeights;
};
type Level = {
  readonly block: readonly ResBlockWeights[];
  readonly downsample?: { readonly conv: Affine };
  readonly upsample?: { readonly conv: Affine };
};
/** Weights of the encoder, under published names. */
export type MagvitEncoder = {
  readonly conv_in: Affine;
  readonly down: readonly Level[];
  readonly mid: Middle;
  readonly norm_out: Affine;
  readonly conv_out: Affine;
  readonly quant_conv: Affine;
};
/** Weights of the decoder, under published names. */
export type MagvitDecoder = {
  readonly post_quant_conv: Affine;
  readonly conv_in: Affine;
  readonly mid: Middle;
  readonly up: readonly Level[];
  readonly norm_out: Affine;
  readonly conv_out: Affine;
};
/** Weights of a tokenizer. */
export type MagvitWeights = { readonly encoder: MagvitEncoder; readonly decoder: MagvitDecoder };

const normed = (x: tf.Tensor, norm: Affine, config: MagvitConfig): tf.Tensor =>
  groupNorm(x, norm, { groups: normGroups(config, x.shape[3] as number), epsilon: config.normEpsilon });

/** Norm, swish, convolution; frees what is in between, which at full size is a gigabyte while a function is traced. */
const normedConv = (
  x: tf.Tensor,
  { norm, conv }: { readonly norm: Affine; readonly conv: Affine },
  config: MagvitConfig,
): tf.Tensor => tf.tidy(() => conv2d(tf.tidy(() => silu(normed(x, norm, config))), conv, { padding: 1 }));

const resBlock = (x: tf.Tensor, weights: ResBlockWeights, config: MagvitConfig): tf.Tensor =>
  tf.tidy(() => {
    const { norm1, conv1, norm2, conv2, nin_shortcut } = weights;
    const second = normedConv(normedConv(x, { norm: norm1, conv: conv1 }, config), {
      norm: norm2,
      conv: conv2,
    }, config);
    return tf.add(nin_shortcut === undefined ? x : conv2d(x, nin_shortcut), second);
  });

const attention = (x: tf.Tensor, weights: AttentionWeights, config: MagvitConfig): tf.Tensor =>
  tf.tidy(() => attended(x, weights, config));

function attended(x: tf.Tensor, weights: AttentionWeights, config: MagvitConfig): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const h = normed(x, weights.norm, config);
  const rows = (part: Affine): tf.Tensor3D => tf.reshape(conv2d(h, part), [batch, height * width, channels]);
  const scores = tf.mul(tf.matMul(rows(weights.q), rows(weights.k), false, true), channels ** -0.5);
  const mixed = tf.matMul(tf.softmax(scores) as tf.Tensor3D, rows(weights.v)); // [B, S, C]
  return tf.add(x, conv2d(tf.reshape(mixed, x.shape), weights.proj_out));
}

const middle = (x: tf.Tensor, weights: Middle, config: MagvitConfig): tf.Tensor =>
  resBlock(attention(resBlock(x, weights.block_1, config), weights.attn_1, config), weights.block_2, config);

const doubled = (x: tf.Tensor, axis: 1 | 2): tf.Tensor => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  if (axis === 1) {
    const rows = tf.reshape(x, [batch, height, 1, width * channels]);
    return tf.reshape(tf.concat([rows, rows], 2), [batch, height * 2, width, channels]);
  }
  const columns = tf.reshape(x, [batch * height, width, 1, channels]);
  return tf.reshape(tf.concat([columns, columns], 2), [batch, height, width * 2, channels]);
};

const upsampled = (x: tf.Tensor, conv: Affine): tf.Tensor =>
  tf.tidy(() => conv2d(doubled(doubled(x, 1), 2), conv, { padding: 1 }));

/** What the encoder computes on its way; the parity fixtures look at the middle. */
export type Encoded = { readonly midAttention: tf.Tensor; readonly mid: tf.Tensor; readonly z: tf.Tensor };

/**
 * Encodes pictures to pre-quantisation vectors.
 *
 * @param pictures `[B, H, W, 3]` in [−1, 1].
 * @returns `z` `[B, H/f, W/f, bits]` and the middle activations.
 */
export function encodeStages(weights: MagvitEncoder, pictures: tf.Tensor, config: MagvitConfig): Encoded {
  let x = conv2d(pictures, weights.conv_in, { padding: 1 });
  for (const level of weights.down) {
    for (const block of level.block) x = resBlock(x, block, config);
    if (level.downsample !== undefined) {
      x = conv2d(x, level.downsample.conv, { stride: 2, padding: [[0, 1], [0, 1]] });
    }
  }
  const midAttention = attention(resBlock(x, weights.mid.block_1, config), weights.mid.attn_1, config);
  const mid = resBlock(midAttention, weights.mid.block_2, config);
  const out = normedConv(mid, { norm: weights.norm_out, conv: weights.conv_out }, config);
  return { midAttention, mid, z: conv2d(out, weights.quant_conv) };
}

/**
 * Encodes pictures to pre-quantisation vectors; see {@link encodeStages}.
 *
 * @param pictures `[B, H, W, 3]` in [−1, 1].
 * @returns `[B, H/f, W/f, bits]`.
 */
export function encode(weights: MagvitEncoder, pictures: tf.Tensor, config: MagvitConfig): tf.Tensor {
  return encodeStages(weights, pictures, config).z;
}

/**
 * Decodes sign vectors to pictures, and keeps the activation after the middle.
 *
 * @param signs `[B, h, w, bits]`, −1 or +1.
 * @returns `pictures` `[B, h·f, w·f, 3]`, not clamped, and `mid`.
 */
export function decodeStages(
  weights: MagvitDecoder,
  signs: tf.Tensor,
  config: MagvitConfig,
): { readonly mid: tf.Tensor; readonly pictures: tf.Tensor } {
  const start = conv2d(conv2d(signs, weights.post_quant_conv), weights.conv_in, { padding: 1 });
  const mid = middle(start, weights.mid, config);
  let x = mid;
  for (const level of [...weights.up].reverse()) {
    for (const block of level.block) x = resBlock(x, block, config);
    if (level.upsample !== undefined) {
      x = upsampled(x, level.upsample.conv);
    }
  }
  const pictures = normedConv(x, { norm: weights.norm_out, conv: weights.conv_out }, config);
  return { mid, pictures };
}

/**
 * Decodes sign vectors to pictures; see {@link decodeStages}.
 *
 * @param signs `[B, h, w, bits]`, −1 or +1.
 * @returns `[B, h·f, w·f, 3]`, about [−1, 1], not clamped.
 */
export function decode(weights: MagvitDecoder, signs: tf.Tensor, config: MagvitConfig): tf.Tensor {
  return decodeStages(weights, signs, config).pictures;
}

/**
 * Quantises by sign: `code = Σ_c [z_c > 0] · 2^(bits−1−c)`; zero counts as negative.
 *
 * @param z `[B, h, w, bits]`.
 * @returns Codes in raster order, int32 `[B, h·w]`.
 */
export function codesOf(z: tf.Tensor): tf.Tensor2D {
  const [batch, height, width, bits] = z.shape as [number, number, number, number];
  const powers = tf.tensor1d(Array.from({ length: bits }, (_, c) => 2 ** (bits - 1 - c)), "int32");
  const positive = tf.cast(tf.greater(z, 0), "int32");
  return tf.reshape(tf.sum(tf.mul(positive, powers), -1), [batch, height * width]);
}

/**
 * Turns codes back into sign vectors.
 *
 * @param codes Int32 `[B, h·w]` in raster order, each in [0, 2^bits).
 * @param options.bits Code bits.
 * @param options.grid Rows and columns; default square.
 * @returns `[B, h, w, bits]` of −1 and +1.
 */
export function signsOf(
  codes: tf.Tensor,
  options: { readonly bits: number; readonly grid?: readonly [number, number] },
): tf.Tensor4D {
  const [batch, count] = codes.shape as [number, number];
  const side = Math.round(Math.sqrt(count));
  const [rows, columns] = options.grid ?? [side, side];
  const powers = tf.tensor1d(Array.from({ length: options.bits }, (_, c) => 2 ** (options.bits - 1 - c)));
  const shifted = tf.floor(tf.div(tf.expandDims(tf.cast(codes, "float32"), -1), powers)); // [B, S, bits]
  const bit = tf.sub(shifted, tf.mul(2, tf.floor(tf.div(shifted, 2))));
  return tf.reshape(tf.sub(tf.mul(bit, 2), 1), [batch, rows, columns, options.bits]);
}
