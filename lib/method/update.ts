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
import { type CompiledUpdate, compileUpdate, type Frozen, type Gradients } from "./gradients.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { firstBad, withEvidence } from "./evidence.ts";
import { policyOf, type PolicyState, type Trainable } from "./policy.ts";
import type { AskedTask } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import {
  type ImageBatch,
  imageBatches,
  type TextBatch,
  textBatches,
  type Weighted,
  type WeightedTokens,
} from "./update_batches.ts";

/** What an update measured. */
export interface UpdateFacts {
  readonly loss: number;
  /** Global norm before clipping. */
  readonly gradNorm: number;
  readonly understanding: TokenSums;
  readonly generation: TokenSums;
}

/** Updates a policy with a weighted group, of which it reads tokens only. The state given is used up. */
export type UpdatePolicy = (
  state: PolicyState,
  group: {
    readonly task: Pick<AskedTask, "promptIds" | "promptLength">;
    readonly weighted: readonly Pick<Weighted, WeightedTokens>[];
  },
  key: Key,
) => Checked<{ readonly state: PolicyState; readonly facts: UpdateFacts }>;

/** A group as an update reads it. */
export type UpdateGroup = Parameters<UpdatePolicy>[1];

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
  /** The first number that is none; then no further micro-batch is tried. */
  readonly failure: PipelineError | null;
}

const NOTHING: Accumulated = {
  grads: null,
  loss: 0,
  understanding: NO_TOKENS,
  generation: NO_TOKENS,
  failure: null,
};

/** One micro-batch of either kind, with the log-probs of the rollout policy where the ratio is not 1. */
interface Work {
  readonly kind: "understanding" | "generation";
  readonly make: () => ImageBatch | TextBatch;
  readonly old: readonly tf.Tensor[];
}

/** The error of a number that is none, with what was at hand as evidence. */
const diverged = (
  state: PolicyState,
  tensor: string,
  tensors: { readonly [name: string]: Tree },
): PipelineError =>
  withEvidence({
    _tag: "Diverged",
    step: state.step + 1,
    tensor,
    problem: "is not finite; lower rl.learning_rate or raise rl.beta",
  }, { policy: state.trainable as Tree, optimizer: state.optimizer, ...tensors });

function accumulate(
  compiled: CompiledUpdate,
  { state, frozen }: { readonly state: PolicyState; readonly frozen: Frozen },
) {
  return (so: Accumulated, { kind, make, old }: Work, index: number): Accumulated => {
    if (so.failure !== null) return so;
    const batch = make();
    const { grads, terms } = kind === "generation"
      ? compiled.image(state.trainable, frozen, batch as ImageBatch, old)
      : compiled.text(state.trainable, frozen, batch as TextBatch, old);
    const sums = sumsOf(terms);
    const failure = Number.isFinite(sums.loss)
      ? null
      : diverged(state, `${kind} loss of micro-batch ${index + 1}`, {
        batch,
        terms,
        gradient: grads as Tree,
      });
    const sum = so.grads === null ? grads : compiled.add(so.grads, grads);
    disposeTree([batch, terms, ...(so.grads === null ? [] : [so.grads, grads])]);
    return { ...so, grads: sum, loss: so.loss + sums.loss, [kind]: addSums(so[kind], sums), failure };
  };
}

/** The micro-batches of a group: answers first, then image tokens. */
const workOf = (
  group: UpdateGroup,
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

type Updated = { readonly state: PolicyState; readonly facts: UpdateFacts };

const NO_FACTS: UpdateFacts = { loss: 0, gradNorm: 0, understanding: NO_TOKENS, generation: NO_TOKENS };

/** The first number of a group that is none, by name. */
function badNumber(weighted: UpdateGroup["weighted"]): string | undefined {
  const finite = (values: readonly number[] | Float32Array): boolean => values.every(Number.isFinite);
  const bad = weighted.flatMap(({ advantage, sample, records }, index) => [
    ...(finite([...sample.logps]) ? [] : [`answer log-probs of trajectory ${index + 1}`]),
    ...(records.every(({ logps }) => finite([...logps]))
      ? []
      : [`image log-probs of trajectory ${index + 1}`]),
    ...(Number.isFinite(advantage) ? [] : [`advantage of trajectory ${index + 1}`]),
  ]);
  return bad[0];
}

/**
 * Makes the update of a run: gradients are summed over micro-batches, clipped, and applied once per iteration.
 *
 * At `num_iterations: 1` the ratio is 1 and no old log-probs are computed; else they are those of the policy before the
 * first iteration, on the same micro-batches.
 *
 * @returns The update. Left `Diverged` with the first thing that is not finite: a number of the group, the loss of a
 * micro-batch, a gradient, a trained tensor; the tensors at hand are its evidence. On a Left the state is freed.
 */
export function makeUpdate(runtime: Runtime, settings: TrainingSettings): UpdatePolicy {
  const compiled = compileUpdate(runtime, settings);
  const { rl } = settings;
  return (state, group, key) => {
    let current = state;
    const held: tf.Tensor[] = [];
    const updated = E.flatten(
      attempt(
        (problem) => ({ _tag: "TensorFailure", operation: "update", problem }),
        (): Checked<Updated> => {
          const bad = badNumber(group.weighted);
          if (bad !== undefined) return E.left(diverged(state, bad, {}));
          const plain = workOf(group, { runtime, settings, key: fold(key, "update") });
          const before = { base: runtime.base, trainable: state.trainable };
          const work = rl.numIterations === 1 ? plain : plain.map((each) => withOld(compiled, before, each));
          held.push(...work.flatMap(({ old }) => old));
          return runtime.model.sampled(policyOf(runtime.base, state.reference), (reference) => {
            let facts = NO_FACTS;
            for (let iteration = 0; iteration < rl.numIterations; iteration++) {
              const next = iterateOnce(compiled, current, {
                work,
                frozen: { base: runtime.base, reference },
                rl,
              });
              if (E.isLeft(next)) return next;
              ({ state: current, facts } = next.right);
            }
            return E.right({ state: { ...current, step: state.step + 1 }, facts });
          });
        },
      ),
    );
    disposeTree(held);
    if (E.isLeft(updated)) disposeTree([current.trainable, current.reference, current.optimizer]);
    return updated;
  };
}

/** One pass over the micro-batches and one optimizer step; the state given is used up unless it fails. */
function iterateOnce(
  compiled: CompiledUpdate,
  state: PolicyState,
  { work, frozen, rl }:
    & { readonly work: readonly Work[]; readonly frozen: Frozen }
    & Pick<
      TrainingSettings,
      "rl"
    >,
): Checked<Updated> {
  const { grads, failure, ...facts } = work.reduce(accumulate(compiled, { state, frozen }), NOTHING);
  if (grads === null) return E.right({ state, facts: { ...facts, gradNorm: 0 } });
  if (failure !== null) {
    disposeTree(grads as Tree);
    return E.left(failure);
  }
  const rate = tf.scalar(rl.learningRate);
  const next = compiled.apply(state.trainable, state.optimizer, grads, rate);
  const gradNorm = next.norm.dataSync()[0] as number;
  const after = { gradient: grads as Tree, updated: next.trainable as Tree };
  const bad = Number.isFinite(gradNorm)
    ? firstBad({ updated: next.trainable as Tree })
    : firstBad({ gradient: grads as Tree }) ?? "norm of the gradient";
  const problem = bad === undefined ? null : diverged(state, bad, after);
  disposeTree([rate, next.norm, grads]);
  disposeTree(
    (problem === null ? [state.trainable, state.optimizer] : [next.trainable, next.optimizer]) as Tree,
  );
  return problem === null
    ? E.right({
      state: { ...state, trainable: next.trainable, optimizer: next.optimizer },
      facts: { ...facts, gradNorm },
    })
    : E.left(problem);
}
