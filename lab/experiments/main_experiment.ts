/**
 * The main result: cold start (UniCTokens) against cold start + UniCTask-GRPO, over concepts and seeds.
 *
 * @module
 */
import { join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { MetricTable } from "../../lib/metrics/table.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { beforeAfterGrid } from "./before_after.ts";
import { type CellPlan, cellsOf } from "./cell.ts";
import { provenance, readOutcome, type RunOutcome, writeTable } from "./outcomes.ts";
import { type Method, pairedTable } from "./paired.ts";
import { type CellNeeds, type CellsOutcome, type FinishedCell, runCells } from "./run_cells.ts";

/** Where an experiment writes, and what it repeats. */
export interface ExperimentOptions extends Omit<CellPlan, "runs"> {
  /** The experiment's own folder. */
  readonly out: string;
  /** Folder of the run folders, shared by experiments with the same settings. */
  readonly runs: string;
  /** Runs at a time; default 1. */
  readonly parallel?: number;
}

/** What an experiment found. */
export interface ExperimentOutcome extends CellsOutcome {
  /** `null` as long as no run is finished. */
  readonly table: MetricTable | null;
}

/** The seed of the bootstrap. */
const BOOTSTRAP_SEED = 20;

/**
 * The methods of the main result.
 *
 * @param outcomes Runs of one variant.
 * @returns Cold start and cold start + UniCTask-GRPO.
 */
export function mainMethods(outcomes: readonly RunOutcome[]): readonly Method[] {
  return [
    { name: "UniCTokens (cold start)", samples: outcomes.map(({ before }) => before) },
    { name: "+ UniCTask-GRPO", samples: outcomes.map(({ after }) => after) },
  ];
}

/** The first seed of every concept. */
const oneEach = <A extends FinishedCell>(runs: readonly A[]): readonly A[] =>
  [...Map.groupBy(runs, ({ cell }) => cell.concept).values()].map((same) => same[0] as A);

const writeGrid = (path: string, runs: readonly FinishedCell[]): Stage<CellNeeds, void> =>
  pipe(
    beforeAfterGrid(oneEach(runs)),
    RTE.flatMap((png) => ({ files }: CellNeeds) => files.writeAtomic(path, png)),
  );

function report(outcome: CellsOutcome, updates: number, out: string): Stage<CellNeeds, ExperimentOutcome> {
  if (outcome.finished.length === 0) return RTE.right({ ...outcome, table: null });
  return pipe(
    RTE.traverseSeqArray(readOutcome)(outcome.finished),
    RTE.bindTo("outcomes"),
    RTE.let("table", ({ outcomes }) =>
      pairedTable(mainMethods(outcomes), {
        title: `Cold start against cold start + ${updates} updates`,
        key: keyFromSeed(BOOTSTRAP_SEED),
        notes: provenance(outcomes),
      })),
    RTE.tap(({ table, outcomes }) => writeTable(out, table, outcomes)),
    RTE.tap(() => writeGrid(join(out, "grid.png"), outcome.finished)),
    RTE.map(({ table }) => ({ ...outcome, table })),
  );
}

/**
 * Runs the main experiment: every concept with every seed, evaluated after the cold start and after the updates.
 *
 * Finished runs are skipped and unfinished ones go on, so that a killed call is continued by calling again. Tables are written
 * of what is finished, also after an interruption.
 *
 * @param base The settings of all runs but for concept and seed.
 * @param options Concepts, seeds, tasks, folders.
 * @returns The outcome; `table.json`, `table.md`, `table.csv` and `grid.png` are written.
 */
export function mainExperiment(
  base: TrainingSettings,
  options: ExperimentOptions,
): Stage<CellNeeds, ExperimentOutcome> {
  return pipe(
    runCells(cellsOf(base, options), {
      settingsFolder: join(options.out, "settings"),
      parallel: options.parallel,
    }),
    RTE.flatMap((outcome) => report(outcome, base.rl.maxSteps, options.out)),
  );
}
