/**
 * What all experiments share: the lock, runs as processes, the table on the terminal, the exit code.
 *
 * @module
 */
import { join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { PipelineError } from "../../lib/core/error.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { personalise } from "../../lib/training/personalise.ts";
import type { ExperimentOutcome } from "../../lab/experiments/main_experiment.ts";
import { continueRun } from "../../lab/experiments/continue_run.ts";
import type { CellNeeds } from "../../lab/experiments/run_cells.ts";
import { terminalTable } from "../../lib/metrics/table_formats.ts";
import type { Live } from "../../lib/run/live.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { processRunner, stopWhenInputCloses, takeLock } from "./processes.ts";

/** The common flags of a command. */
export interface CommonFlags {
  readonly quiet: boolean;
  readonly json: boolean;
}

/** 0; 1 if a run failed; 130 if a person stopped it. */
const exitCode = ({ failed, interrupted }: ExperimentOutcome): number =>
  interrupted ? 130 : failed.length > 0 ? 1 : 0;

function tell(outcome: ExperimentOutcome, out: string): (needs: CellNeeds) => number {
  return ({ log }) => {
    if (outcome.table !== null) log.info(`${terminalTable(outcome.table).trimEnd()}\n\ntables: ${out}`);
    outcome.failed.forEach(({ cell, code }) => log.warn(`${cell.id} failed with exit code ${code}`));
    if (outcome.interrupted) log.warn("stopped; the same command goes on");
    return exitCode(outcome);
  };
}

/** How an experiment's runs are started. */
export interface RunsOptions {
  /** The experiment's folder, which only one process may use at a time. */
  readonly out: string;
  /** Common flags, handed on to the runs. */
  readonly flags: CommonFlags;
  /** Runs at a time; several print warnings and errors only, so that their lines don't mix. Default 1. */
  readonly parallel?: number;
}

/**
 * Adds the way to run cells to what a command has.
 *
 * @param stage A stage that has cells run.
 * @returns The stage for a command.
 */
export function withRuns<A>(
  stage: Stage<CellNeeds, A>,
  options: RunsOptions,
): Stage<Live, A> {
  const { flags: { quiet, json }, parallel = 1 } = options;
  const flags = [...quiet || parallel > 1 ? ["--quiet"] : [], ...json ? ["--json"] : []];
  return (live) =>
    pipe(
      RTE.fromTaskEither<PipelineError, void>(takeLock(join(options.out, "lock"), { wait: false })),
      RTE.flatMap(() => stage),
    )({ ...live, cells: processRunner(live.interrupt, flags) });
}

/**
 * Runs an experiment and prints its table.
 *
 * @param options As of {@link withRuns}.
 * @returns The stage for a command, with its exit code.
 */
export function experiment(
  stage: Stage<CellNeeds, ExperimentOutcome>,
  options: RunsOptions,
): Stage<Live, number> {
  return withRuns(pipe(stage, RTE.flatMapReader((outcome) => tell(outcome, options.out))), options);
}

/**
 * Brings one run to its end.
 *
 * @param options.attached Whether to stop after a step when standard input closes.
 * @returns The stage for a command.
 */
export function singleRun(
  settings: TrainingSettings,
  options: { readonly attached: boolean },
): Stage<Live, void> {
  const gone = options.attached ? stopWhenInputCloses() : { requested: () => false };
  const environment = { force: false, project: ".", variable: (name: string) => Deno.env.get(name) };
  const work = continueRun(settings, (each, resume) => personalise(each, { resume, ...environment }));
  return (live) =>
    pipe(
      RTE.fromTaskEither<PipelineError, void>(
        takeLock(join(settings.runs, `.${settings.name}.lock`), { wait: true }),
      ),
      RTE.flatMap(() => work),
    )({
      ...live,
      interrupt: { requested: () => live.interrupt.requested() || gone.requested() },
    });
}
