/**
 * One computation for each kind of work that a training needs, small but large enough for every path: for comparing
 * backends.
 *
 * @module
 */
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { attend, keyMask } from "../../lib/experts/shared/blocks.ts";
import { decode, encode, type MagvitWeights, signsOf } from "../../lib/showo/magvit.ts";
import { categorical, keepTop } from "../../lib/showo/sampling.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { jit } from "../../lib/tensor/jit.ts";
import * as ops from "../../lib/tensor/ops.ts";
import { adamw, applyUpdates, chain, clipByGlobalNorm } from "../../lib/tensor/optimizer.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { flatten, type Tree } from "../../lib/tensor/tree.ts";
import { makeWorkload } from "../../lib/tensor/workload.ts";
import { tinyMagvit, tinyMagvitWeights } from "./tiny_magvit.ts";

const noise = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(normals(keyFromSeed(seed), shape.reduce((size, length) => size * length, 1)), [...shape]);

const affine = (weight: readonly number[], seed: number): Required<ops.Affine> => ({
  weight: tf.mul(noise(weight, seed), 0.3),
  bias: noise([weight[0] as number], seed + 1),
});

const ids = (count: number, below: number): tf.Tensor1D =>
  tf.tensor1d(Int32Array.from({ length: count }, (_, index) => (index * 31 + 7) % below), "int32");

const MAGVIT = tinyMagvit({ codeBits: 5, baseChannels: 8 });
const magvit = (): MagvitWeights => tinyMagvitWeights(MAGVIT, 6);

/** Loss and gradients of a convolution, a normalised layer and a table, by way of the project's own optimizer. */
function optimizerStep(): Tree {
  const parameters = {
    table: noise([40, 24], 1),
    layers: Array.from({ length: 4 }, (_, index) => affine([24, 24], 10 * index + 2)),
    head: affine([40, 24], 3),
    kernel: affine([6, 3, 3, 3], 5),
  };
  const pictures = noise([2, 9, 9, 3], 7);
  const loss = (p: typeof parameters) => {
    const start = ops.embed(p.table, tf.reshape(ids(60, 40), [4, 15]));
    const hidden = p.layers.reduce<tf.Tensor>(
      (x, layer) =>
        tf.add(x, ops.geluTanh(ops.linear(ops.layerNorm(x, { weight: tf.ones([24]) }, 1e-5), layer))),
      start,
    );
    const text = ops.crossEntropy(ops.linear(hidden, p.head), tf.reshape(ids(60, 37), [4, 15]));
    const convolved = ops.silu(ops.conv2d(pictures, p.kernel, { stride: 2, padding: 1 }));
    return { loss: tf.add(text, tf.mean(tf.square(convolved))) as tf.Scalar, aux: {} };
  };
  const { loss: value, grads } = valueAndGrad(loss)(parameters);
  const optimizer = chain(clipByGlobalNorm(1), adamw({ weightDecay: 0.01 }));
  const context = { parameters, learningRate: tf.scalar(1e-2) };
  const { updates, state } = optimizer.update(grads, optimizer.init(parameters), context);
  return { value, grads, next: applyUpdates(parameters, updates), state } as unknown as Tree;
}

const trainedLosses = (): tf.Tensor => {
  const workload = makeWorkload({ batch: 2, tokens: 24, width: 32, layers: 1, heads: 4, vocabulary: 64 });
  const losses = [workload.forward(), workload.trainStep(), workload.trainStep()];
  workload.dispose();
  return tf.tensor1d(losses);
};

/** The computations by name; each makes its own inputs, the same on every backend. */
export const EQUALITY_CASES: Readonly<Record<string, () => Tree>> = {
  linear: () => ops.linear(noise([3, 17, 40], 1), affine([70, 40], 2)),
  "long sums": () => tf.matMul(noise([2500, 20], 1), noise([2500, 30], 2), true, false),
  layerNorm: () => ops.layerNorm(noise([3, 17, 70], 1), affine([70], 2), 1e-5),
  groupNorm: () => ops.groupNorm(noise([2, 9, 9, 12], 1), affine([12], 2), { groups: 3, epsilon: 1e-6 }),
  attention: () => {
    const [query, key, value] = [noise([2, 19, 48], 1), noise([2, 23, 48], 2), noise([2, 23, 48], 3)];
    const hidden = tf.tensor2d(
      Array.from({ length: 46 }, (_, index) => index % 23 < 20 ? 1 : 0),
      [2, 23],
      "int32",
    );
    return attend({ query, key, value }, { heads: 4, mask: keyMask(hidden) });
  },
  softmax: () => [tf.softmax(noise([70, 300], 1)), tf.logSoftmax(noise([5, 2000], 2))],
  activations: () =>
    [ops.geluErf, ops.geluTanh, ops.quickGelu, ops.silu].map((activation) => activation(noise([50, 30], 1))),
  gather: () => [
    ops.embed(noise([300, 20], 1), tf.reshape(ids(90, 300), [6, 15])),
    ops.pick(noise([90, 300], 2), ids(90, 300)),
  ],
  "casts and moves": () => {
    const whole = tf.cast(tf.reshape(ids(120, 50), [5, 24, 1]), "float32");
    return [
      tf.sum(whole, 1),
      tf.transpose(whole, [2, 0, 1]),
      tf.concat([whole, whole], 2),
      tf.tile(whole, [1, 1, 3]),
    ];
  },
  sampling: () => {
    const kept = keepTop(noise([40, 130], 1), 20);
    const uniforms = tf.tensor1d(Array.from({ length: 40 }, (_, index) => (index + 0.5) / 40));
    return [kept, categorical(tf.softmax(kept), uniforms)];
  },
  conv2d: () =>
    [1, 2].map((stride) =>
      ops.conv2d(noise([2, 12, 12, 5], 1), affine([9, 5, 3, 3], 2), { stride, padding: [[0, 1], [0, 1]] })
    ),
  "tokenizer, pictures to codes": () => encode(magvit().encoder, tf.tanh(noise([2, 16, 16, 3], 1)), MAGVIT),
  "tokenizer, codes to pictures": () =>
    decode(magvit().decoder, signsOf(tf.reshape(ids(128, 32), [2, 64]), { bits: 5 }), MAGVIT),
  "gradients and AdamW": optimizerStep,
  "training of a transformer": trainedLosses,
};

/**
 * Computes every case on the active backend, each as a jitted function.
 *
 * @returns All numbers of each case, in the order of its tree.
 */
export function computeCases(): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    Object.entries(EQUALITY_CASES).map(([name, body]) => {
      const result = name.startsWith("training") ? body() : jit(name, body)();
      const { leaves } = flatten(result);
      const numbers = leaves.flatMap((leaf) => [...leaf.dataSync()]);
      tf.dispose(leaves as tf.Tensor[]);
      return [name, numbers];
    }),
  );
}

/**
 * The largest difference relative to the larger of 1 and the expected number.
 *
 * @param found Numbers of one backend.
 * @param expected Numbers of the other one.
 * @returns Infinity if counts differ or a number is none.
 */
export function relativeError(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  const errors = expected.map((value, at) =>
    Math.abs((found[at] ?? NaN) - value) / Math.max(1, Math.abs(value))
  );
  return errors.every(Number.isFinite) ? errors.reduce((most, error) => Math.max(most, error), 0) : Infinity;
}
