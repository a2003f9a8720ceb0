/**
 * DSOG on a real policy: what previews predict, and what screening costs and brings.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles } from "../../lib/core/capability.ts";
import { fold, type Key, keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { type RewardScores, scoreAll } from "../../lib/rewards/expert.ts";
import { drawTask } from "../../lib/method/one_group.ts";
import type { RunContext } from "../../lib/method/run_context.ts";
import { policyOf, type PolicyState } from "../../lib/method/policy.ts";
import { previewRow, rewardRow } from "../../lib/method/rewarding.ts";
import {
  type AskedTask,
  complete,
  preview,
  type Prompted,
  reason,
  type RolloutContext,
  wordPrompt,
} from "../../lib/method/rollout.ts";
import { fillGroup, type Group } from "../../lib/method/screening.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { type ModeThresholds, nextThresholds } from "../../lib/method/thresholds.ts";

/** A policy with all that rollouts and rewards need. */
export interface Study extends Omit<RunContext, "update" | "watch"> {
  readonly state: PolicyState;
}

/** One picture: its preview at each step, and how it ended. */
export interface PreviewRow {
  /** Pictures of one group share task and prompt before reasoning. */
  readonly group: number;
  readonly mode: string;
  readonly prompt: string;
  /** Preview step → score by the expert that screens. */
  readonly previews: Readonly<Record<string, number>>;
  /** The same expert's score of the finished picture. */
  readonly final: number;
  /** The ensemble reward of the finished trajectory. */
  readonly reward: number;
}

/** One filled group. */
export interface GroupRow {
  readonly group: number;
  readonly screened: boolean;
  /** Answers, previews with their scores, completion; without rewards and update. */
  readonly seconds: number;
  /** Decoding steps of pictures: candidates · t* + G · (T − t*). */
  readonly decodeSteps: number;
  readonly candidates: number;
  readonly passRate: number | null;
  readonly rewards: readonly number[];
}

/** What rollouts need, with the settings of the study or others. */
export function contextOf(study: Study, settings: TrainingSettings = study.settings): RolloutContext {
  return {
    runtime: study.runtime,
    decoders: study.decoders,
    settings,
    policy: policyOf(study.runtime.base, study.state.trainable),
  };
}

/** All randomness of a group. */
export function keyOf({ settings }: Pick<Study, "settings">, group: number): Key {
  return fold(fold(keyFromSeed(settings.seed), "dsog experiment"), group);
}

/** The task of a group. */
export function taskOf(study: Study, group: number): Stage<HasFiles, AskedTask> {
  return drawTask(study, fold(keyOf(study, group), "task"));
}

const withPreviewStep = (settings: TrainingSettings, previewStep: number): TrainingSettings =>
  ({ ...settings, dsog: { ...settings.dsog, previewStep } }) as TrainingSettings;

/** Scores of the previews after one step. */
function previewScores(
  study: Study,
  task: AskedTask,
  { prompted, step }: { readonly prompted: readonly Prompted[]; readonly step: number },
): Stage<unknown, readonly number[]> {
  const { rewardConcept: concept, experts } = study;
  return pipe(
    RTE.fromEither(preview(contextOf(study, withPreviewStep(study.settings, step)), prompted)),
    RTE.map((drawn) =>
      drawn.map((each) => previewRow(task, each, { concept, image: each.preview, settings: study.settings }))
    ),
    RTE.flatMap((rows) => experts.previewExpert.score(rows)),
    RTE.map((scores) => [...scores]),
  );
}

/** How pictures ended. */
export interface FinalScores {
  /** By the expert that screens. */
  readonly final: ArrayLike<number>;
  readonly scores: RewardScores;
}

/** Finishes pictures and scores them: by the screening expert, and by the ensemble. */
export function finalScores(
  study: Study,
  task: AskedTask,
  prompted: readonly Prompted[],
): Stage<unknown, FinalScores> {
  const { rewardConcept: concept, experts } = study;
  const context = contextOf(study);
  return pipe(
    RTE.fromEither(preview(context, prompted)),
    RTE.flatMap((drawn) => RTE.fromEither(complete(context, drawn))),
    RTE.map((finished) => finished.map((each) => rewardRow(task, each, { concept, image: each.image }))),
    RTE.flatMap((rows) =>
      pipe(
        RTE.Do,
        RTE.bindW("final", () => experts.previewExpert.score(rows)),
        RTE.bindW("scores", () => scoreAll(experts.experts, experts.weights)(rows)),
      )
    ),
  );
}

/** Answers and the prompts that they make. */
export function promptedGroup(
  study: Study,
  task: AskedTask,
  keys: readonly Key[],
): Stage<HasFiles, readonly Prompted[]> {
  return pipe(
    RTE.fromEither(reason(contextOf(study), task, keys)),
    RTE.map((answers) => answers.map((answer) => wordPrompt(study, task, answer))),
  );
}

/**
 * Draws one group without screening and scores its previews after several steps.
 *
 * @param group The number of the group, which gives its task and all its randomness.
 * @param steps Decoding steps after which previews are scored.
 * @returns One row per picture.
 */
export function previewGroup(
  study: Study,
  group: number,
  steps: readonly number[],
): Stage<HasFiles, readonly PreviewRow[]> {
  const keys = Array.from(
    { length: study.settings.rl.numGenerations },
    (_, index) => fold(fold(keyOf(study, group), "candidate"), index),
  );
  return pipe(
    RTE.Do,
    RTE.bindW("task", () => taskOf(study, group)),
    RTE.bindW("prompted", ({ task }) => promptedGroup(study, task, keys)),
    RTE.bindW(
      "previews",
      ({ task, prompted }) =>
        RTE.traverseSeqArray((step: number) => previewScores(study, task, { prompted, step }))(steps),
    ),
    RTE.bindW(
      "finished",
      ({ task, prompted }) => finalScores(study, task, prompted),
    ),
    RTE.map(({ task, prompted, previews, finished }) =>
      prompted.map(({ compoundPrompt }, index): PreviewRow => ({
        group,
        mode: task.mode,
        prompt: compoundPrompt,
        previews: Object.fromEntries(steps.map((step, at) => [step, previews[at]?.[index] ?? NaN])),
        final: finished.final[index] ?? NaN,
        reward: finished.scores.total[index] ?? NaN,
      }))
    ),
  );
}

/**
 * Fills one group, with or without screening, and rewards it.
 *
 * @param group The number of the group; with and without screening the task is the same.
 * @param options Whether previews are screened, and the thresholds so far.
 * @returns What it cost and brought, and the next thresholds.
 */
export function filledGroup(
  study: Study,
  group: number,
  options: { readonly screened: boolean; readonly thresholds: ModeThresholds },
): Stage<HasFiles & HasClock, { readonly row: GroupRow; readonly thresholds: ModeThresholds }> {
  type Needs = HasFiles & HasClock;
  const settings = {
    ...study.settings,
    dsog: { ...study.settings.dsog, enabled: options.screened },
  } as TrainingSettings;
  const { rewardConcept: concept, experts } = study;
  const context = { ...contextOf(study, settings), concept, previewExpert: experts.previewExpert };
  const key = fold(keyOf(study, group), "group");
  return pipe(
    taskOf(study, group),
    RTE.flatMap((task) => fillGroup(context, task, { key, threshold: options.thresholds[task.mode] })),
    RTE.bindTo("filled"),
    RTE.bindW("scores", ({ filled }) =>
      scoreAll(experts.experts, experts.weights)(
        filled.trajectories.map((each) => rewardRow(filled.task, each, { concept, image: each.image })),
      )),
    RTE.map(({ filled, scores }) => ({
      row: groupRow(filled, settings, { group, rewards: Array.from(scores.total) }),
      thresholds: nextThresholds(options.thresholds, [filled], settings),
    })),
  );
}

function groupRow(
  { screened, seconds }: Group,
  { dsog, generation, rl }: TrainingSettings,
  { group, rewards }: { readonly group: number; readonly rewards: readonly number[] },
): GroupRow {
  const candidates = screened.scored;
  return {
    group,
    screened: dsog.enabled,
    seconds: seconds.reason + seconds.preview + seconds.complete,
    decodeSteps: candidates * dsog.previewStep +
      rl.numGenerations * (generation.timesteps - dsog.previewStep),
    candidates,
    passRate: dsog.enabled ? screened.passRate : null,
    rewards,
  };
}
