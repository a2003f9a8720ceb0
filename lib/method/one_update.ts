/**
 * One update, read from top to bottom: the paper's steps as a composition of stages.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles } from "../core/capability.ts";
import { fold, type Key, keyFromSeed } from "../core/key.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { creditedAdvantages, type GroupScores, type PartAdvantages } from "../rewards/credit.ts";
import { weightOf } from "../rewards/ensemble.ts";
import { type ScoredGroup, scoredGroup, timed } from "./one_group.ts";
import type { PolicyState } from "./policy.ts";
import type { RunContext } from "./run_context.ts";
import type { TrainingSettings } from "./settings.ts";
import { nextThresholds } from "./thresholds.ts";
import type { Updated, UpdateFacts } from "./update.ts";
import type { Weighted } from "./update_batches.ts";

/** A group with its rewards and advantages. */
export interface WeightedGroup extends ScoredGroup {
  readonly weighted: readonly Weighted[];
}

/** What one update did: everything that is logged. */
export interface UpdateOutcome {
  readonly state: PolicyState;
  /** `rl.batch_size` of them. */
  readonly groups: readonly WeightedGroup[];
  readonly facts: UpdateFacts;
  readonly seconds: { readonly update: number; readonly total: number };
}

/**
 * Does one update: for each prompt a task, answers, compound prompts, previews, screening, images and rewards; then advantages
 * against the mean of each group, one clipped policy-gradient step, and the next thresholds.
 *
 * @param run What stays the same.
 * @param state The state before; used up.
 * @returns The state after, and everything worth logging.
 */
export function oneUpdate(run: RunContext, state: PolicyState): Stage<HasFiles & HasClock, UpdateOutcome> {
  const key = updateKey(run.settings, state.step);
  const prompts = Array.from({ length: run.settings.rl.batchSize }, (_, index) => index);
  const composed = pipe(
    RTE.Do,
    RTE.bindW(
      "scored",
      () => RTE.traverseSeqArray((index: number) => scoredGroup(run, state, { key, index }))(prompts),
    ),
    RTE.bindW("groups", ({ scored }) => RTE.fromEither(weighting(run, scored))),
    RTE.bindW("updated", ({ groups }) => timed(updating(run, state, { groups, key }))),
    RTE.map(({ groups, updated: { value, seconds } }) => ({
      groups,
      state: {
        ...value.state,
        thresholds: nextThresholds(state.thresholds, groups.map(({ group }) => group), run.settings),
      },
      facts: value.facts,
      seconds,
    })),
  );
  return pipe(
    timed(composed),
    RTE.map(({ value, seconds }) => ({ ...value, seconds: { update: value.seconds, total: seconds } })),
  );
}

/**
 * The key of an update: all its randomness follows from the seed and the step.
 *
 * @param step Updates done before.
 */
export function updateKey(settings: Pick<TrainingSettings, "seed">, step: number): Key {
  return fold(fold(keyFromSeed(settings.seed), "update"), step);
}

/** The scores of a group as credit is given for them. */
const rewarded = (
  { experts: { experts, weights }, rewardConcept: { category } }: RunContext,
  { group, scores }: ScoredGroup,
): GroupScores => ({
  prompts: group.trajectories.map(({ compoundPrompt }) => compoundPrompt),
  experts: experts.map(({ name, readsAnswerAlone = false, comparesIdentity = false }) => ({
    ...{ readsAnswerAlone, comparesIdentity, weight: weightOf(weights, name, category) },
    scores: scores.experts[name] as Float32Array,
  })),
});

/** Each trajectory against the mean of its group. */
const weighting = (
  run: RunContext,
  groups: readonly ScoredGroup[],
): Checked<readonly WeightedGroup[]> =>
  pipe(
    creditedAdvantages(groups.map((each) => rewarded(run, each)), {
      ...run.settings.rl,
      identityGate: run.settings.rewards.identityGate,
    }),
    E.map((advantages) =>
      groups.map((each, at) => ({
        ...each,
        weighted: each.group.trajectories.map((trajectory, index) => {
          const { understanding, generation } = advantages[at]?.[index] as PartAdvantages;
          return { ...trajectory, advantage: understanding, imageAdvantage: generation };
        }),
      }))
    ),
  );

/** The clipped policy-gradient step. */
const updating = (
  run: RunContext,
  state: PolicyState,
  { groups, key }: { readonly groups: readonly WeightedGroup[]; readonly key: Key },
): Stage<unknown, Updated> =>
() =>
() =>
  Promise.resolve(
    run.update(state, groups.map(({ group: { task }, weighted }) => ({ task, weighted })), key),
  );
