/**
 * What screening is worth to learning: runs with and without it, each measured on the same groups that nobody screened, after as many
 * updates and after as many seconds.
 *
 * @module
 */
import { basename, join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { PositiveInt } from "../../lib/config/numbers.ts";
import type { HasFiles, HasLog } from "../../lib/core/capability.ts";
import { mean } from "../../lib/core/mean.ts";
import { scoped, type Stage } from "../../lib/core/stage.ts";
import { disposeState } from "../../lib/method/policy.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { rewardSpread } from "../../lib/rl/advantages.ts";
import { loadCheckpoint } from "../../lib/run/checkpoint.ts";
import { stepName } from "../../lib/run/checkpoint_folder.ts";
import { type MetricsRow, readMetrics } from "../../lib/run/metrics_log.ts";
import { stateOf } from "../../lib/trained/checkpointed.ts";
import type { Cell } from "../experiments/cell.ts";
import { type CellNeeds, type FinishedCell, runCells } from "../experiments/run_cells.ts";
import { byPreview, drawPool, type PoolRow } from "./dsog_pools.ts";
import { type ScreeningWay, screeningWays, withScreening } from "./dsog_replay.ts";
import { screeningWayName } from "./dsog_replay_summary.ts";
import type { Study } from "./dsog_rollouts.ts";

/** What {@link learningCells} is told. */
export interface LearningPlan {
  /** Updates of each run. */
  readonly updates: number;
  readonly runs: string;
  readonly out: string;
}

/** A run of the comparison. */
export interface LearningCell extends Cell {
  /** `null`: without screening. */
  readonly way: ScreeningWay | null;
}

/** Updates between checkpoints. */
const EVERY = 1 as PositiveInt;

/** What is compared in learning: no screening, the paper's, its threshold per mode, and rules inside the group at two batches. */
const learningWays = (settings: TrainingSettings): readonly (ScreeningWay | null)[] => {
  const { dsog: { previewStep } } = settings;
  return [
    null,
    ...screeningWays(settings).filter(({ rule, perMode, text, step, preview, targetPassRate }) =>
      step === previewStep && preview === "sampled" &&
      (rule === "paper" ? perMode || text === "compound" : text === "explicit" && targetPassRate > 0.25)
    ),
  ];
};

/** The runs: all settings but those of screening are equal, every update leaves a checkpoint. */
export function learningCells(settings: TrainingSettings, plan: LearningPlan): readonly LearningCell[] {
  const concept = basename(settings.concept);
  return learningWays(settings).map((way, index): LearningCell => {
    const screened = way === null
      ? { ...settings, dsog: { ...settings.dsog, enabled: false } }
      : withScreening(settings, way);
    const id = `${settings.name}-${concept}-s${settings.seed}-screening-${index}`;
    return {
      ...{ id, concept, variant: screeningWayName(way), seed: settings.seed, way },
      settings: {
        ...screened,
        ...{ name: id, runs: plan.runs, saveEvery: EVERY, keep: (plan.updates + 1) as PositiveInt },
        rl: { ...settings.rl, maxSteps: plan.updates },
        evaluation: { ...settings.evaluation, tasks: [] },
      } as TrainingSettings,
    };
  });
}

/** Seconds of updates and decoding steps of a run. */
export interface Cost {
  readonly seconds: number;
  readonly decodeSteps: number;
}

const total = (rows: readonly MetricsRow[], name: string): number =>
  rows.reduce((sum, { metrics }) => sum + (metrics[name] ?? 0), 0);

/** What the updates up to a step have cost. */
export function costUntil(rows: readonly MetricsRow[], step: number): Cost {
  const done = rows.filter((row) => row.step <= step);
  return { seconds: total(done, "step_time"), decodeSteps: total(done, "dsog/decode_steps") };
}

/**
 * Says how far a run came in some seconds.
 *
 * @param rows The logged metrics of its updates, in order.
 * @param seconds Of updates alone; loading and cold start are the same for all.
 * @returns The last update that was done by then; 0 if none was.
 */
export function stepAfter(rows: readonly MetricsRow[], seconds: number): number {
  return rows.findLast(({ step }) => costUntil(rows, step).seconds <= seconds)?.step ?? 0;
}

/** A run as it stood after some updates. */
export interface LearningRow {
  readonly variant: string;
  /** `start`: before any update · `updates`: after all · `seconds`: when the run without screening had done all. */
  readonly after: "start" | "updates" | "seconds";
  readonly updates: number;
  readonly cost: Cost;
  /** Mean reward over groups without screening. */
  readonly reward: number;
  /** Share of right answers in groups about facts; `null` without such a group. */
  readonly right: number | null;
}

const measured = (pools: readonly (readonly PoolRow[])[]): Pick<LearningRow, "reward" | "right"> => {
  const textual = pools.flat().filter(({ mode }) => mode === "textual");
  return {
    reward: mean(pools.map((pool) => rewardSpread(pool.map(({ reward }) => reward)).mean)),
    right: textual.length === 0 ? null : mean(textual.map(({ right }) => right ? 1 : 0)),
  };
};

const drawGroups = (study: Study, groups: number): Stage<HasFiles, readonly (readonly PoolRow[])[]> => {
  const studies = byPreview(study);
  return RTE.traverseSeqArray((group: number) => drawPool(studies, group, []))(
    Array.from({ length: groups }, (_, group) => group),
  );
};

/** Draws the groups with the policy of a checkpoint. */
const measureCheckpoint = (
  study: Study,
  path: string,
  groups: number,
): Stage<CellNeeds, Pick<LearningRow, "reward" | "right">> =>
  scoped(
    pipe(loadCheckpoint(path), RTE.flatMapEither(stateOf)),
    (state) => pipe(drawGroups({ ...study, state }, groups), RTE.map(measured)),
    disposeState,
  );

interface Run {
  readonly done: FinishedCell;
  readonly rows: readonly MetricsRow[];
}

const measureRun = (
  study: Study,
  { done: { cell, folder }, rows }: Run,
  options: { readonly groups: number; readonly seconds: number },
): Stage<CellNeeds, readonly LearningRow[]> => {
  const moments = [
    { after: "updates", updates: rows[rows.length - 1]?.step ?? 0 },
    { after: "seconds", updates: stepAfter(rows, options.seconds) },
  ] as const;
  return pipe(
    RTE.asks(({ log }: HasLog) => log.progress(`learning: ${cell.variant}`)),
    RTE.flatMap(() =>
      RTE.traverseSeqArray(({ after, updates }: typeof moments[number]) =>
        pipe(
          measureCheckpoint(study, join(folder.checkpoints, stepName(updates)), options.groups),
          RTE.map((found): LearningRow => ({
            ...{ variant: cell.variant, after, updates, cost: costUntil(rows, updates) },
            ...found,
          })),
        )
      )(moments)
    ),
    RTE.map((found) => [...found]),
  );
};

/**
 * Trains with every way to screen and without, and measures all policies on the same unscreened groups.
 *
 * @param settings Of the runs, but for screening.
 * @returns The finished runs, each with the metrics of its updates.
 */
export function learningRuns(
  settings: TrainingSettings,
  plan: LearningPlan,
): Stage<CellNeeds, readonly Run[]> {
  if (plan.updates === 0) return RTE.right([]);
  return pipe(
    runCells(learningCells(settings, plan), { settingsFolder: join(plan.out, "settings") }),
    RTE.flatMap(({ finished }) =>
      RTE.traverseSeqArray((done: FinishedCell) =>
        pipe(readMetrics(done.folder.metrics), RTE.map((rows): Run => ({ done, rows })))
      )(finished)
    ),
  );
}

/**
 * Measures the policies of finished runs.
 *
 * @param study The cold-started policy, measured first.
 * @param runs From {@link learningRuns}; the first is the one without screening, whose seconds all are given.
 * @param groups How many groups each policy draws.
 */
export function measureLearning(
  study: Study,
  runs: readonly Run[],
  groups: number,
): Stage<CellNeeds, readonly LearningRow[]> {
  const [plain] = runs;
  if (plain === undefined) return RTE.right([]);
  const { seconds } = costUntil(plain.rows, Infinity);
  return pipe(
    drawGroups(study, groups),
    RTE.map((pools): LearningRow => ({
      ...{ variant: "cold start", after: "start", updates: 0, cost: { seconds: 0, decodeSteps: 0 } },
      ...measured(pools),
    })),
    RTE.bindTo("start"),
    RTE.bindW(
      "rows",
      () => RTE.traverseSeqArray((run: Run) => measureRun(study, run, { groups, seconds }))(runs),
    ),
    RTE.map(({ start, rows }) => [start, ...rows.flat()]),
  );
}
