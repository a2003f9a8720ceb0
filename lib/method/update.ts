/**
 * One clipped policy-gradient update on answer and image tokens (method §3), forward by forward.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { PipelineError } from "../core/error.ts";
import { fold, type Key } from "../core/key.ts";
import { attempt, type Checked } from "../core/stage.ts";
import { addSums, NO_TOKENS, type TokenKind, type TokenSums } from "../rl/objective.ts";
import type { ObjectiveTerms } from "../rl/objective_terms.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { type CompiledUpdate, compileUpdate, type Frozen, type Gradients } from "./gradients.ts";
import type { tf } from "../tensor/tf.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import {
  applyGradients,
  diverged,
  type GradientFacts,
  NO_GRADIENT,
  type PartGradients,
} from "./apply_gradients.ts";
import { policyOf, type PolicyState, type Trainable } from "./policy.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import {
  imageAdvantageOf,
  type ImageBatch,
  imageBatches,
  type TextBatch,
  textBatches,
  type UpdateGroup,
} from "./update_batches.ts";

/** What an update measured. */
export interface UpdateFacts extends GradientFacts {
  readonly loss: number;
  readonly understanding: TokenSums;
  readonly generation: TokenSums;
}

/** Updates a policy with weighted groups, of which it reads tokens only. The state given is used up. */
export type UpdatePolicy = (
  state: PolicyState,
  groups: readonly UpdateGroup[],
  key: Key,
) => Checked<Updated>;

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
  readonly grads: PartGradients;
  readonly loss: number;
  readonly understanding: TokenSums;
  readonly generation: TokenSums;
  /** The first number that is none; then no further micro-batch is tried. */
  readonly failure: PipelineError | null;
}

const NOTHING: Accumulated = {
  grads: {},
  loss: 0,
  understanding: NO_TOKENS,
  generation: NO_TOKENS,
  failure: null,
};

/** One micro-batch of either kind, with the log-probs of the rollout policy where the ratio is not 1. */
interface Work {
  readonly kind: TokenKind;
  readonly make: () => ImageBatch | TextBatch;
  readonly old: readonly tf.Tensor[];
}

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
    const before = so.grads[kind];
    const sum = before === undefined ? grads : compiled.add(before, grads);
    disposeTree([batch, terms, ...(before === undefined ? [] : [before, grads])]);
    return {
      ...so,
      grads: { ...so.grads, [kind]: sum },
      loss: so.loss + sums.loss,
      [kind]: addSums(so[kind], sums),
      failure,
    };
  };
}

/** The micro-batches of an update: answers first, then image tokens. */
const workOf = (
  groups: readonly UpdateGroup[],
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings; readonly key: Key },
): readonly Work[] => [
  ...textBatches(groups, options).map((make): Work => ({ kind: "understanding", make, old: [] })),
  ...imageBatches(groups, options).map((make): Work => ({ kind: "generation", make, old: [] })),
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

/** The state after an update, and what it measured. */
export interface Updated {
  readonly state: PolicyState;
  readonly facts: UpdateFacts;
}

const NO_FACTS: UpdateFacts = {
  loss: 0,
  understanding: NO_TOKENS,
  generation: NO_TOKENS,
  ...NO_GRADIENT,
};

const finite = (values: readonly number[] | Float32Array): boolean => values.every(Number.isFinite);

/** The first number of the groups that is none, by name; trajectories are counted through all of them. */
function badNumber(groups: readonly UpdateGroup[]): string | undefined {
  const bad = groups.flatMap(({ weighted }) => weighted).flatMap((trajectory, index) => [
    ...(finite([...trajectory.sample.logps]) ? [] : [`answer log-probs of trajectory ${index + 1}`]),
    ...(trajectory.records.every(({ logps }) => finite([...logps]))
      ? []
      : [`image log-probs of trajectory ${index + 1}`]),
    ...(finite([trajectory.advantage, imageAdvantageOf(trajectory)])
      ? []
      : [`advantage of trajectory ${index + 1}`]),
  ]);
  return bad[0];
}

/**
 * Makes the update of a run: gradients are summed over micro-batches, clipped, and applied once per iteration.
 *
 * Groups without any advantage are left out. Where nothing is left, nothing moves: neither the policy, by the rounding-size
 * gradient of a KL that AdamW would blow up, nor the moments; the update is counted and reported as skipped.
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
  return (state, groups, key) => {
    let current = state;
    const held: tf.Tensor[] = [];
    const updated = E.flatten(
      attempt(
        (problem) => ({ _tag: "TensorFailure", operation: "update", problem }),
        (): Checked<Updated> => {
          const bad = badNumber(groups);
          if (bad !== undefined) return E.left(diverged(state, bad, {}));
          const plain = workOf(groups, { runtime, settings, key: fold(key, "update") });
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
  const { grads, failure, ...sums } = work.reduce(accumulate(compiled, { state, frozen }), NOTHING);
  if (failure !== null) {
    disposeTree(Object.values(grads) as Tree);
    return E.left(failure);
  }
  return pipe(
    applyGradients(compiled, state, grads, rl),
    E.map(({ facts, ...next }) => ({ state: { ...state, ...next }, facts: { ...sums, ...facts } })),
  );
}
