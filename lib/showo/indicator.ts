/**
 * One-hot rows for any number of classes; TensorFlow.js's own needs at least two.
 *
 * @module
 */
import { tf } from "../tensor/tf.ts";

/**
 * Marks the class of each id.
 *
 * @param ids `[...]` int32; an id outside [0, classes) marks none.
 * @param classes Number of classes, at least 1.
 * @returns `[..., classes]` float32 of 0 and 1.
 */
export function indicator(ids: tf.Tensor, classes: number): tf.Tensor {
  return tf.cast(tf.equal(tf.expandDims(ids, -1), tf.range(0, classes, 1, "int32")), "float32");
}
