/**
 * A whole personalisation run: open → cold start or resume → evaluate → update … → evaluate → report.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import { hasStalled, readEvaluations } from "../run/evaluation.ts";
import { decodeConfig, type Frozen } from "../config/load.ts";
import { configHash } from "../config/stringify.ts";
import { DONE, iterate, scoped, type Stage } from "../core/stage.ts";
import { networkFrom } from "../metrics/judge/network.ts";
import type { RewardConcept, RewardExpert } from "../rewards/expert.ts";
import { silentRewards } from "../rewards/silent.ts";
import { type Before, resumed } from "./resumed.ts";
import { liveBlobs } from "../run/blobs.ts";
import { loadCheckpoint } from "../run/checkpoint.ts";
import { stepName } from "../run/checkpoint_folder.ts";
import type { RunFolder } from "../run/folder.ts";
import { type Live, liveFileLog, residentMemory } from "../run/live.ts";
import { teeLog } from "../run/live_log.ts";
import { farewell } from "../run/farewell.ts";
import { writeReport } from "../run/report.ts";
import { goOn } from "../run/session.ts";
import { openTracker } from "../run/tracker.ts";
import { type Opened, openSettings, stateOf } from "../trained/checkpointed.ts";
import { learnRows } from "./cold_start_run.ts";
import { checkRemote, probeRemote, remoteExperts, withRemote } from "../remote/remote_rewards.ts";
import { withCompat } from "../method/compat.ts";
import { announceMemory } from "./memory_estimate.ts";
import { newRun } from "./new_run.ts";
import { disposeState, type PolicyState } from "../method/policy.ts";
import { loadOwnRewards, withOwnRewards } from "./own_rewards.ts";
import { prepareUpdate } from "./prepare_update.ts";
import { unreadWords, warnUnread } from "../method/prompt_reader.ts";
import { basePrompts } from "../method/task.ts";
import { checkSettings } from "./check_settings.ts";
import { type LoadedExperts, loadExperts, rewardConcept } from "../method/rewarding.ts";
import { longestPrompt, makeDecoders } from "../method/rollout.ts";
import { freeingOnFailure, saveState, startState, type TrainingRun, trainPolicy } from "./run_training.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import { makeUpdate } from "../method/update.ts";
import { updateMetricNames } from "./update_metrics.ts";
import { imageWatch } from "../method/image_watch.ts";
import { openBackend } from "../tensor/backend.ts";
import { prepareTensorFlow } from "../tensor/tensorflow/setup/install.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { Blobs } from "../tensor/weight_source.ts";
import { chooseBest, evaluateState } from "./during_training.ts";
import type { HasEvaluation } from "../evaluation/session.ts";
import { EVALUATION, type EvaluationSettings } from "../evaluation/settings.ts";

/** Where a run lives, and whether it continues another. */
export interface PersonaliseOptions {
  /** `latest`, a name or a folder; empty starts a new run. */
  readonly resume: string;
  /** Whether a resume goes on although settings differ. */
  readonly force: boolean;
  /** Module with reward experts of the user's own; empty or absent: none. */
  readonly reward?: string;
  /** The folder that holds `.git`. */
  readonly project: string;
  /** Reads an environment variable. */
  readonly variable: (name: string) => string | undefined;
  /** Where weights are read from and checkpoints written to; default the disk. */
  readonly blobs?: Blobs;
}

type Needs = Live & HasEvaluation;

/** A run with all its parts. */
interface Wired extends TrainingRun {
  readonly opened: Opened;
  readonly variable: PersonaliseOptions["variable"];
}

/** What is loaded besides the model. */
interface Scoring {
  readonly experts: LoadedExperts;
  readonly reward: RewardConcept;
}

const openScoring = (
  settings: TrainingSettings,
  { concept, profile }: Opened,
  own: readonly RewardExpert[],
): Stage<Needs, Scoring> =>
  pipe(
    rewardConcept(concept, profile.imageSize),
    RTE.bindTo("reward"),
    RTE.bindW("experts", () => loadExperts(profile, settings, concept)),
    RTE.flatMapEither((scoring) =>
      pipe(
        withOwnRewards(scoring.experts, own, settings.rewards.own),
        E.map((experts) => ({ ...scoring, experts })),
        E.mapLeft((error) => {
          scoring.experts.dispose();
          return error;
        }),
      )
    ),
  );

/** One's own experts; those behind a URL are waited for before anything else is opened. */
const ownRewards = (
  settings: TrainingSettings,
  { reward = "", variable }: PersonaliseOptions,
): Stage<Needs, readonly RewardExpert[]> =>
  pipe(
    loadOwnRewards(reward),
    RTE.tapEither((own) => checkRemote(settings, { variable, own: own.map(({ name }) => name) })),
    RTE.tap(() => probeRemote(remoteExperts(settings, variable, "human"))),
  );

/** Everything that stays the same, wired. */
function wire(
  { settings, opened, scoring, variable }: {
    readonly settings: TrainingSettings;
    readonly opened: Opened;
    readonly scoring: Scoring;
    readonly variable: PersonaliseOptions["variable"];
  },
  folder: RunFolder,
  lastStep: number,
): Stage<Needs, Wired> {
  const { concept, runtime } = opened;
  const { reward } = scoring;
  const remote = remoteExperts(settings, variable, concept.category);
  const wiring = (experts: LoadedExperts): Stage<Needs, Wired> =>
    pipe(
      openTracker(folder, {
        lastStep,
        metrics: updateMetricNames(experts.experts.map(({ name }) => name)),
        parameters: TRAINING.codec.encode(settings) as Readonly<Record<string, unknown>>,
      }),
      RTE.map((tracker) => ({
        ...{ settings, opened, runtime, concept, experts, tracker, folder, variable },
        rewardConcept: reward,
        watch: imageWatch(reward.references, experts.encoder),
        decoders: makeDecoders(runtime, settings),
        update: makeUpdate(runtime, settings),
        promptLength: longestPrompt(runtime, concept, settings),
        configHash: configHash(TRAINING, settings),
      })),
    );
  return (needs) => wiring(withRemote(scoring.experts, remote, { settings, needs }))(needs);
}

const evaluationSettings = (settings: TrainingSettings): Stage<unknown, Frozen<EvaluationSettings>> =>
  RTE.fromEither(decodeConfig(EVALUATION, {
    images_per_prompt: settings.evaluation.imagesPerPrompt,
    orders: settings.evaluation.orders,
    tasks: settings.evaluation.tasks,
    seed: settings.seed,
    device: settings.device,
  }));

/** A state between two evaluations, and whether it is the last one of the run. */
interface Reached {
  readonly state: PolicyState;
  readonly last: boolean;
}

/** Whether a state is evaluated: the first, the last, and those in between that are asked for. */
function isDue(
  { evaluation: { tasks, every } }: TrainingSettings,
  { state: { step }, last }: Reached,
): boolean {
  if (tasks.length === 0) return false;
  return step === 0 || last || (every > 0 && step % every === 0);
}

/** The next step at which training pauses to evaluate. */
const nextStop = ({ evaluation: { tasks, every } }: TrainingSettings, step: number): number =>
  tasks.length === 0 || every === 0 ? Infinity : (Math.floor(step / every) + 1) * every;

const isEvaluated = ({ folder }: Wired, step: number): Stage<Needs, boolean> => ({ files }) =>
  files.exists(join(folder.evaluations, `${stepName(step)}.json`));

/** Whether training ends because the score of `evaluation.best` rises no more; says so. */
const stalled = ({ folder, settings: { evaluation: { best, patience } } }: Wired): Stage<Needs, boolean> =>
  patience === 0 ? RTE.right(false) : pipe(
    readEvaluations(folder.evaluations),
    RTE.map((all) => hasStalled(all, best, patience)),
    RTE.tap((ended) => ({ log }: Needs) =>
      TE.fromIO(() =>
        ended && log.warn(
          `${best} has not risen in ${patience} evaluations, so training ends here; --set evaluation.patience=0 goes on`,
        )
      )
    ),
  );

/** Evaluates a saved state if it is due and was not evaluated before a crash; then says which one is best. */
function evaluating(run: Wired, reached: Reached): Stage<Needs, Reached> {
  const { settings, variable, folder } = run;
  const { state } = reached;
  const evaluate: Stage<Needs, void> = pipe(
    evaluationSettings(settings),
    RTE.flatMap((chosen) => evaluateState(run, state, { settings: chosen, variable })),
    RTE.flatMap(() => chooseBest(folder, { metric: settings.evaluation.best, keep: settings.keep })),
  );
  const whole: Stage<Needs, void> = !isDue(settings, reached) ? DONE : pipe(
    isEvaluated(run, state.step),
    RTE.flatMap((done) => done ? DONE : evaluate),
  );
  return freeingOnFailure(
    state,
    pipe(whole, RTE.flatMap(() => stalled(run)), RTE.map((ended) => ended ? { state, last: true } : reached)),
  );
}

/** The rows of the cold start become the first state, saved as step 0. */
const firstState = (run: Wired): Stage<Needs, PolicyState> =>
  scoped(
    learnRows(run),
    ({ rows }) => {
      const state = startState(run, rows);
      return freeingOnFailure(state, pipe(saveState(run, state), RTE.map(() => state)));
    },
    ({ rows }) => disposeTree(rows),
  );

const finish = (run: TrainingRun): Stage<Needs, void> =>
  pipe(
    writeReport(run.folder),
    RTE.flatMap(() => farewell(run.folder)),
    RTE.flatMap((text) => ({ log }: Needs) => TE.fromIO(() => log.info(text))),
  );

/** Says which rewards have nothing to go by, on the terminal and in the report. */
const noteSilentRewards = ({ folder, experts, rewardConcept }: TrainingRun): Stage<Needs, void> =>
  pipe(
    silentRewards(rewardConcept, experts),
    RTE.flatMap((notes) => ({ files, log }: Needs) => {
      notes.forEach((note) => log.warn(note));
      return notes.length === 0
        ? files.remove(folder.notes)
        : files.writeAtomic(folder.notes, `${notes.join("\n")}\n`);
    }),
  );

/** Names the prompts that are too long for the model even without an answer. */
const warnOfLongPrompts = ({ runtime, concept, settings }: TrainingRun): Stage<Needs, number> =>
  warnUnread((prompt) => unreadWords(runtime, prompt), basePrompts(concept, settings.reasoning));

const tellFinished = (step: number): Stage<Needs, void> => ({ log }) => {
  if (step > 0) log.info(`the run has all its updates, ${step} of them; --set rl.max_steps=<more> adds some`);
  return TE.right(undefined);
};

/** Trains to the next evaluation; where training ended before, that was the last update. */
const trainOn = (run: Wired, state: PolicyState): Stage<Needs, Reached> => {
  const { settings } = run;
  const until = Math.min(nextStop(settings, state.step), settings.rl.maxSteps);
  return pipe(
    trainPolicy(run, state, { until }),
    RTE.map((next) => ({ state: next, last: next.step < until || next.step >= settings.rl.maxSteps })),
    RTE.flatMap((reached) => evaluating(run, reached)),
  );
};

/** Trains from evaluation to evaluation until the last step; the update is compiled while the first one runs. */
const training = (run: Wired, start: PolicyState): Stage<Needs, PolicyState> => {
  const last = start.step >= run.settings.rl.maxSteps;
  const ready = last ? tellFinished(start.step) : prepareUpdate(run, start);
  return pipe(
    freeingOnFailure(start, ready),
    RTE.flatMap(() => evaluating(run, { state: start, last })),
    RTE.tap(({ state }) => last ? DONE : announceMemory(run, state, residentMemory())),
    RTE.flatMap(iterate<Needs, Reached>((reached) => reached.last, ({ state }) => trainOn(run, state))),
    RTE.map(({ state }) => state),
  );
};

function learn(run: Wired, before: Before | null): Stage<Needs, void> {
  const start: Stage<Needs, PolicyState> = before === null
    ? firstState(run)
    : pipe(loadCheckpoint(before.checkpoint), RTE.flatMapEither(stateOf));
  return scoped(
    pipe(start, RTE.flatMap((state) => training(run, state))),
    () => finish(run),
    disposeState,
  );
}

/** What a stage logs is kept in the run's `log.txt`, too. */
const keptLog = ({ log }: RunFolder): <A>(stage: Stage<Needs, A>) => Stage<Needs, A> =>
  RTE.local((needs: Needs) => ({ ...needs, log: teeLog(needs.log, liveFileLog(log)) }));

/** A new folder, or that of the run that goes on. */
const folderOf = (
  settings: TrainingSettings,
  before: Before | null,
  place: { readonly backend: string; readonly project: string },
): Stage<Needs, RunFolder> =>
  before === null ? newRun(settings, { command: "train", ...place }) : RTE.right(before.folder);

/**
 * Runs a personalisation from settings to report: cold start, evaluation, updates, evaluation.
 *
 * A resumed run goes on from its newest checkpoint with the same bits as one that was never interrupted; an evaluation
 * that was cut short is done again.
 *
 * @param options Resume and project folder.
 * @returns A stage that ends when the report is written. Left before a folder is made if concept, profile, weights or
 * experts are wrong, or if a resume is refused; no tensor stays in any case.
 */
export function personalise(config: TrainingSettings, options: PersonaliseOptions): Stage<Live, void> {
  const settings = withCompat(config);
  const { variable, project } = options;
  const whole: Stage<Needs, void> = pipe(
    RTE.Do,
    RTE.bindW("evaluated", () => evaluationSettings(settings)),
    RTE.bindW("before", () => resumed(settings, options)),
    RTE.bindW("checked", () => checkSettings(settings)),
    RTE.bindW("own", () => ownRewards(settings, options)),
    RTE.bindW("ready", () => prepareTensorFlow({ device: settings.device })),
    RTE.bindW("backend", () => openBackend({ device: settings.device, precision: settings.precision })),
    RTE.flatMap(({ backend: { description: backend }, before, own }): Stage<Needs, void> => {
      const begin = (opened: Opened, scoring: Scoring): Stage<Needs, void> =>
        pipe(
          folderOf(settings, before, { backend, project }),
          RTE.flatMap((folder) =>
            pipe(
              before === null ? DONE : goOn(before, { schema: TRAINING, config: settings }),
              RTE.flatMap(() => wire({ settings, opened, scoring, variable }, folder, before?.step ?? 0)),
              RTE.tap((run) => noteSilentRewards(run)),
              RTE.tap((run) => warnOfLongPrompts(run)),
              RTE.flatMap((run) => learn(run, before)),
              keptLog(folder),
            )
          ),
        );
      return scoped(
        openSettings(settings),
        (opened) =>
          scoped(
            openScoring(settings, opened, own),
            (scoring) => begin(opened, scoring),
            ({ experts }) => experts.dispose(),
          ),
        ({ runtime }) => runtime.dispose(),
      );
    }),
  );
  return (live) => whole({ ...live, blobs: options.blobs ?? liveBlobs, network: networkFrom(fetch) });
}
