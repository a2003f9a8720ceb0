/**
 * The transformer blocks that ERNIE, BLIP-2, DINOv2 and CLIP share.
 *
 * @module
 */
import { geluErf, geluTanh, layerNorm, linear, quickGelu, silu } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import type { AffineOf } from "./parameters.ts";

/** Separate projections; queries, keys and values may come from different widths. */
export type AttentionOf<P> = {
  readonly query: AffineOf<P>;
  readonly key: AffineOf<P>;
  readonly value: AffineOf<P>;
  readonly output: AffineOf<P>;
};

/** One projection for queries, keys and values: rows in that order, `[3 width, width]`. */
export type FusedAttentionOf<P> = { readonly fused: AffineOf<P>; readonly output: AffineOf<P> };

/** Two linear layers with an activation between them. */
export type MlpOf<P> = { readonly inner: AffineOf<P>; readonly outer: AffineOf<P> };

/** A block that normalises before each half: `x += λ₁ ⊙ attention(norm₁ x)`, `x += λ₂ ⊙ mlp(norm₂ x)`. */
export type PreNormBlockOf<P> = {
  readonly norm1: AffineOf<P>;
  readonly attention: AttentionOf<P> | FusedAttentionOf<P>;
  readonly scale1?: P;
  readonly norm2: AffineOf<P>;
  readonly mlp: MlpOf<P>;
  readonly scale2?: P;
};

/** Attention whose sum with its input is normalised. */
export type PostNormAttentionOf<P> = { readonly attention: AttentionOf<P>; readonly norm: AffineOf<P> };

/** Feed-forward layers whose sum with their input is normalised. */
export type PostNormMlpOf<P> = { readonly mlp: MlpOf<P>; readonly norm: AffineOf<P> };

/** What stands between the two linear layers of a feed-forward part. */
export type Activation = "gelu" | "gelu_new" | "quick_gelu" | "relu" | "silu" | "swiglu";

/** Numbers of a transformer that the shapes of its weights don't tell. */
export interface BlockOptions {
  readonly heads: number;
  /** ε of the layer norms. */
  readonly epsilon: number;
  readonly activation: Activation;
}

/**
 * Applies an activation; `swiglu` halves the last axis: `silu(first half) ⊙ second half`.
 *
 * @param x `[..., width]`.
 * @param activation Which one.
 * @returns `[..., width]`, or `[..., width / 2]` for `swiglu`.
 */
export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  switch (activation) {
    case "gelu":
      return geluErf(x);
    case "gelu_new":
      return geluTanh(x);
    case "quick_gelu":
      return quickGelu(x);
    case "relu":
      return tf.relu(x);
    case "silu":
      return silu(x);
    case "swiglu": {
      const [gate, value] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
      return tf.mul(silu(gate), value);
    }
  }
}

const splitHeads = (x: tf.Tensor, heads: number): tf.Tensor => {
  const [batch, length, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]); // [B, H, T, width/H]
};

/**
 * Scaled dot-product attention: `softmax(Q Kᵀ / √d + mask) V` in each head.
 *
 * @param projected Queries `[B, T, D]`, keys and values `[B, S, D]`, head-major channels.
 * @param options.heads Number of heads; divides D.
 * @param options.mask Added to the scores, broadcast to `[B, H, T, S]`: 0 keeps, −1e9 hides.
 * @returns `[B, T, D]`.
 */
export function attend(
  projected: { readonly query: tf.Tensor; readonly key: tf.Tensor; readonly value: tf.Tensor },
  options: { readonly heads: number; readonly mask?: tf.Tensor | undefined },
): tf.Tensor {
  const { heads, mask } = options;
  const [batch, length, width] = projected.query.shape as [number, number, number];
  const [query, key, value] = [projected.query, projected.key, projected.value].map((x) =>
    splitHeads(x, heads)
  ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const scaled = tf.mul(query, 1 / Math.sqrt(width / heads)) as tf.Tensor4D;
  const scores = tf.matMul(scaled, key, false, true); // [B, H, T, S]
  const weights = tf.softmax(mask === undefined ? scores : tf.add(scores, mask), -1) as tf.Tensor4D;
  const mixed = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]); // [B, T, H, D/H]
  return tf.reshape(mixed, [batch, length, width]);
}

/**
 * Multi-head attention with its projections.
 *
 * @param x Queries come from here, `[B, T, D]`.
 * @param options.context Keys and values come from here, `[B, S, C]`; `x` itself by default.
 * @returns `[B, T, D]`.
 */
export function attention(
  x: tf.Tensor,
  weights: AttentionOf<tf.Tensor> | FusedAttentionOf<tf.Tensor>,
  options: { readonly heads: number; readonly mask?: tf.Tensor | undefined; readonly context?: tf.Tensor },
): tf.Tensor {
  if ("fused" in weights) {
    const [query, key, value] = tf.split(linear(x, weights.fused), 3, -1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    return linear(attend({ query, key, value }, options), weights.output);
  }
  const context = options.context ?? x;
  const query = linear(x, weights.query);
  const key = linear(context, weights.key);
  const value = linear(context, weights.value);
  return linear(attend({ query, key, value }, options), weights.output);
}

/**
 * Feed-forward part: `outer(activation(inner(x)))`.
 *
 * @param x `[..., D]`.
 * @param weights The two layers.
 * @param activation What stands between them.
 * @returns `[..., D]`.
 */
export function feedForward(x: tf.Tensor, weights: MlpOf<tf.Tensor>, activation: Activation): tf.Tensor {
  return linear(activate(linear(x, weights.inner), activation), weights.outer);
}

/**
 * One block of a vision or CLIP transformer.
 *
 * @param x `[B, T, D]`.
 * @param options.mask Added to the attention scores.
 * @returns `[B, T, D]`.
 */
export function preNormBlock(
  x: tf.Tensor,
  block: PreNormBlockOf<tf.Tensor>,
  options: BlockOptions & { readonly mask?: tf.Tensor | undefined },
): tf.Tensor {
  const { epsilon, activation } = options;
  const attended = attention(layerNorm(x, block.norm1, epsilon), block.attention, options);
  const middle = tf.add(x, block.scale1 === undefined ? attended : tf.mul(attended, block.scale1));
  const changed = feedForward(layerNorm(middle, block.norm2, epsilon), block.mlp, activation);
  return tf.add(middle, block.scale2 === undefined ? changed : tf.mul(changed, block.scale2));
}

/**
 * Attention half of a BERT block: `norm(x + attention(x))`.
 *
 * @param x `[B, T, D]`.
 * @param weights Projections and norm.
 * @param options.context Keys and values of a cross-attention, `[B, S, C]`.
 * @returns `[B, T, D]`.
 */
export function postNormAttention(
  x: tf.Tensor,
  weights: PostNormAttentionOf<tf.Tensor>,
  options: BlockOptions & { readonly mask?: tf.Tensor | undefined; readonly context?: tf.Tensor },
): tf.Tensor {
  return layerNorm(tf.add(x, attention(x, weights.attention, options)), weights.norm, options.epsilon);
}

/**
 * Feed-forward half of a BERT block: `norm(x + mlp(x))`.
 *
 * @param x `[B, T, D]`.
 * @param weights Layers and norm.
 * @param options Activation and ε.
 * @returns `[B, T, D]`.
 */
export function postNormMlp(
  x: tf.Tensor,
  weights: PostNormMlpOf<tf.Tensor>,
  options: BlockOptions,
): tf.Tensor {
  return layerNorm(tf.add(x, feedForward(x, weights.mlp, options.activation)), weights.norm, options.epsilon);
}

/**
 * Turns a mask of real tokens into what is added to attention scores.
 *
 * @param mask `[B, S]`, 1 for a real token, 0 for padding.
 * @returns `[B, 1, 1, S]`, 0 or −1e9.
 */
export function keyMask(mask: tf.Tensor): tf.Tensor {
  const [batch, length] = mask.shape as [number, number];
  return tf.reshape(tf.mul(tf.sub(1, tf.cast(mask, "float32")), -1e9), [batch, 1, 1, length]);
}

/**
 * The mask of text that is read from left to right: position i sees positions up to i.
 *
 * @param length Number of positions.
 * @returns `[1, 1, length, length]`, 0 or −1e9.
 */
export function causalMask(length: number): tf.Tensor {
  const hidden = new Float32Array(length * length);
  for (let row = 0; row < length; row++) hidden.fill(-1e9, row * length + row + 1, (row + 1) * length);
  return tf.tensor(hidden, [1, 1, length, length]);
}
