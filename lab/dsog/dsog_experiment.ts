/**
 * DSOG: simulated on ten score distributions, and measured on a cold-started model.
 *
 * @module
 */
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles, HasLog } from "../../lib/core/capability.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { attemptAsync, type Checked, iterate, type Stage } from "../../lib/core/stage.ts";
import { type DsogSimulation, simulateDsog } from "./dsog_simulation.ts";
import { withCompat } from "../../lib/method/compat.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { type ModeThresholds, NO_THRESHOLDS } from "../../lib/method/thresholds.ts";
import { correlationFigure, costFigure, simulationFigures } from "./dsog_figures.ts";
import { correlations, costsOfReward } from "./dsog_numbers.ts";
import { filledGroup, type GroupRow, previewGroup, type PreviewRow, type Study } from "./dsog_rollouts.ts";
import { withStudy } from "./dsog_study.ts";
import { type DsogFound, dsogSummary, simulationCsv } from "./dsog_summary.ts";
import { byPreview, drawPool, type PoolRow, previewWays } from "./dsog_pools.ts";
import { type LearningRow, learningRuns, measureLearning } from "./dsog_learning.ts";
import { replay, screeningWays, summariseReplay, unscreenedGroups, wayCorrelations } from "./dsog_replay.ts";
import type { PoolsFound } from "./dsog_replay_summary.ts";
import type { CellNeeds } from "../experiments/run_cells.ts";

/** What the experiment is told. */
export interface DsogOptions {
  /** Updates of each simulation. */
  readonly updates: number;
  /** Groups for the rank correlation; 0 = only simulate. */
  readonly prompts: number;
  /** Groups with, and groups without screening. */
  readonly groups: number;
  /** Groups of pools, on which rules are compared; 0 = none. */
  readonly pools: number;
  /** Updates of runs with and without screening; 0 = no runs. */
  readonly learn: number;
  /** Folder of the run that gives the cold-started model. */
  readonly runs: string;
  /** Folder of the results. */
  readonly out: string;
}

/** What the model showed. */
export interface DsogMeasured {
  readonly previews: readonly PreviewRow[];
  readonly groups: readonly GroupRow[];
  readonly pools: readonly (readonly PoolRow[])[];
  readonly learning: readonly LearningRow[];
}

/** Steps whose previews are scored: about eight, t* and the last but one among them. */
export function previewSteps({ dsog, generation: { timesteps } }: TrainingSettings): readonly number[] {
  const stride = Math.max(1, Math.ceil((timesteps - 1) / 8));
  const regular = Array.from({ length: timesteps - 1 }, (_, index) => index + 1).filter((step) =>
    (step - 1) % stride === 0
  );
  return [...new Set([...regular, dsog.previewStep, timesteps - 1])].sort((a, b) => a - b);
}

const say = (line: string): Stage<HasLog, void> => RTE.asks(({ log }: HasLog) => log.progress(line));

const drawPreviews = (study: Study, count: number): Stage<CellNeeds, readonly PreviewRow[]> =>
  pipe(
    RTE.traverseSeqArray((group: number) =>
      pipe(
        say(`rank correlation: group ${group + 1} of ${count}`),
        RTE.flatMap(() => previewGroup(study, group, previewSteps(study.settings))),
      )
    )(Array.from({ length: count }, (_, group) => group)),
    RTE.map((rows) => rows.flat()),
  );

const drawPools = (study: Study, count: number): Stage<CellNeeds, readonly (readonly PoolRow[])[]> => {
  if (count === 0) return RTE.right([]);
  const studies = byPreview(study);
  const ways = previewWays(study.settings);
  return RTE.traverseSeqArray((group: number) =>
    pipe(
      say(`rules on the same candidates: group ${group + 1} of ${count}`),
      RTE.flatMap(() => drawPool(studies, group, ways)),
    )
  )(Array.from({ length: count }, (_, group) => group));
};

interface Filling {
  readonly rows: readonly GroupRow[];
  readonly thresholds: ModeThresholds;
  readonly next: number;
}

/** Group by group without and with screening in turn, so that a busy machine disturbs both alike; the first pair warms up. */
function fillGroups(study: Study, count: number): Stage<CellNeeds, readonly GroupRow[]> {
  const step = ({ rows, thresholds, next }: Filling): Stage<CellNeeds, Filling> =>
    pipe(
      say(`seconds to a reward: group ${next + 1} of ${count + 1}`),
      RTE.flatMap(() => filledGroup(study, next, { screened: false, thresholds: NO_THRESHOLDS })),
      RTE.bindTo("plain"),
      RTE.bindW("screened", () => filledGroup(study, next, { screened: true, thresholds })),
      RTE.map(({ plain, screened }) => ({
        rows: next === 0 ? rows : [...rows, plain.row, screened.row],
        thresholds: screened.thresholds,
        next: next + 1,
      })),
    );
  return pipe(
    { rows: [], thresholds: NO_THRESHOLDS, next: 0 } as Filling,
    iterate<CellNeeds, Filling>(({ next }) => next > count, step),
    RTE.map(({ rows }) => rows),
  );
}

type Filled = { readonly row: GroupRow; readonly thresholds: ModeThresholds };

const measure = (settings: TrainingSettings, options: DsogOptions): Stage<CellNeeds, DsogMeasured | null> =>
  options.prompts === 0 ? RTE.right(null) : pipe(
    learningRuns(settings, { updates: options.learn, runs: options.runs, out: options.out }),
    RTE.flatMap((runs) =>
      withStudy(settings, options, (study) =>
        pipe(
          RTE.Do,
          RTE.bindW("learning", () => measureLearning(study, runs, options.groups)),
          RTE.bindW("previews", () => drawPreviews(study, options.prompts)),
          RTE.bindW("groups", () => fillGroups(study, options.groups)),
          RTE.bindW("pools", () => drawPools(study, options.pools)),
        ))
    ),
  );

const write =
  (folder: string, texts: Readonly<Record<string, string>>): Stage<HasFiles, void> => ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() =>
        TE.traverseSeqArray(([name, text]: [string, string]) => files.writeAtomic(join(folder, name), text))(
          Object.entries(texts),
        )
      ),
      TE.map(() => undefined),
    );

const drawn = <A>(figures: () => Promise<A>): Stage<unknown, A> =>
  RTE.fromTaskEither(attemptAsync((problem) => ({ _tag: "FileFailure", path: "figures", problem }), figures));

/** The files of the simulation. */
function simulationFiles(
  simulations: readonly DsogSimulation[],
): Stage<unknown, Readonly<Record<string, string>>> {
  return pipe(
    drawn(() => simulationFigures(simulations)),
    RTE.map(({ threshold, passRate }) => ({
      "simulation.json": `${JSON.stringify(simulations)}\n`,
      "simulation.csv": simulationCsv(simulations),
      "simulation-threshold.svg": threshold,
      "simulation-pass-rate.svg": passRate,
    })),
  );
}

/** Every rule on the pools, beside no screening. */
function rulesOf(
  pools: DsogMeasured["pools"],
  settings: TrainingSettings,
): Checked<PoolsFound | null> {
  if (pools.length === 0) return E.right(null);
  const { generation: { timesteps }, rl: { numGenerations } } = settings;
  const plain = summariseReplay(unscreenedGroups(pools, numGenerations), null, timesteps);
  return pipe(
    screeningWays(settings),
    E.traverseArray((way) =>
      pipe(replay(pools, way, settings), E.map((groups) => summariseReplay(groups, way, timesteps)))
    ),
    E.map((replays): PoolsFound => ({
      groups: pools.length,
      candidates: pools[0]?.length ?? 0,
      correlations: wayCorrelations(pools, previewWays(settings), keyFromSeed(CORRELATION_SEED)),
      replays: [plain, ...replays],
    })),
  );
}

const numbersOf = (measured: DsogMeasured, settings: TrainingSettings): Checked<DsogFound & DsogMeasured> =>
  pipe(
    rulesOf(measured.pools, settings),
    E.map((rules) => ({
      correlations: correlations(measured.previews, keyFromSeed(CORRELATION_SEED)),
      costs: costsOfReward(measured.groups),
      rules,
      ...measured,
    })),
  );

/** The files of what was measured on the model. */
const measuredFiles = (
  found: DsogFound,
): Stage<unknown, Readonly<Record<string, string>>> =>
  drawn(async () => ({
    "measured.json": `${JSON.stringify(found, null, 1)}\n`,
    "rank-correlation.svg": await correlationFigure(found.correlations),
    "seconds.svg": await costFigure(found.costs),
  }));

/** The seed of the bootstrap over groups. */
const CORRELATION_SEED = 22;

/** The seed of the simulated draws. */
const SIMULATION_SEED = 11;

/**
 * Simulates DSOG, measures it on the model, and writes all of it.
 *
 * @param given Concept, cold start and DSOG of the measured model.
 * @param options Sizes and folders.
 * @returns A stage; `summary.md`, `simulation.*`, `measured.json` and figures are written.
 */
export function dsogExperiment(given: TrainingSettings, options: DsogOptions): Stage<CellNeeds, void> {
  const settings = withCompat(given);
  const simulations = simulateDsog({ key: keyFromSeed(SIMULATION_SEED), updates: options.updates });
  return pipe(
    simulationFiles(simulations),
    RTE.flatMap((files) => write(options.out, files)),
    RTE.flatMap(() => measure(settings, options)),
    RTE.flatMapEither((measured): Checked<DsogFound | null> =>
      measured === null ? E.right(null) : numbersOf(measured, settings)
    ),
    RTE.bindTo("found"),
    RTE.bindW(
      "files",
      ({ found }) => (found === null ? RTE.right({}) : measuredFiles(found)),
    ),
    RTE.let("summary", ({ found }) => dsogSummary(simulations, found, settings)),
    RTE.tap(({ files, summary }) => write(options.out, { ...files, "summary.md": summary })),
    RTE.flatMapReader(({ summary }) => ({ log }: CellNeeds): void =>
      log.info(`${summary}\nresults: ${options.out}`)
    ),
  );
}
