/**
 * Gradients that keep a part's inputs only: the part is computed again when its gradient is taken.
 *
 * Both directions are compiled functions, so that a big model is a loop over one compiled layer, and the memory of its
 * gradient grows with the inputs of the layers instead of with everything inside them (Chen et al., 2016).
 *
 * @module
 */
import { jit } from "./jit.ts";
import { numbered, runTaped } from "./tape.ts";
import { tf } from "./tf.ts";
import { flatten, type Structure, type Tree, unflatten } from "./tree.ts";

/** A part of a model: weights, what flows through, and numbers that never need a gradient (masks, angles). */
export type Part<W extends Tree, I extends Tree, C extends Tree, R extends Tree> = (
  weights: W,
  inputs: I,
  constants: C,
) => R;

/** Gradients of a part: of the weights or of the inputs, from those of its results. */
type PartGradient = (weights: Tree, inputs: Tree, constants: Tree, dys: readonly tf.Tensor[]) => Tree;

const isTaped = (): boolean => tf.engine().state.gradientDepth > 0 && tf.engine().state.kernelDepth === 0;

/** Runs code that takes gradients itself while outer gradients are taken: the engine has one tape at a time. */
function beside<A>(body: () => A): A {
  const { state } = tf.engine();
  const tape = state.activeTape;
  try {
    return body();
  } finally {
    state.activeTape = tape;
  }
}

/** `Σ yᵢ · dyᵢ`: its gradient is what flows back through the part. */
function backwards<W extends Tree, I extends Tree, C extends Tree, R extends Tree>(
  part: Part<W, I, C, R>,
  of: "weights" | "inputs",
): PartGradient {
  return (weights, inputs, constants, dys) => {
    const { leaves, structure } = flatten(of === "weights" ? weights : inputs);
    const { grads } = tf.engine().gradients(
      () => {
        const { leaves: results } = flatten(part(weights as W, inputs as I, constants as C));
        return tf.addN(results.map((result, index) => tf.sum(tf.mul(result, dys[index] as tf.Tensor))));
      },
      leaves,
      undefined as unknown as tf.Scalar,
      true,
    );
    return unflatten(structure, leaves.map((leaf, index) => grads[index] ?? tf.zerosLike(leaf)));
  };
}

/**
 * Compiles a part so that its gradient computes it again.
 *
 * Gradients of the weights are computed only if something asks for them. Outside of gradients it is just compiled.
 *
 * @param name What the log calls it.
 * @param part A pure tensor function; weights must outlive the gradient.
 * @returns The same function.
 */
export function recomputed<W extends Tree, I extends Tree, C extends Tree, R extends Tree>(
  name: string,
  part: Part<W, I, C, R>,
): Part<W, I, C, R> {
  const compiled = {
    forward: jit(name, part),
    inputs: jit(`${name}, gradient`, backwards(part, "inputs")),
    weights: jit(`${name}, gradient of weights`, backwards(part, "weights")),
  };
  return (...call) => isTaped() ? taped(compiled, call) as R : compiled.forward(...call);
}

interface Compiled<W extends Tree, I extends Tree, C extends Tree> {
  readonly forward: Part<W, I, C, Tree>;
  readonly inputs: PartGradient;
  readonly weights: PartGradient;
}

/** Runs a part as one op of the tape. */
function taped<W extends Tree, I extends Tree, C extends Tree>(
  { forward, ...gradients }: Compiled<W, I, C>,
  [weights, inputs, constants]: readonly [W, I, C],
): Tree {
  const flat = { weights: flatten(weights), inputs: flatten(inputs), constants: flatten(constants) };
  const count = flat.inputs.leaves.length;
  const result: { structure: Structure | null } = { structure: null };
  const outputs = runTaped({
    inputs: { ...numbered("weights", flat.weights.leaves), ...numbered("inputs", flat.inputs.leaves) },
    forward: (save) => {
      save([...flat.inputs.leaves, ...flat.constants.leaves]);
      const { leaves, structure } = flatten(forward(weights, inputs, constants));
      result.structure = structure;
      return leaves;
    },
    backward: (dys, saved, keep) => {
      const keptInputs = unflatten(flat.inputs.structure, saved.slice(0, count));
      const keptConstants = unflatten(flat.constants.structure, saved.slice(count));
      const compute = (of: "weights" | "inputs") => () =>
        flatten(beside(() => gradients[of](weights, keptInputs, keptConstants, dys))).leaves.map(keep);
      return {
        ...numbered("weights", together(flat.weights.leaves.length, compute("weights"))),
        ...numbered("inputs", together(count, compute("inputs"))),
      };
    },
  });
  return unflatten(result.structure as Structure, outputs);
}

/** Functions to the gradients of several tensors that are computed together, when the first is asked for. */
function together(count: number, compute: () => readonly tf.Tensor[]): readonly (() => tf.Tensor)[] {
  let computed: readonly tf.Tensor[] | null = null;
  return Array.from({ length: count }, (_, index) => () => {
    computed ??= compute();
    return tf.clone(computed[index] as tf.Tensor);
  });
}
