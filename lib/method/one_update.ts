/**
 * One update, read from top to bottom: the paper's steps as a composition of stages.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImage } from "../concept/photo.ts";
import type { HasClock, HasFiles } from "../core/capability.ts";
import { fold, type Key, keyFromSeed } from "../core/key.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { type RewardConcept, type RewardScores, scoreAll } from "../rewards/expert.ts";
import { groupAdvantages } from "../rl/advantages.ts";
import type { GroupLook, ImageWatch } from "./image_watch.ts";
import { policyOf, type PolicyState } from "./policy.ts";
import { type LoadedExperts, rewardRow } from "./rewarding.ts";
import { type AskedTask, askTask, type Decoders, type RolloutContext } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import { fillGroup, type Group } from "./screening.ts";
import type { TrainingSettings } from "./settings.ts";
import { sampleTask, type Task } from "./task.ts";
import { nextThresholds } from "./thresholds.ts";
import type { UpdateFacts, UpdatePolicy } from "./update.ts";
import type { Weighted } from "./update_batches.ts";

/** Everything that stays the same from update to update. */
export interface RunContext {
  readonly settings: TrainingSettings;
  readonly runtime: Runtime;
  readonly decoders: Decoders;
  readonly experts: LoadedExperts;
  readonly concept: Concept;
  readonly rewardConcept: RewardConcept;
  readonly watch: ImageWatch;
  readonly update: UpdatePolicy;
  /** From `longestPrompt`. */
  readonly promptLength: number;
}

/** What one update did: everything that is logged. */
export interface UpdateOutcome {
  readonly state: PolicyState;
  readonly group: Group;
  readonly scores: RewardScores;
  /** What the images look like; no reward. */
  readonly look: GroupLook;
  readonly weighted: readonly Weighted[];
  readonly facts: UpdateFacts;
  readonly seconds: { readonly reward: number; readonly update: number; readonly total: number };
}

/**
 * The key of an update: all its randomness follows from the seed and the step.
 *
 * @param step Updates done before.
 */
export function updateKey(settings: Pick<TrainingSettings, "seed">, step: number): Key {
  return fold(fold(keyFromSeed(settings.seed), "update"), step);
}

const rolloutContext = (run: RunContext, state: PolicyState): RolloutContext => ({
  runtime: run.runtime,
  decoders: run.decoders,
  settings: run.settings,
  policy: policyOf(run.runtime.base, state.trainable),
});

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
  });
  return pipe(RTE.fromEither(sampled), RTE.flatMap(asking(source)));
}

/** Reasoning, compound prompt, preview, screening, completion. */
const rollingOut = (run: RunContext, state: PolicyState) => (task: AskedTask): Stage<HasClock, Group> =>
  fillGroup(
    { ...rolloutContext(run, state), concept: run.rewardConcept, previewExpert: run.experts.previewExpert },
    task,
    { key: fold(updateKey(run.settings, state.step), "group"), threshold: state.thresholds[task.mode] },
  );

/** Rewards of the finished pictures and their answers. */
const rewarding =
  ({ experts, rewardConcept }: RunContext) => ({ task, trajectories }: Group): Stage<unknown, RewardScores> =>
    scoreAll(experts.experts, experts.weights)(
      trajectories.map((each) => rewardRow(task, each, { concept: rewardConcept, image: each.image })),
    );

/** Each trajectory against the mean of its group. */
const weighting = (
  { settings: { rl } }: RunContext,
  group: Group,
  scores: RewardScores,
): Checked<readonly Weighted[]> =>
  pipe(
    groupAdvantages(scores.total, { numGenerations: rl.numGenerations, scaleRewards: rl.scaleRewards }),
    E.map((advantages) =>
      group.trajectories.map((each, index) => ({ ...each, advantage: advantages[index] as number }))
    ),
  );

/** The clipped policy-gradient step. */
const updating = (
  run: RunContext,
  state: PolicyState,
  { task, weighted, key }: {
    readonly task: AskedTask;
    readonly weighted: readonly Weighted[];
    readonly key: Key;
  },
): Stage<unknown, { readonly state: PolicyState; readonly facts: UpdateFacts }> =>
() =>
() => Promise.resolve(run.update(state, { task, weighted }, key));

const timed =
  <R, A>(stage: Stage<R, A>): Stage<R & HasClock, { readonly value: A; readonly seconds: number }> =>
  (needs) =>
  async () => {
    const started = needs.clock.now();
    const result = await stage(needs)();
    return pipe(result, E.map((value) => ({ value, seconds: (needs.clock.now() - started) / 1000 })));
  };

/**
 * Does one update.
 *
 * @param run What stays the same.
 * @param state The state before; used up.
 * @returns The state after, and everything worth logging.
 */
export function oneUpdate(run: RunContext, state: PolicyState): Stage<HasFiles & HasClock, UpdateOutcome> {
  const key = updateKey(run.settings, state.step);
  const composed: Stage<
    HasFiles & HasClock,
    Omit<UpdateOutcome, "seconds"> & { readonly seconds: Pick<UpdateOutcome["seconds"], "reward" | "update"> }
  > = pipe(
    RTE.Do,
    RTE.bindW("asked", () => drawTask(run, fold(key, "task"))),
    RTE.bindW("group", ({ asked }) => rollingOut(run, state)(asked)),
    RTE.bindW("scored", ({ group }) => timed(rewarding(run)(group))),
    RTE.bindW("look", ({ group }) => run.watch(group.trajectories.map(({ image }) => image))),
    RTE.bindW("weighted", ({ group, scored }) => RTE.fromEither(weighting(run, group, scored.value))),
    RTE.bindW(
      "updated",
      ({ group, weighted }) => timed(updating(run, state, { task: group.task, weighted, key })),
    ),
    RTE.map(({ group, scored, look, weighted, updated }) => ({
      state: { ...updated.value.state, thresholds: nextThresholds(state.thresholds, [group], run.settings) },
      group,
      scores: scored.value,
      look,
      weighted,
      facts: updated.value.facts,
      seconds: { reward: scored.seconds, update: updated.seconds },
    })),
  );
  return pipe(
    timed(composed),
    RTE.map(({ value, seconds }) => ({ ...value, seconds: { ...value.seconds, total: seconds } })),
  );
}
