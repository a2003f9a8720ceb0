/**
 * The objective on tensors, differentiable in the current log-probs; equal to `objective.ts`.
 *
 * @module
 */
import { stopGradient } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { type ClipOptions, LOG_RATIO_LIMIT } from "./objective.ts";

/** The tokens of a micro-batch: one kind, any number of trajectories. */
export type TokenTensors = {
  /** log π_θ, `[B, T]`; the only tensor with a gradient. */
  readonly perTokenLogps: tf.Tensor;
  /** log π_old, `[B, T]`; absent = equal to log π_θ, so D = 1 with the gradient of log π_θ. */
  readonly oldPerTokenLogps?: tf.Tensor;
  /** log π_ref, `[B, T]`; absent = no KL. */
  readonly refPerTokenLogps?: tf.Tensor;
  /** 1 for a token that counts, 0 for padding, `[B, T]`. */
  readonly completionMask: tf.Tensor;
  /** A of each trajectory, `[B, 1]`. */
  readonly advantages: tf.Tensor;
  /** Factor of the tokens in the loss (`tokenScale`, times T/k for drawn steps), broadcast to `[B, T]`. */
  readonly scale: tf.Tensor;
};

/** The loss and the sums of `TokenSums`, scalars. */
export type ObjectiveTerms = {
  /** `Σ scale · (β k3 − surrogate)`. */
  readonly loss: tf.Scalar;
  readonly surrogate: tf.Scalar;
  readonly kl: tf.Scalar;
  readonly clippedLow: tf.Scalar;
  readonly clippedHigh: tf.Scalar;
  readonly tokens: tf.Scalar;
};

const clampedDifference = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.clipByValue(tf.sub(a, b), -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT);

/** Values where the mask is 1 and 0 elsewhere, so that padding never meets `exp`. */
const masked = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor => tf.mul(x, mask);

/**
 * Sums the objective over a micro-batch of tokens of one kind.
 *
 * `loss = Σ scale · mask · (β · k3 − min(D A, clip(D, 1−ε, 1+ε) A))`; the losses of all micro-batches add up to
 * `objectiveLoss`. Log-probs of masked tokens must be finite.
 *
 * @param inputs Log-probs, mask, advantages and factors.
 * @param options Clip range and β, constants of the run.
 * @returns Fresh scalars; `loss` has a gradient in `perTokenLogps` alone.
 *
 * @example The gradient of the loss at D = 1 is −A
 * ```ts
 * import { objectiveTerms } from "./objective_terms.ts";
 * import { tf } from "../tensor/tf.ts";
 * import assert from "node:assert/strict";
 * await tf.setBackend("cpu");
 * const rest = { completionMask: tf.ones([1, 2]), advantages: tf.tensor2d([[0.5]]), scale: tf.scalar(1) };
 * const loss = (perTokenLogps: tf.Tensor) =>
 *   objectiveTerms({ perTokenLogps, ...rest }, { epsilon: 0.2, beta: 0 }).loss;
 * assert.deepEqual([...tf.grad(loss)(tf.tensor2d([[-1, -3]])).dataSync()], [-0.5, -0.5]);
 * ```
 */
export function objectiveTerms(inputs: TokenTensors, options: ClipOptions): ObjectiveTerms {
  const { completionMask: mask, advantages, scale } = inputs;
  const { epsilon, epsilonHigh = epsilon, beta } = options;
  const logps = masked(inputs.perTokenLogps, mask);
  const old = inputs.oldPerTokenLogps === undefined
    ? stopGradient(logps)
    : masked(stopGradient(inputs.oldPerTokenLogps), mask);
  const ratio = tf.exp(clampedDifference(logps, old)); // [B, T]
  const held = tf.clipByValue(ratio, 1 - epsilon, 1 + epsilonHigh);
  const surrogate = masked(tf.minimum(tf.mul(ratio, advantages), tf.mul(held, advantages)), mask);
  const kl = inputs.refPerTokenLogps === undefined
    ? tf.zerosLike(surrogate)
    : masked(tensorK3(logps, masked(stopGradient(inputs.refPerTokenLogps), mask)), mask);
  const both = (a: tf.Tensor, b: tf.Tensor): tf.Scalar =>
    tf.sum(masked(tf.cast(tf.logicalAnd(a, b), "float32"), mask)) as tf.Scalar;
  return {
    loss: tf.sum(tf.mul(scale, tf.sub(tf.mul(kl, beta), surrogate))) as tf.Scalar,
    surrogate: tf.sum(surrogate) as tf.Scalar,
    kl: tf.sum(kl) as tf.Scalar,
    clippedLow: both(tf.less(ratio, 1 - epsilon), tf.less(advantages, 0)),
    clippedHigh: both(tf.greater(ratio, 1 + epsilonHigh), tf.greater(advantages, 0)),
    tokens: tf.sum(mask) as tf.Scalar,
  };
}

/** `exp(δ) − δ − 1`; `expm1` because `exp(δ) − 1` cancels in float32 for small δ. */
const tensorK3 = (logps: tf.Tensor, refLogps: tf.Tensor): tf.Tensor => {
  const delta = clampedDifference(refLogps, logps);
  return tf.sub(tf.expm1(delta), delta);
};
