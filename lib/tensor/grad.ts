/**
 * Value and gradient of a loss with respect to a tree of parameters.
 *
 * @module
 */
import { tf } from "./tf.ts";
import { flatten, mapTree, type Tree, unflatten } from "./tree.ts";

/** What a loss function returns: the scalar to differentiate and anything else worth keeping. */
export type Loss<X extends Tree> = {
  readonly loss: tf.Scalar;
  readonly aux: X;
};

/**
 * Differentiates a loss.
 *
 * Parameters that the loss does not touch get a gradient of zeros.
 *
 * @param f A pure tensor function of the parameters; capture everything else.
 * @returns A function to loss, auxiliary tree and gradients (the structure of the parameters); all fresh tensors.
 *
 * @example d/dx (x²) = 2x
 * ```ts
 * import { valueAndGrad } from "./grad.ts";
 * import { tf } from "./tf.ts";
 * import assert from "node:assert/strict";
 * await tf.setBackend("cpu");
 * const square = valueAndGrad((p: { x: tf.Tensor }) => ({ loss: tf.sum(tf.square(p.x)) as tf.Scalar, aux: {} }));
 * assert.deepEqual([...square({ x: tf.tensor1d([3, -1]) }).grads.x.dataSync()], [6, -2]);
 * ```
 */
export function valueAndGrad<P extends Tree, X extends Tree>(
  f: (parameters: P) => Loss<X>,
): (parameters: P) => Loss<X> & { readonly grads: P } {
  return (parameters) => {
    const { leaves, structure } = flatten(parameters);
    const kept: { aux: X | null } = { aux: null };
    const { value, grads } = tf.engine().gradients(
      () => {
        const { loss, aux } = f(parameters);
        kept.aux = mapTree(aux, (leaf) => tf.keep(tf.clone(leaf)));
        return loss;
      },
      leaves,
      undefined as unknown as tf.Scalar,
      true,
    );
    const filled = leaves.map((leaf, index) => grads[index] ?? tf.zerosLike(leaf));
    return { loss: value as tf.Scalar, aux: kept.aux as X, grads: unflatten(structure, filled) as P };
  };
}
