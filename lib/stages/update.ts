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
import type { ObjectiveTerms } from "../rl/objective_terms.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { type CompiledUpdate, compileUpdate, type Gradients } from "./gradients.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../tensor/tree.ts";
import type { PolicyState, Trainable } from "./policy.ts";
import type { AskedTask } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import {
  type ImageBatch,
  imageBatches,
  type TextBatch,
  textBatches,
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
  compiled: CompiledUpdate,
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

/** The micro-batches of a group: answers first, then image tokens. */
const workOf = (
  group: { readonly task: AskedTask; readonly weighted: readonly Weighted[] },
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings; readonly key: Key },
): readonly Work[] => [
  ...textBatches(group.weighted, group.task, options).map((make): Work => ({
    kind: "understanding",
    make,
    old: [],
  })),
  ...imageBatches(group.weighted, options).map((make): Work => ({ kind: "generation", make, old: [] })),
];

/** Adds the log-probs of the policy before the first iteration. */
function withOld(
  compiled: CompiledUpdate,
  { base, trainable }: { readonly base: ShowoWeights; readonly trainable: Trainable },
  work: Work,
): Work {
  const batch = work.make();
  const old = work.kind === "generation"
    ? compiled.imageLogps(trainable, base, batch as ImageBatch)
    : compiled.textLogps(trainable, base, batch as TextBatch);
  disposeTree(batch);
  return { ...work, old: [old] };
}

/**
 * Makes the update of a run: gradients are summed over micro-batches, clipped, and applied once per iteration.
 *
 * At `num_iterations: 1` the ratio is 1 and no old log-probs are computed; else they are those of the policy before the
 * first iteration, on the same micro-batches.
 *
 * @param runtime The model.
 * @param settings The objective.
 * @returns The update. Left `Diverged` with the first tensor that is not finite; the state is freed.
 */
export function makeUpdate(runtime: Runtime, settings: TrainingSettings): UpdatePolicy {
  const compiled = compileUpdate(runtime, settings);
  const { rl } = settings;
  return (state, group, key) =>
    E.flatten(attempt((problem) => ({ _tag: "TensorFailure", operation: "update", problem }), () => {
      const plain = workOf(group, { runtime, settings, key: fold(key, "update") });
      const work = rl.numIterations === 1
        ? plain
        : plain.map((each) => withOld(compiled, { base: runtime.base, trainable: state.trainable }, each));
      let current = state;
      let facts: UpdateFacts = { loss: 0, gradNorm: 0, understanding: NO_TOKENS, generation: NO_TOKENS };
      for (let iteration = 0; iteration < rl.numIterations; iteration++) {
        const so = work.reduce(accumulate(compiled, { state: current, base: runtime.base }), NOTHING);
        if (so.grads === null) break;
        const next = applyOnce(compiled, current, { grads: so.grads, learningRate: rl.learningRate });
        current = next.state;
        const { loss, understanding, generation } = so;
        facts = { loss, gradNorm: next.norm, understanding, generation };
      }
      disposeTree(work.flatMap(({ old }) => old));
      const checked = finite({ ...current, step: state.step + 1 }, facts);
      if (E.isLeft(checked)) disposeTree([current.trainable, current.reference, current.optimizer]);
      return checked;
    }));
}

function applyOnce(
  compiled: CompiledUpdate,
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
