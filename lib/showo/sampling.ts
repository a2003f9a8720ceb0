/**
 * Drawing tokens from distributions with uniform numbers made outside, so that every backend draws the same.
 *
 * @module
 */
import { tf } from "../tensor/tf.ts";
import { indicator } from "./indicator.ts";
import { HIDDEN } from "./mask.ts";

/** Least power of two whose square reaches a number of classes. */
const blockWidth = (classes: number): number => 2 ** Math.ceil(Math.log2(Math.sqrt(classes)));

const countUpTo = (sums: tf.Tensor, target: tf.Tensor): tf.Tensor =>
  tf.sum(tf.cast(tf.lessEqual(sums, tf.expandDims(target, -1)), "int32"), -1);

/**
 * Draws one class per row by inverse CDF: the first class whose cumulative probability exceeds u.
 *
 * Sums run in two levels (blocks, then inside a block), so that thousands of classes lose no precision.
 *
 * @param probabilities `[R, classes]`, each row sums to about 1.
 * @param uniforms `[R]`, in [0, 1).
 * @returns `[R]` int32; never a class of probability 0.
 */
export function categorical(probabilities: tf.Tensor, uniforms: tf.Tensor): tf.Tensor {
  const [rows, classes] = probabilities.shape as [number, number];
  const width = blockWidth(classes);
  const count = Math.ceil(classes / width);
  const padded = tf.pad(probabilities as tf.Tensor2D, [[0, 0], [0, count * width - classes]]);
  const blocks = tf.reshape(padded, [rows, count, width]);
  const sums = tf.cumsum(tf.sum(blocks, 2), 1); // [R, count]
  const total = tf.reshape(tf.slice(sums, [0, count - 1], [rows, 1]), [rows]);
  const target = tf.mul(tf.minimum(uniforms, 1 - 2 ** -22), total);
  const block = tf.minimum(countUpTo(sums, target), tf.scalar(count - 1, "int32"));
  const previous = indicator(tf.sub(block, tf.scalar(1, "int32")), count); // no mark for the first block
  const before = tf.sum(tf.mul(sums, previous), -1);
  const chosen = tf.expandDims(indicator(block, count), -1);
  const inside = tf.sum(tf.mul(blocks, chosen), 1); // [R, width]
  const within = countUpTo(tf.add(tf.cumsum(inside, 1), tf.expandDims(before, -1)), target);
  const possible = tf.cast(tf.greater(inside, 0), "int32");
  const lastPossible = tf.max(tf.mul(possible, tf.range(0, width, 1, "int32")), -1);
  return tf.add(tf.mul(block, tf.scalar(width, "int32")), tf.minimum(within, lastPossible));
}

/**
 * Finds the most likely class of each row.
 *
 * @param logits `[R, classes]`, or log-probs.
 * @returns `[R]` int32; of equal ones the first.
 */
export function mostLikely(logits: tf.Tensor): tf.Tensor {
  const classes = logits.shape[logits.shape.length - 1] as number;
  const largest = tf.cast(tf.equal(logits, tf.max(logits, -1, true)), "int32");
  const fromEnd = tf.range(classes - 1, -1, -1, "int32");
  return tf.sub(tf.scalar(classes - 1, "int32"), tf.max(tf.mul(largest, fromEnd), -1));
}

/** Up to this many, looking for the largest again and again is cheaper than to sort. */
const FEW = 8;

function kthLargest(x: tf.Tensor, k: number): tf.Tensor {
  let least = tf.max(x, -1, true);
  for (let found = 1; found < k; found++) {
    const kept = tf.cast(tf.greaterEqual(x, least), "float32");
    const next = tf.max(tf.add(x, tf.mul(kept, HIDDEN)), -1, true);
    least = tf.where(tf.greaterEqual(tf.sum(kept, -1, true), k), least, next);
  }
  return least;
}

/** Marks what is below the k-th largest of each row, `[R, classes]` of 0 and 1. */
function belowTop(logits: tf.Tensor, k: number): tf.Tensor {
  const [rows, classes] = logits.shape as [number, number];
  if (k >= classes) return tf.zerosLike(logits);
  const least = k <= FEW ? kthLargest(logits, k) : tf.slice(tf.topk(logits, k).values, [0, k - 1], [rows, 1]);
  return tf.cast(tf.less(logits, least), "float32");
}

/**
 * Hides all but the k largest logits of each row; those equal to the k-th stay.
 *
 * @param logits `[R, classes]`.
 * @param k How many, at least 1; more than there are keeps all.
 * @returns `[R, classes]` with a very negative number where hidden.
 */
export function keepTop(logits: tf.Tensor, k: number): tf.Tensor {
  return tf.add(logits, tf.mul(belowTop(logits, k), HIDDEN));
}

/**
 * Keeps the candidates that tokens were drawn from, with gradient: the k largest logits, and the drawn token, which a batch of another
 * size may round to the place after.
 *
 * @param logits `[R, classes]`.
 * @param drawn `[R]` int32; a negative id marks padding.
 * @param k As in {@link keepTop}.
 * @returns `[R, classes]` with a very negative number where hidden. What is hidden depends on the logits, but has no gradient.
 */
export function drawnCandidates(logits: tf.Tensor, drawn: tf.Tensor, k: number): tf.Tensor {
  const [, classes] = logits.shape as [number, number];
  return tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const x = inputs[0] as tf.Tensor;
    const hidden = tf.mul(belowTop(x, k), tf.sub(1, indicator(drawn, classes)));
    return { value: tf.add(x, tf.mul(hidden, HIDDEN)), gradFunc: (dy: tf.Tensor) => [dy] };
  })(logits);
}
