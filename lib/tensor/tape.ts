/**
 * Ops with gradients of their own, each computed only if something asks for it.
 *
 * `tf.customGrad` computes the gradients of all inputs at once; a frozen matrix would cost as much as a trained one.
 *
 * @module
 */
import { tf } from "./tf.ts";

/** Functions to the gradients of the inputs, by name. */
export type LazyGradients = Readonly<Record<string, () => tf.Tensor>>;

/** An op that stands on the tape as one. */
export interface TapedOp {
  /** What gradients can be taken of. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** Computes the results; `save` keeps what the gradients need. */
  readonly forward: (save: (tensors: readonly tf.Tensor[]) => void) => tf.Tensor[];
  /** From the gradients of the results; `keep` holds a tensor that several of them share until all are there. */
  readonly backward: (
    dys: readonly tf.Tensor[],
    saved: readonly tf.Tensor[],
    keep: <T extends tf.Tensor>(tensor: T) => T,
  ) => LazyGradients;
}

/** The engine's own way to add an operation with several results; its types call it private. */
interface Recorder {
  readonly runKernelFunc: (call: {
    readonly forwardFunc: (backend: unknown, save: (tensors: readonly tf.Tensor[]) => void) => tf.Tensor[];
    readonly backwardsFunc: (
      dys: tf.Tensor | tf.Tensor[],
      saved: tf.Tensor[],
    ) => Record<string, () => tf.Tensor>;
    readonly inputs: Readonly<Record<string, tf.Tensor>>;
  }) => tf.Tensor[];
}

/** Runs an op; where gradients are taken it goes onto the tape with the gradients given. */
export function runTaped({ inputs, forward, backward }: TapedOp): tf.Tensor[] {
  return (tf.engine() as unknown as Recorder).runKernelFunc({
    inputs,
    forwardFunc: (_, save) => forward(save),
    backwardsFunc: (dys, saved) =>
      backward(Array.isArray(dys) ? dys : [dys], [...saved], (tensor) => {
        // The engine frees what is saved when all gradients are there.
        saved.push(tf.keep(tensor));
        return tensor;
      }),
  });
}

/**
 * Names the tensors of a list.
 *
 * @param prefix What all names begin with.
 * @param items One entry per name: tensors, or functions to them.
 * @returns `prefix0`, `prefix1` …
 */
export function numbered<A>(prefix: string, items: readonly A[]): Record<string, A> {
  return Object.fromEntries(items.map((item, index) => [`${prefix}${index}`, item]));
}
