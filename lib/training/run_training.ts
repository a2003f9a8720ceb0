/**
 * A personalisation run: cold start or resume, evaluation, updates with logs and checkpoints, evaluation.
 *
 * @module
 */
import { mean } from "../core/mean.ts";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { DONE, iterate, type Stage } from "../core/stage.ts";
import {
  NO_HISTORY,
  raisedWarnings,
  trustMetrics,
  type TrustState,
  warningLine,
  watchUpdate,
} from "./trust.ts";
import { saveCheckpoint } from "../run/checkpoint.ts";
import type { RunFolder } from "../run/folder.ts";
import { residentMemory } from "../run/live.ts";
import { type Metrics, readMetrics } from "../run/metrics_log.ts";
import { showStatus } from "../run/status.ts";
import type { Tracker } from "../run/tracker.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import { type CompiledSignature, compiledSignatures, compiledSummary } from "../tensor/jit.ts";
import { releaseFreedMemory } from "../tensor/tensorflow/allocator.ts";
import { tf } from "../tensor/tf.ts";
import { checkpointOf } from "../trained/checkpointed.ts";
import { keepEvidence } from "../method/evidence.ts";
import { oneUpdate, type UpdateOutcome } from "../method/one_update.ts";
import type { RunContext } from "../method/run_context.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { disposeState, initialTrainable, type PolicyState } from "../method/policy.ts";
import { initialOptimizer } from "../method/gradients.ts";
import { NO_THRESHOLDS } from "../method/thresholds.ts";
import { updateMetrics, updateSamples } from "./update_metrics.ts";

/** What training touches. */
export type HasTraining = HasFiles & HasLog & HasClock & HasInterrupt;

/** A run that is under way. */
export interface TrainingRun extends RunContext {
  readonly folder: RunFolder;
  readonly tracker: Tracker;
  readonly configHash: string;
}

/**
 * The state before the first update.
 *
 * @param run What stays the same.
 * @param rows Rows of the cold start; stay the caller's.
 * @returns A fresh state; its reference is a copy of the start.
 */
export function startState(run: Pick<RunContext, "runtime" | "settings">, rows: ConceptRows): PolicyState {
  const trainable = initialTrainable(run.runtime, rows, run.settings);
  return {
    step: 0,
    trainable,
    reference: initialTrainable(run.runtime, rows, run.settings),
    optimizer: initialOptimizer(run.settings, trainable),
    thresholds: NO_THRESHOLDS,
  };
}

interface Progress {
  readonly state: PolicyState;
  readonly rewards: readonly number[];
  readonly seconds: readonly number[];
  readonly trust: TrustState;
  /** How many functions were compiled so far. */
  readonly compiled: number;
  /** Whether the policy went further from its start than `rl.max_kl` allows. */
  readonly ended: boolean;
}

const recent = (values: readonly number[], value: number): readonly number[] => [...values, value].slice(-24);

/** What the status shows of an update. */
function statusOf(
  { settings: { rl, dsog } }: TrainingRun,
  { state: { step }, groups }: UpdateOutcome,
  options: { readonly metrics: Metrics; readonly progress: Progress; readonly memory: number },
): Parameters<typeof showStatus>[0] {
  const { metrics, progress, memory } = options;
  const number = (name: string) => metrics[name] ?? undefined;
  const status = {
    ...{ step, maxSteps: rl.maxSteps, memory },
    secondsPerStep: mean(progress.seconds),
    reward: number("reward"),
    rewardStd: number("reward_std"),
    rewards: progress.rewards,
    rewardParts: Object.fromEntries(
      Object.keys(groups[0]?.scores.experts ?? {}).map((
        name,
      ) => [name, number(`rewards/${name}/mean`) ?? NaN]),
    ),
    kl: number("kl"),
    gradNorm: number("grad_norm"),
    passRate: number("dsog/pass_rate"),
    targetPassRate: dsog.targetPassRate,
    threshold: number("dsog/threshold"),
    tokensPerSecond: number("tokens_per_second"),
    tensors: tf.memory().numTensors,
  };
  const known = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
  return known as unknown as Parameters<typeof showStatus>[0];
}

/** One line in the log, the whole list in `compiled.txt`: nothing that follows it was compiled again. */
const tellCompiled = (
  { folder }: Pick<TrainingRun, "folder">,
  step: number,
  signatures: readonly CompiledSignature[],
): Stage<HasFiles & HasLog, void> =>
({ files, log }) => {
  const summary = `update ${step}: ${compiledSummary(signatures)}`;
  log.info(`${summary.split("\n")[0]} (compiled.txt)`);
  return files.append(join(folder.path, "compiled.txt"), `${summary}\n`);
};

/** The guard of `rl.max_kl`: says when an update went too far. */
const tellEnded =
  ({ rl: { maxKl } }: TrainingSettings, step: number, kl: number): Stage<HasLog, void> => ({ log }) =>
    TE.fromIO(() =>
      log.warn(
        `update ${step}: kl ${
          kl.toFixed(4)
        } is above rl.max_kl ${maxKl}, so training ends here; --set rl.max_kl=null goes on`,
      )
    );

/** Logs an update; hands back the progress with the warnings that stand. */
function report(run: TrainingRun, outcome: UpdateOutcome, progress: Progress): Stage<HasTraining, Progress> {
  const { settings, tracker } = run;
  const { step } = outcome.state;
  const signatures = compiledSignatures();
  const compiled = signatures.length;
  const fresh = signatures.slice(progress.compiled);
  if (compiled > progress.compiled) releaseFreedMemory();
  const memory = residentMemory();
  const facts = { tensors: tf.memory().numTensors, memory: memory / 2 ** 20 };
  const measured = updateMetrics(outcome, settings, facts);
  const trust = watchUpdate(progress.trust, measured);
  const metrics = { ...measured, ...trustMetrics(trust) };
  const shown = step % settings.sampleEvery === 0 || step === 1 || step === settings.rl.maxSteps;
  const warn: Stage<HasTraining, void> = ({ log }) =>
    TE.fromIO(() =>
      raisedWarnings(progress.trust, trust).forEach((name) => log.warn(warningLine(name, step)))
    );
  const tell: Stage<HasTraining, void> = fresh.length === 0 ? DONE : tellCompiled(run, step, fresh);
  const kl = measured["kl"] ?? 0;
  const ended = settings.rl.maxKl !== null && kl > settings.rl.maxKl;
  return pipe(
    tracker.step({ step, metrics }, shown ? updateSamples(outcome) : undefined),
    RTE.flatMap(() => showStatus(statusOf(run, outcome, { metrics, progress, memory }))),
    RTE.flatMap(() => warn),
    RTE.flatMap(() => tell),
    RTE.flatMap(() => ended ? tellEnded(settings, step, kl) : DONE),
    RTE.map(() => ({ ...progress, trust, compiled, ended })),
  );
}

/**
 * Saves a state into the run folder; crash-safe.
 *
 * @param state The state; stays the caller's.
 * @returns A stage that ends when the checkpoint is on disk.
 */
export function saveState(
  run: Pick<TrainingRun, "folder" | "configHash" | "settings">,
  state: PolicyState,
): Stage<HasFiles, void> {
  return pipe(
    saveCheckpoint(run.folder.checkpoints, checkpointOf(state, run.configHash), { keep: run.settings.keep }),
    RTE.map(() => undefined),
  );
}

function advance(run: TrainingRun, progress: Progress, until: number): Stage<HasTraining, Progress> {
  const { settings } = run;
  return pipe(
    savingOnFailure(run, progress.state, oneUpdate(run, progress.state)),
    RTE.flatMap((outcome): Stage<HasTraining, Progress> => {
      const { state } = outcome;
      const next = {
        ...progress,
        state,
        rewards: recent(progress.rewards, mean(outcome.groups.flatMap(({ scores }) => [...scores.total]))),
        seconds: recent(progress.seconds, outcome.seconds.total),
      };
      const due = state.step % settings.saveEvery === 0 || state.step === until;
      const keep = ({ ended }: Progress): Stage<HasTraining, void> => (needs) =>
        due || ended || needs.interrupt.requested() ? saveState(run, state)(needs) : TE.right(undefined);
      const stop: Stage<HasTraining, void> = ({ interrupt }) =>
        interrupt.requested() && state.step < settings.rl.maxSteps
          ? TE.left({ _tag: "Interrupted", step: state.step })
          : TE.right(undefined);
      const kept = pipe(report(run, outcome, next), RTE.tap(keep), RTE.tap(() => stop));
      return freeingOnFailure(state, kept);
    }),
  );
}

/**
 * Saves the state before an update that ends without rewards: an expert failed, or Ctrl-C was pressed while one is away.
 * Nothing of that update has touched it yet.
 */
function savingOnFailure<A>(
  run: TrainingRun,
  state: PolicyState,
  stage: Stage<HasTraining, A>,
): Stage<HasTraining, A> {
  const saved = state.step % run.settings.saveEvery === 0;
  return pipe(
    stage,
    RTE.orElse((error): Stage<HasTraining, A> => {
      if (error._tag !== "RewardFailed" && error._tag !== "Interrupted") return RTE.left(error);
      const told: PipelineError = error._tag === "Interrupted"
        ? { _tag: "Interrupted", step: state.step }
        : error;
      return pipe(
        saved ? DONE : saveState(run, state),
        RTE.flatMap(() => ({ log }: HasTraining) => {
          log.info(`step ${state.step} is saved; --resume latest goes on from there`);
          return TE.left(told);
        }),
      );
    }),
  );
}

/**
 * Frees a state if what uses it fails.
 *
 * @param stage What uses it.
 * @returns The stage; on success the state stays.
 */
export function freeingOnFailure<R, A>(state: PolicyState, stage: Stage<R, A>): Stage<R, A> {
  return pipe(
    stage,
    RTE.mapLeft((error) => {
      disposeState(state);
      return error;
    }),
  );
}

/** The warnings that stand after the updates that are logged. */
const knownTrust = ({ folder }: TrainingRun, { step }: PolicyState): Stage<HasTraining, TrustState> =>
  step === 0 ? RTE.right(NO_HISTORY) : pipe(
    readMetrics(folder.metrics),
    RTE.map((rows) =>
      rows.filter((row) => row.step <= step).map(({ metrics }) => metrics).reduce(watchUpdate, NO_HISTORY)
    ),
  );

/**
 * Updates a policy to the last step, with metrics, samples, warnings and checkpoints.
 *
 * @param start The state to begin with; used up, whatever happens.
 * @param options.until The step to end at, saved; default `rl.max_steps`.
 * @returns The final state, owned by the caller; its step is below `until` only where `rl.max_kl` ended training, and saved, too. Left `Interrupted` after Ctrl-C, when the checkpoint is saved; `Diverged`
 * at the first number that is none, its tensors in the run folder's `diverged`. Then no tensor of the run stays.
 */
export function trainPolicy(
  run: TrainingRun,
  start: PolicyState,
  options: { readonly until?: number } = {},
): Stage<HasTraining, PolicyState> {
  const until = Math.min(options.until ?? Infinity, run.settings.rl.maxSteps);
  const trained = pipe(
    knownTrust(run, start),
    RTE.flatMap((trust) =>
      iterate<HasTraining, Progress>(
        ({ state, ended }) => ended || state.step >= until,
        (progress) => freeingOnFailure(progress.state, advance(run, progress, until)),
      )({
        state: start,
        rewards: [],
        seconds: [],
        trust,
        compiled: compiledSignatures().length,
        ended: false,
      })
    ),
    RTE.map(({ state }) => state),
  );
  return keepEvidence(join(run.folder.path, "diverged"), freeingOnFailure(start, trained));
}
