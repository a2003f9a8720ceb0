/**
 * One clipped policy-gradient update on answer and image tokens (method §3), forward by forward.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { PipelineError } from "../core/error.ts";
import { fold, type Key } from "../core/key.ts";
import { attempt, type Checked } from "../core/stage.ts";
import { addSums, NO_TOKENS, type TokenSums } from "../rl/objective.ts";
import { type ObjectiveTerms, objectiveTerms } from "../rl/objective_terms.ts";
import { imageLogps, textLogps } from "../showo/logprobs.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { valueAndGrad } from "../tensor/grad.ts";
import { jit } from "../tensor/jit.ts";
import { adamw, applyUpdates, chain, clipByGlobalNorm, globalNorm } from "../tensor/optimizer.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, flatten, namedLeaves, type Tree, unflatten } from "../tensor/tree.ts";
import { policyOf, type PolicyState, type Trainable } from "./policy.ts";
import type { AskedTask } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import {
  type ImageBatch,
  imageBatches,
  type TextBatch,
  textBatches,
  type TokenWeights,
  type Weighted,
} from "./update_batches.ts";

/** What an update measured. */
export interface UpdateFacts {
  readonly loss: number;
  /** Global norm before clipping. */
  readonly gradNorm: number;
  readonly understanding: TokenSums;
  readonly generation: TokenSums;
}

/** Updates a policy with a weighted group. The state given is used up. */
export type UpdatePolicy = (
  state: PolicyState,
  group: { readonly task: AskedTask; readonly weighted: readonly Weighted[] },
  key: Key,
) => Checked<{ readonly state: PolicyState; readonly facts: UpdateFacts }>;

type Frozen = { readonly base: ShowoWeights; readonly reference: Trainable };
type Gradients = { readonly grads: Trainable; readonly terms: { readonly [name: string]: tf.Tensor } };
type Logps = (trainable: Trainable, batch: ImageBatch | TextBatch) => tf.Tensor;

/** The optimizer of a run. */
export function runOptimizer({ rl }: Pick<TrainingSettings, "rl">) {
  return chain(clipByGlobalNorm(rl.maxGradNorm), adamw({ weightDecay: rl.weightDecay }));
}

interface Compiled {
  readonly image: (
    trainable: Trainable,
    frozen: Frozen,
    batch: ImageBatch,
    old: readonly tf.Tensor[],
  ) => Gradients;
  readonly text: (
    trainable: Trainable,
    frozen: Frozen,
    batch: TextBatch,
    old: readonly tf.Tensor[],
  ) => Gradients;
  readonly imageLogps: (trainable: Trainable, base: ShowoWeights, batch: ImageBatch) => tf.Tensor;
  readonly textLogps: (trainable: Trainable, base: ShowoWeights, batch: TextBatch) => tf.Tensor;
  readonly add: (a: Trainable, b: Trainable) => Trainable;
  readonly apply: (
    trainable: Trainable,
    optimizer: Tree,
    grads: Trainable,
    learningRate: tf.Tensor,
  ) => { readonly trainable: Trainable; readonly optimizer: Tree; readonly norm: tf.Tensor };
}

function compileUpdate(runtime: Runtime, settings: TrainingSettings): Compiled {
  const { model } = runtime;
  const { rl } = settings;
  const clip = {
    epsilon: rl.epsilon,
    beta: rl.beta,
    ...(rl.epsilonHigh === null ? {} : { epsilonHigh: rl.epsilonHigh }),
  };
  const imageOf = (base: ShowoWeights, trainable: Trainable, batch: ImageBatch) =>
    imageLogps(policyOf(base, trainable), batch.steps, { model });
  const textOf = (base: ShowoWeights, trainable: Trainable, batch: TextBatch) =>
    textLogps(policyOf(base, trainable), batch.answers, { model });
  const gradients = (trainable: Trainable, frozen: Frozen, options: {
    readonly logps: (base: ShowoWeights, trainable: Trainable) => tf.Tensor;
    readonly tokens: TokenWeights;
    readonly old: readonly tf.Tensor[];
  }): Gradients => {
    const refPerTokenLogps = rl.beta === 0 ? undefined : options.logps(frozen.base, frozen.reference);
    const { aux, grads } = valueAndGrad((current: Trainable) => {
      const [oldPerTokenLogps] = options.old;
      const terms = objectiveTerms({
        perTokenLogps: options.logps(frozen.base, current),
        ...options.tokens,
        ...(oldPerTokenLogps === undefined ? {} : { oldPerTokenLogps }),
        ...(refPerTokenLogps === undefined ? {} : { refPerTokenLogps }),
      }, clip);
      return { loss: terms.loss, aux: terms as { readonly [name: string]: tf.Tensor } };
    })(trainable);
    return { grads, terms: aux };
  };
  const optimizer = runOptimizer(settings);
  return {
    image: jit(
      "image gradients",
      (trainable, frozen, batch, old) =>
        gradients(trainable, frozen, {
          logps: (base, each) => imageOf(base, each, batch),
          tokens: batch.tokens,
          old,
        }),
    ),
    text: jit(
      "text gradients",
      (trainable, frozen, batch, old) =>
        gradients(trainable, frozen, {
          logps: (base, each) => textOf(base, each, batch),
          tokens: batch.tokens,
          old,
        }),
    ),
    imageLogps: jit("image log-probs", (trainable, base, batch) => imageOf(base, trainable, batch)),
    textLogps: jit("text log-probs", (trainable, base, batch) => textOf(base, trainable, batch)),
    add: jit("add gradients", (a, b) => {
      const [left, right] = [flatten(a), flatten(b)];
      const sums = left.leaves.map((leaf, index) => tf.add(leaf, right.leaves[index] as tf.Tensor));
      return unflatten(left.structure, sums) as Trainable;
    }),
    apply: jit("optimizer", (trainable, state, grads, learningRate) => {
      const context = { parameters: trainable, learningRate: learningRate as tf.Scalar };
      const next = optimizer.update(grads, state as ReturnType<typeof optimizer.init>, context);
      return {
        trainable: applyUpdates(trainable, next.updates),
        optimizer: next.state as Tree,
        norm: globalNorm(grads),
      };
    }),
  };
}

const sumsOf = (terms: Gradients["terms"]): TokenSums & { readonly loss: number } => {
  const read = (name: keyof ObjectiveTerms): number => (terms[name] as tf.Tensor).dataSync()[0] as number;
  return {
    loss: read("loss"),
    surrogate: read("surrogate"),
    kl: read("kl"),
    clippedLow: read("clippedLow"),
    clippedHigh: read("clippedHigh"),
    tokens: read("tokens"),
  };
};

interface Accumulated {
  readonly grads: Trainable | null;
  readonly loss: number;
  readonly understanding: TokenSums;
  readonly generation: TokenSums;
}

const NOTHING: Accumulated = { grads: null, loss: 0, understanding: NO_TOKENS, generation: NO_TOKENS };

/** One micro-batch of either kind, with the log-probs of the rollout policy where the ratio is not 1. */
interface Work {
  readonly kind: "understanding" | "generation";
  readonly make: () => ImageBatch | TextBatch;
  readonly old: readonly tf.Tensor[];
}

function accumulate(
  compiled: Compiled,
  options: { readonly state: PolicyState; readonly base: ShowoWeights },
) {
  const { state, base } = options;
  return (so: Accumulated, { kind, make, old }: Work): Accumulated => {
    const batch = make();
    const frozen = { base, reference: state.reference };
    const { grads, terms } = kind === "generation"
      ? compiled.image(state.trainable, frozen, batch as ImageBatch, old)
      : compiled.text(state.trainable, frozen, batch as TextBatch, old);
    const sums = sumsOf(terms);
    const sum = so.grads === null ? grads : compiled.add(so.grads, grads);
    disposeTree([batch, terms, ...(so.grads === null ? [] : [so.grads, grads])]);
    return { ...so, grads: sum, loss: so.loss + sums.loss, [kind]: addSums(so[kind], sums) };
  };
}

/**
 * Makes the update of a run: gradients are summed over micro-batches, clipped, and applied once per iteration.
 *
 * At `num_iterations: 1` the ratio is 1 and no old log-probs are computed; else they are those of the policy before the
 * first iteration, on the same micro-batches.
 *
 * @param runtime The model.
 * @param settings The objective.
 * @returns The update. Left `Diverged` with the first tensor that is not finite.
 */
export function makeUpdate(runtime: Runtime, settings: TrainingSettings): UpdatePolicy {
  const compiled = compileUpdate(runtime, settings);
  const { rl } = settings;
  const workOf = (
    group: { readonly task: AskedTask; readonly weighted: readonly Weighted[] },
    key: Key,
  ): readonly Work[] => [
    ...textBatches(group.weighted, group.task, { runtime, settings }).map((make) => ({
      kind: "understanding" as const,
      make,
      old: [],
    })),
    ...imageBatches(group.weighted, { runtime, settings, key }).map((make) => ({
      kind: "generation" as const,
      make,
      old: [],
    })),
  ];
  const withOld = (trainable: Trainable, work: Work): Work => {
    const batch = work.make();
    const old = work.kind === "generation"
      ? compiled.imageLogps(trainable, runtime.base, batch as ImageBatch)
      : compiled.textLogps(trainable, runtime.base, batch as TextBatch);
    disposeTree(batch);
    return { ...work, old: [old] };
  };
  return (state, group, key) =>
    E.flatten(attempt((problem) => ({ _tag: "TensorFailure", operation: "update", problem }), () => {
      const plain = workOf(group, fold(key, "update"));
      const work = rl.numIterations === 1 ? plain : plain.map((each) => withOld(state.trainable, each));
      let current = state;
      let facts: UpdateFacts = { loss: 0, gradNorm: 0, understanding: NO_TOKENS, generation: NO_TOKENS };
      for (let iteration = 0; iteration < rl.numIterations; iteration++) {
        const so = work.reduce(accumulate(compiled, { state: current, base: runtime.base }), NOTHING);
        if (so.grads === null) break;
        const next = applyOnce(compiled, current, { grads: so.grads, learningRate: rl.learningRate });
        current = next.state;
        facts = {
          loss: so.loss,
          gradNorm: next.norm,
          understanding: so.understanding,
          generation: so.generation,
        };
      }
      disposeTree(work.flatMap(({ old }) => old));
      const done = { ...current, step: state.step + 1 };
      return finite(done, facts);
    }));
}

function applyOnce(
  compiled: Compiled,
  state: PolicyState,
  { grads, learningRate }: { readonly grads: Trainable; readonly learningRate: number },
): { readonly state: PolicyState; readonly norm: number } {
  const rate = tf.scalar(learningRate);
  const next = compiled.apply(state.trainable, state.optimizer, grads, rate);
  const norm = next.norm.dataSync()[0] as number;
  disposeTree([rate, next.norm, grads, state.trainable, state.optimizer]);
  return { state: { ...state, trainable: next.trainable, optimizer: next.optimizer }, norm };
}

const isFinite = (leaf: tf.Tensor): boolean => leaf.dataSync().every((value) => Number.isFinite(value));

/** Stops the run at the first tensor that is not finite. */
function finite(
  state: PolicyState,
  facts: UpdateFacts,
): Checked<{ readonly state: PolicyState; readonly facts: UpdateFacts }> {
  const stop = (tensor: string): PipelineError => ({
    _tag: "Diverged",
    step: state.step,
    tensor,
    problem: "is not finite; lower rl.learning_rate or raise rl.beta",
  });
  if (!Number.isFinite(facts.loss)) return E.left(stop("loss"));
  if (!Number.isFinite(facts.gradNorm)) return E.left(stop("grad_norm"));
  const bad = namedLeaves(state.trainable as Tree).find(([, leaf]) => !isFinite(leaf));
  return bad === undefined ? E.right({ state, facts }) : E.left(stop(bad[0]));
}
