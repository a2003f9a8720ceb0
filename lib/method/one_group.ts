/**
 * One prompt of an update: its group is rolled out, screened and scored.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { loadConceptImage } from "../concept/photo.ts";
import type { HasClock, HasFiles } from "../core/capability.ts";
import { fold, type Key } from "../core/key.ts";
import type { Stage } from "../core/stage.ts";
import { type RewardScores, scoreAll } from "../rewards/expert.ts";
import type { GroupLook } from "./image_watch.ts";
import { policyOf, type PolicyState } from "./policy.ts";
import { rewardRow } from "./rewarding.ts";
import { type AskedTask, askTask, type RolloutContext } from "./rollout.ts";
import type { RunContext } from "./run_context.ts";
import { fillGroup, type Group } from "./screening.ts";
import { sampleTask, type Task } from "./task.ts";

/** A group with its rewards. */
export interface ScoredGroup {
  readonly group: Group;
  readonly scores: RewardScores;
  /** What the images look like; no reward. */
  readonly look: GroupLook;
  /** Seconds of the rewards. */
  readonly seconds: number;
}

/** What tasks are drawn from. */
export type TaskSource = Pick<RunContext, "settings" | "concept" | "runtime" | "promptLength">;

/** The picture that is asked about, as codes, and the question as token ids. */
const asking = ({ runtime, promptLength }: TaskSource) => (task: Task): Stage<HasFiles, AskedTask> =>
  task.image === null ? RTE.fromIO(() => askTask(runtime, task, { image: null, promptLength })) : pipe(
    loadConceptImage(task.image, runtime.profile.imageSize),
    RTE.map((image) => askTask(runtime, task, { image, promptLength })),
  );

/**
 * Sampling: draws a task and words it for the model.
 *
 * @param source What tasks are drawn from.
 * @returns The task with its token ids.
 */
export function drawTask(source: TaskSource, key: Key): Stage<HasFiles, AskedTask> {
  const { settings: { reasoning }, concept } = source;
  const sampled = sampleTask(key, concept, {
    reasoningMix: reasoning.mix,
    textReasoning: reasoning.textTemplate,
    plainPrompt: reasoning.plainPrompt,
    shownFacts: reasoning.shownFacts,
    dealtShare: reasoning.dealtShare,
  });
  return pipe(RTE.fromEither(sampled), RTE.flatMap(asking(source)));
}

const rolloutContext = (run: RunContext, state: PolicyState): RolloutContext => ({
  runtime: run.runtime,
  decoders: run.decoders,
  settings: run.settings,
  policy: policyOf(run.runtime.base, state.trainable),
});

/** Reasoning, compound prompt, preview, screening, completion. */
const rollingOut =
  (run: RunContext, state: PolicyState, key: Key) => (task: AskedTask): Stage<HasClock, Group> =>
    fillGroup(
      { ...rolloutContext(run, state), concept: run.rewardConcept, previewExpert: run.experts.previewExpert },
      task,
      { key, threshold: state.thresholds[task.mode] },
    );

/** Rewards of the finished pictures and their answers. */
const rewarding =
  ({ experts, rewardConcept }: RunContext) => ({ task, trajectories }: Group): Stage<unknown, RewardScores> =>
    scoreAll(experts.experts, experts.weights)(
      trajectories.map((each) => rewardRow(task, each, { concept: rewardConcept, image: each.image })),
    );

/**
 * Times a stage.
 *
 * @returns What the stage returns, with the seconds that it took.
 */
export function timed<R, A>(
  stage: Stage<R, A>,
): Stage<R & HasClock, { readonly value: A; readonly seconds: number }> {
  return (needs) => async () => {
    const started = needs.clock.now();
    const result = await stage(needs)();
    return pipe(result, E.map((value) => ({ value, seconds: (needs.clock.now() - started) / 1000 })));
  };
}

/**
 * The key of a prompt within its update: that of the first is the update's own, so one prompt an update is drawn as ever.
 *
 * @param index Of the prompt, from 0.
 */
export function promptKey(key: Key, index: number): Key {
  return index === 0 ? key : fold(key, index);
}

/**
 * Rolls one group out and scores it.
 *
 * @param run What stays the same.
 * @param state The policy and the thresholds; stay the caller's.
 * @param options.key The update's key.
 * @param options.index Of the prompt within the update.
 * @returns The group with its rewards and what its images look like.
 */
export function scoredGroup(
  run: RunContext,
  state: PolicyState,
  { key, index }: { readonly key: Key; readonly index: number },
): Stage<HasFiles & HasClock, ScoredGroup> {
  return pipe(
    drawTask(run, promptKey(fold(key, "task"), index)),
    RTE.flatMap((task) => rollingOut(run, state, promptKey(fold(key, "group"), index))(task)),
    RTE.bindTo("group"),
    RTE.bindW("scored", ({ group }) => timed(rewarding(run)(group))),
    RTE.bindW("look", ({ group }) => run.watch(group.trajectories.map(({ image }) => image))),
    RTE.map(({ group, scored, look }) => ({ group, look, scores: scored.value, seconds: scored.seconds })),
  );
}
