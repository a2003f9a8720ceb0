/**
 * Optimisers as pairs of pure tensor functions, chained (the shape of optax).
 *
 * A transform turns gradients into updates; `params + updates` are the next parameters. All state is a tree of tensors,
 * so a checkpoint stores it by name.
 *
 * @module
 */
import { tf } from "./tf.ts";
import { flatten, mapTree, namedLeaves, type Tree, unflatten } from "./tree.ts";

/** A gradient transform with state `S`. */
export interface Transform<S extends Tree> {
  readonly init: <P extends Tree>(parameters: P) => S;
  readonly update: <P extends Tree>(
    gradients: P,
    state: S,
    context: { readonly parameters: P; readonly learningRate: tf.Scalar },
  ) => { readonly updates: P; readonly state: S };
}

/** State of {@link adamw}: step count, first and second moments. */
export type AdamState = { readonly count: tf.Tensor; readonly first: Tree; readonly second: Tree };

const zip = <P extends Tree>(tree: P, combine: (leaf: tf.Tensor, index: number) => tf.Tensor): P =>
  mapTree(tree, combine);

/**
 * Measures the length of all tensors of a tree taken as one vector: `√Σ‖g‖²`.
 *
 * @returns A scalar ≥ 0.
 */
export function globalNorm(tree: Tree): tf.Scalar {
  const squares = flatten(tree).leaves.map((leaf) => tf.sum(tf.square(leaf)));
  return tf.sqrt(tf.addN(squares)) as tf.Scalar;
}

/**
 * Scales gradients so that their global norm is at most `limit`: `g · min(1, limit / (‖g‖ + 1e-6))`.
 *
 * @param limit Largest norm, > 0.
 * @returns The transform; it has no state.
 */
export function clipByGlobalNorm(limit: number): Transform<readonly []> {
  return {
    init: () => [],
    update: (gradients) => {
      const factor = tf.minimum(1, tf.div(limit, tf.add(globalNorm(gradients), 1e-6)));
      return { updates: zip(gradients, (leaf) => tf.mul(leaf, factor)), state: [] };
    },
  };
}

/** Options of {@link adamw}. */
export interface AdamOptions {
  /** Decay of the moments; default 0.9 and 0.999. */
  readonly betas?: readonly [number, number];
  /** ε; default 1e-8. */
  readonly epsilon?: number;
  /** wd; default 0. */
  readonly weightDecay?: number;
  /** Whether the parameter at a path is decayed; default all. */
  readonly decays?: (path: string, leaf: tf.Tensor) => boolean;
}

/**
 * AdamW with decoupled decay: `p ← p (1 − lr·wd) − lr · m̂ / (√v̂ + ε)` (Loshchilov & Hutter, algorithm 2).
 *
 * @param options Decay rates, ε, weight decay.
 */
export function adamw(options: AdamOptions = {}): Transform<AdamState> {
  const { betas: [beta1, beta2] = [0.9, 0.999] } = options;
  return {
    init: (parameters) => ({
      count: tf.scalar(0),
      first: zip(parameters, (leaf) => tf.zerosLike(leaf)),
      second: zip(parameters, (leaf) => tf.zerosLike(leaf)),
    }),
    update: (gradients, state, { parameters, learningRate }) => {
      const grads = flatten(gradients).leaves;
      const decayed = (old: tf.Tensor, fresh: tf.Tensor, beta: number): tf.Tensor =>
        tf.add(tf.mul(old, beta), tf.mul(fresh, 1 - beta));
      const next: AdamState = {
        count: tf.add(state.count, 1),
        first: zip(state.first, (m, i) => decayed(m, grads[i] as tf.Tensor, beta1)),
        second: zip(state.second, (v, i) => decayed(v, tf.square(grads[i] as tf.Tensor), beta2)),
      };
      const steps = adamSteps(parameters, next, { ...options, learningRate });
      return { updates: unflatten(flatten(gradients).structure, steps) as typeof gradients, state: next };
    },
  };
}

/** `−lr · (m̂ / (√v̂ + ε) + wd · p)` of every parameter. */
function adamSteps(
  parameters: Tree,
  state: AdamState,
  options: AdamOptions & { readonly learningRate: tf.Scalar },
): tf.Tensor[] {
  const { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0, decays = () => true } =
    options;
  const correction1 = tf.sub(1, tf.pow(beta1, state.count));
  const correction2 = tf.sub(1, tf.pow(beta2, state.count));
  const [m, v] = [flatten(state.first).leaves, flatten(state.second).leaves];
  return namedLeaves(parameters).map(([path, leaf], i) => {
    const denominator = tf.add(tf.sqrt(tf.div(v[i] as tf.Tensor, correction2)), epsilon);
    const adam = tf.div(tf.div(m[i] as tf.Tensor, correction1), denominator);
    const step = weightDecay > 0 && decays(path, leaf) ? tf.add(adam, tf.mul(leaf, weightDecay)) : adam;
    return tf.neg(tf.mul(step, options.learningRate));
  });
}

/**
 * Runs two transforms after each other.
 *
 * @param after The second; receives the updates of the first.
 * @returns Their chain; its state is the pair of states.
 */
export function chain<S1 extends Tree, S2 extends Tree>(
  before: Transform<S1>,
  after: Transform<S2>,
): Transform<readonly [S1, S2]> {
  return {
    init: (parameters) => [before.init(parameters), after.init(parameters)],
    update: (gradients, [state1, state2], context) => {
      const one = before.update(gradients, state1, context);
      const two = after.update(one.updates, state2, context);
      return { updates: two.updates, state: [one.state, two.state] };
    },
  };
}

/**
 * Adds updates to parameters.
 *
 * @param updates A tree of the same structure.
 * @returns The next parameters, fresh tensors.
 */
export function applyUpdates<P extends Tree>(parameters: P, updates: P): P {
  const { leaves } = flatten(updates);
  return zip(parameters, (leaf, index) => tf.add(leaf, leaves[index] as tf.Tensor));
}
