/**
 * A small transformer with a training step: the fixed piece of work by which backends are measured and compared.
 *
 * Batch 8, 128 tokens, width 256, 6 layers, 8 heads, vocabulary 1024: 11 GFLOP forward, three times that to train.
 *
 * @module
 */
import { valueAndGrad } from "./grad.ts";
import { jit } from "./jit.ts";
import { type Affine, crossEntropy, embed, geluTanh, layerNorm, linear } from "./ops.ts";
import { type AdamState, adamw, applyUpdates } from "./optimizer.ts";
import { tf } from "./tf.ts";
import { disposeTree } from "./tree.ts";

/** The sizes of the transformer. */
export interface WorkloadShape {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
}

/** The shape that is measured. */
export const STANDARD_SHAPE: WorkloadShape = {
  batch: 8,
  tokens: 128,
  width: 256,
  layers: 6,
  heads: 8,
  vocabulary: 1024,
};

type Layer = {
  readonly norm1: Affine;
  readonly qkv: Affine;
  readonly out: Affine;
  readonly norm2: Affine;
  readonly up: Affine;
  readonly down: Affine;
};

type Weights = {
  readonly table: tf.Tensor;
  readonly positions: tf.Tensor;
  readonly layers: readonly Layer[];
  readonly norm: Affine;
  readonly head: Affine;
};

/** The work, ready to run; it owns its tensors. */
export interface Workload {
  /** Runs the model and waits for the result. Returns the mean of the logits. */
  readonly forward: () => number;
  /** Runs one AdamW step and waits for it. Returns the loss before the step. */
  readonly trainStep: () => number;
  readonly dispose: () => void;
}

/**
 * Counts the arithmetic of one forward pass.
 *
 * @returns Floating-point operations of all matrix products: two per multiply-add.
 *
 * @example
 * ```ts
 * import { forwardFlops, STANDARD_SHAPE } from "./workload.ts";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(forwardFlops(STANDARD_SHAPE) / 1e9 - 11) < 0.1);
 * ```
 */
export function forwardFlops({ batch, tokens, width, layers, vocabulary }: WorkloadShape): number {
  const perToken = layers * (12 * width * width + 2 * tokens * width) + width * vocabulary;
  return 2 * batch * tokens * perToken;
}

const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 0.02, "float32", seed);
const affine = (inputs: number, outputs: number, seed: number): Affine => ({
  weight: noise([outputs, inputs], seed),
  bias: tf.zeros([outputs]),
});
const scaleAndShift = (width: number): Affine => ({ weight: tf.ones([width]), bias: tf.zeros([width]) });

function makeWeights({ width, layers, vocabulary, tokens }: WorkloadShape): Weights {
  const layer = (index: number): Layer => ({
    norm1: scaleAndShift(width),
    qkv: affine(width, 3 * width, 10 * index + 11),
    out: affine(width, width, 10 * index + 12),
    norm2: scaleAndShift(width),
    up: affine(width, 4 * width, 10 * index + 13),
    down: affine(4 * width, width, 10 * index + 14),
  });
  return {
    table: noise([vocabulary, width], 1),
    positions: noise([tokens, width], 2),
    layers: Array.from({ length: layers }, (_, index) => layer(index)),
    norm: scaleAndShift(width),
    head: { weight: noise([vocabulary, width], 3) },
  };
}

function attention(x: tf.Tensor, layer: Layer, { batch, tokens, width, heads }: WorkloadShape): tf.Tensor {
  const split = tf.split(linear(x, layer.qkv), 3, -1);
  const [q, k, v] = split.map((part) =>
    tf.transpose(tf.reshape(part, [batch, tokens, heads, width / heads]), [0, 2, 1, 3])
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads));
  const mixed = tf.matMul(tf.softmax(scores), v);
  return linear(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, tokens, width]), layer.out);
}

function logits(weights: Weights, ids: tf.Tensor, shape: WorkloadShape): tf.Tensor {
  let x = tf.add(embed(weights.table, ids), weights.positions);
  for (const layer of weights.layers) {
    x = tf.add(x, attention(layerNorm(x, layer.norm1, 1e-5), layer, shape));
    x = tf.add(x, linear(geluTanh(linear(layerNorm(x, layer.norm2, 1e-5), layer.up)), layer.down));
  }
  return linear(layerNorm(x, weights.norm, 1e-5), weights.head);
}

const tokenIds = ({ batch, tokens, vocabulary }: WorkloadShape, factor: number): tf.Tensor =>
  tf.tensor2d(
    Int32Array.from({ length: batch * tokens }, (_, index) => (index * factor + 7) % vocabulary),
    [batch, tokens],
    "int32",
  );

/**
 * Makes the work for the active backend.
 *
 * @param shape The sizes; equal shapes start from equal weights.
 * @returns The work; the caller disposes it.
 */
export function makeWorkload(shape: WorkloadShape = STANDARD_SHAPE): Workload {
  const optimizer = adamw({ weightDecay: 0.01 });
  const ids = tokenIds(shape, 31);
  const labels = tokenIds(shape, 17);
  const learningRate = tf.scalar(1e-3);
  let weights = makeWeights(shape);
  let state = tf.tidy(() => optimizer.init(weights) as AdamState & tf.TensorContainerObject) as AdamState;
  const forward = jit("workload_forward", (w: Weights, x: tf.Tensor) => tf.mean(logits(w, x, shape)));
  const train = jit(
    "workload_train",
    (w: Weights, s: AdamState, x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor) => {
      const { loss, grads } = valueAndGrad((parameters: Weights) => ({
        loss: crossEntropy(logits(parameters, x, shape), y),
        aux: {},
      }))(w);
      const context = { parameters: w, learningRate: rate as tf.Scalar };
      const next = optimizer.update(grads, s, context);
      return { loss, weights: applyUpdates(w, next.updates), state: next.state };
    },
  );
  const take = (scalar: tf.Tensor): number => {
    const value = scalar.dataSync()[0] as number;
    scalar.dispose();
    return value;
  };
  return {
    forward: () => take(forward(weights, ids)),
    trainStep: () => {
      const next = train(weights, state, ids, labels, learningRate);
      disposeTree([weights, state]);
      ({ weights, state } = next);
      return take(next.loss);
    },
    dispose: () => disposeTree([weights, state, ids, labels, learningRate]),
  };
}
