/**
 * The layers that every model shares, from operations that have gradients on every backend.
 *
 * Weights are in the published PyTorch layout: linear `[out, in]`, convolution `[out, in, height, width]`. Pictures are
 * `[batch, height, width, channels]`.
 *
 * @module
 */
import { products } from "./products.ts";
import { tf } from "./tf.ts";

/** A matrix and its bias; also the scale and shift of a norm. */
export type Affine = {
  readonly weight: tf.Tensor;
  readonly bias?: tf.Tensor;
};

/**
 * Applies `y = x Wᵀ + b` to the last axis.
 *
 * @param x `[..., in]`.
 * @param layer Weight `[out, in]`, bias `[out]`.
 * @returns `[..., out]`.
 */
export function linear(x: tf.Tensor, layer: Affine): tf.Tensor {
  const width = x.shape[x.rank - 1] as number;
  const [flat] = products(tf.reshape(x, [-1, width]), [layer]) as [tf.Tensor];
  const y = tf.reshape(flat, [...x.shape.slice(0, -1), layer.weight.shape[0] as number]);
  return layer.bias === undefined ? y : tf.add(y, layer.bias);
}

/**
 * Normalises the last axis: `y = (x − μ) / √(σ² + ε) · γ + β` with the biased variance.
 *
 * @param x `[..., width]`.
 * @param norm γ and β, each `[width]`.
 * @param epsilon ε.
 * @returns The shape of `x`.
 */
export function layerNorm(x: tf.Tensor, norm: Affine, epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  const scaled = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), norm.weight);
  return norm.bias === undefined ? scaled : tf.add(scaled, norm.bias);
}

/**
 * Normalises groups of consecutive channels over a picture, with the biased variance.
 *
 * @param x `[batch, height, width, channels]`.
 * @param norm γ and β, each `[channels]`.
 * @param options.groups Number of groups; divides the channels.
 * @param options.epsilon ε.
 * @returns The shape of `x`.
 */
export function groupNorm(
  x: tf.Tensor,
  norm: Affine,
  options: { readonly groups: number; readonly epsilon: number },
): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const { groups, epsilon } = options;
  const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups]);
  const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
  const variance = tf.mean(tf.square(centred), [1, 3], true);
  const scaled = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
  const weighted = tf.mul(scaled, norm.weight);
  return norm.bias === undefined ? weighted : tf.add(weighted, norm.bias);
}

/**
 * GELU in its tanh approximation: `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
 *
 * @param x Any shape.
 * @returns The same shape.
 */
export function geluTanh(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

/**
 * GELU in its exact form: `0.5 x (1 + erf(x / √2))`.
 *
 * @param x Any shape.
 * @returns The same shape.
 */
export function geluErf(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/**
 * The approximation `x · sigmoid(1.702 x)` that CLIP uses.
 *
 * @param x Any shape.
 * @returns The same shape.
 */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));
}

/**
 * Swish: `x · sigmoid(x)`.
 *
 * @param x Any shape.
 * @returns The same shape.
 */
export function silu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}

/**
 * Looks up rows of a table. The gradient of the table sums over equal ids.
 *
 * @param table `[rows, width]`.
 * @param ids `[...]`, int32, each in [0, rows).
 * @returns `[..., width]`.
 */
export function embed(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const [rows, width] = table.shape as [number, number];
  const flatIds = tf.reshape(tf.cast(ids, "int32"), [-1]);
  const lookup = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [from, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    save([flatIds]);
    return {
      value: tf.gather(from, flatIds as tf.Tensor1D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tableGradient(dy, saved[0] as tf.Tensor, rows)],
    };
  });
  return tf.reshape(lookup(table), [...ids.shape, width]);
}

const tableGradient = (dy: tf.Tensor, ids: tf.Tensor, rows: number): tf.Tensor =>
  tf.getBackend() === "wasm"
    ? tf.matMul(tf.oneHot(ids as tf.Tensor1D, rows) as tf.Tensor2D, dy as tf.Tensor2D, true, false)
    : tf.unsortedSegmentSum(dy, ids as tf.Tensor1D, rows);

/**
 * Reads, at every position, the value of one column: `y[i] = x[i, ids[i]]`, as a sum against a one-hot mask.
 *
 * @param x `[..., columns]`.
 * @param ids `[...]`, int32; an id outside [0, columns) gives 0.
 */
export function pick(x: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const columns = x.shape[x.rank - 1] as number;
  return tf.sum(tf.mul(x, tf.cast(tf.oneHot(tf.cast(ids, "int32"), columns), "float32")), -1);
}

/**
 * Mean negative log-likelihood of the labels that are not ignored, over the whole batch.
 *
 * @param logits `[..., classes]`.
 * @param labels `[...]`, int32; a negative label is ignored.
 * @returns A scalar; 0 if every label is ignored.
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  const counted = tf.cast(tf.greaterEqual(labels, tf.scalar(0, "int32")), "float32");
  const likelihood = pick(tf.logSoftmax(logits), labels);
  const total = tf.maximum(tf.sum(counted), 1);
  return tf.neg(tf.div(tf.sum(tf.mul(likelihood, counted)), total)) as tf.Scalar;
}

/**
 * Scales vectors to length 1: `x / max(‖x‖₂, 1e-12)` over the last axis.
 *
 * @param x `[..., width]`.
 * @returns The same shape.
 */
export function unit(x: tf.Tensor): tf.Tensor {
  const squared = tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24);
  return tf.mul(x, tf.rsqrt(squared));
}

/**
 * Convolution with published weights, stride and symmetric zero padding.
 *
 * @param x `[batch, height, width, in]`.
 * @param layer Weight `[out, in, kernel, kernel]`, bias `[out]`.
 * @param options.stride Default 1.
 * @param options.padding Rows and columns of zeros on each side, `[[top, bottom], [left, right]]` or one number; default 0.
 * @returns `[batch, height', width', out]`.
 */
export function conv2d(
  x: tf.Tensor,
  layer: Affine,
  options: {
    readonly stride?: number;
    readonly padding?: number | readonly [[number, number], [number, number]];
  } = {},
): tf.Tensor {
  const { stride = 1, padding = 0 } = options;
  const [[top, bottom], [left, right]] = typeof padding === "number"
    ? [[padding, padding], [padding, padding]] as const
    : padding;
  const padded = top + bottom + left + right === 0
    ? x
    : tf.pad(x as tf.Tensor4D, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  const kernel = tf.transpose(layer.weight, [2, 3, 1, 0]) as tf.Tensor4D;
  const y = tf.conv2d(padded as tf.Tensor4D, kernel, stride, "valid");
  return layer.bias === undefined ? y : tf.add(y, layer.bias);
}

/**
 * Passes a value and stops its gradient.
 *
 * @param x Any shape.
 * @returns The same values; their gradient is zero.
 */
export function stopGradient(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.clone(inputs[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy)],
  }))(x);
}

/**
 * Rounds to −1 or +1 by sign, with the gradient of the identity (straight-through). Zero becomes −1.
 *
 * @param x Any shape.
 * @returns The same shape, each −1 or +1.
 */
export function signStraightThrough(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.sub(tf.mul(tf.cast(tf.greater(inputs[0] as tf.Tensor, 0), "float32"), 2), 1),
    gradFunc: (dy: tf.Tensor) => [dy],
  }))(x);
}
