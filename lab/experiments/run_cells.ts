/**
 * Many cells, one after the other, each in a process of its own: finished ones are skipped, unfinished ones go on.
 *
 * @module
 */
import { mean } from "../../lib/core/mean.ts";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { stringifyConfig } from "../../lib/config/stringify.ts";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";
import { iterate, type Stage } from "../../lib/core/stage.ts";
import type { RunFolder } from "../../lib/run/folder.ts";
import { durationText } from "../../lib/run/status.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import { type Cell, type CellState, findCell } from "./cell.ts";

/** Brings the cell of a settings file to its end: in its own process, whose memory is free again afterwards. */
export interface CellRunner {
  /** 0, or the exit code of the failure; 130 after Ctrl-C. */
  readonly run: (settingsFile: string) => TE.TaskEither<PipelineError, number>;
}

/** A stage that has cells run. */
export interface HasCellRunner {
  readonly cells: CellRunner;
}

/** What {@link runCells} needs. */
export type CellNeeds = HasFiles & HasLog & HasClock & HasInterrupt & HasCellRunner;

/** A cell with its finished run. */
export interface FinishedCell {
  readonly cell: Cell;
  readonly folder: RunFolder;
}

/** How the cells ended. */
export interface CellsOutcome {
  readonly finished: readonly FinishedCell[];
  /** Cells whose run failed, with the exit code. */
  readonly failed: readonly { readonly cell: Cell; readonly code: number }[];
  /** Whether a person stopped it; the same call goes on. */
  readonly interrupted: boolean;
}

interface Progress extends CellsOutcome {
  readonly next: number;
  /** Seconds of the runs of this call. */
  readonly seconds: readonly number[];
}

/**
 * Says where an experiment is and how long it will take.
 *
 * @param cell The run that begins.
 * @param place Its number from 1, the number of all, and how many of those from here on still have to run.
 * @param seconds Seconds of the runs so far.
 * @returns One line.
 *
 * @example
 * ```ts
 * import { progressLine } from "./run_cells.ts";
 * import assert from "node:assert/strict";
 * const cell = { id: "nano-mip-s1" };
 * assert.equal(progressLine(cell, { number: 3, of: 8, left: 6 }, [400, 440]),
 *   "run 3 of 8: nano-mip-s1; about 7 min 0 s a run, 42 min 0 s left");
 * ```
 */
export function progressLine(
  cell: Pick<Cell, "id">,
  place: { readonly number: number; readonly of: number; readonly left: number },
  seconds: readonly number[],
): string {
  const estimate = seconds.length === 0
    ? `${place.left} to do, time left known after the first`
    : `about ${durationText(mean(seconds))} a run, ${durationText(mean(seconds) * place.left)} left`;
  return `run ${place.number} of ${place.of}: ${cell.id}; ${estimate}`;
}

/** Writes a cell's settings, has it run, and looks at what came of it. */
function perform(
  cell: Cell,
  folder: string,
): Stage<CellNeeds, { readonly code: number; readonly state: CellState }> {
  const file = join(folder, `${cell.id}.yaml`);
  return pipe(
    RTE.asks(({ files, cells }: CellNeeds) => ({ files, cells })),
    RTE.flatMapTaskEither(({ files, cells }) =>
      pipe(
        files.makeFolder(folder),
        TE.flatMap(() => files.writeAtomic(file, stringifyConfig(TRAINING, cell.settings))),
        TE.flatMap(() => cells.run(file)),
      )
    ),
    RTE.bindTo("code"),
    RTE.bindW("state", () => findCell(cell.settings)),
  );
}

const INTERRUPTED = 130;

function afterRun(
  progress: Progress,
  cell: Cell,
  result: { readonly code: number; readonly state: CellState; readonly seconds: number },
): Progress {
  const next = { ...progress, next: progress.next + 1, seconds: [...progress.seconds, result.seconds] };
  if (result.state._tag === "Finished") {
    return { ...next, finished: [...progress.finished, { cell, folder: result.state.folder }] };
  }
  if (result.code === INTERRUPTED) return { ...progress, interrupted: true };
  return { ...next, failed: [...progress.failed, { cell, code: result.code }] };
}

function advance(cells: readonly Cell[], options: CellsOptions, waiting: ReadonlySet<string>) {
  return (progress: Progress): Stage<CellNeeds, Progress> => (needs) => async () => {
    const cell = cells[progress.next] as Cell;
    const found = await findCell(cell.settings)(needs)();
    if (E.isLeft(found)) return found;
    if (found.right._tag === "Finished") {
      const { folder } = found.right;
      return E.right({
        ...progress,
        next: progress.next + 1,
        finished: [...progress.finished, { cell, folder }],
      });
    }
    if (needs.interrupt.requested()) return E.right({ ...progress, interrupted: true });
    const left = cells.slice(progress.next).filter(({ id }) => waiting.has(id)).length;
    const place = { number: progress.next + 1, of: cells.length, left };
    needs.log.info(progressLine(cell, place, progress.seconds));
    const started = needs.clock.now();
    const done = await perform(cell, options.settingsFolder)(needs)();
    if (E.isLeft(done)) return done;
    const after = afterRun(progress, cell, { ...done.right, seconds: (needs.clock.now() - started) / 1000 });
    if (after.failed.length > progress.failed.length) {
      needs.log.warn(`${cell.id} failed with exit code ${done.right.code}; the other runs go on`);
    }
    return E.right(after);
  };
}

/** Where the settings of the cells are written. */
export interface CellsOptions {
  readonly settingsFolder: string;
}

const waitingOf = (cells: readonly Cell[]): Stage<HasFiles, ReadonlySet<string>> =>
  pipe(
    RTE.traverseSeqArray((cell: Cell) =>
      pipe(findCell(cell.settings), RTE.map((state) => state._tag === "Finished" ? [] : [cell.id]))
    )(cells),
    RTE.map((ids) => new Set(ids.flat())),
  );

/**
 * Runs cells in order. A killed call leaves finished runs and checkpoints behind, and the next call goes on from them.
 *
 * @param options Where settings are written.
 * @returns What is finished, what failed, and whether a person stopped it.
 */
export function runCells(cells: readonly Cell[], options: CellsOptions): Stage<CellNeeds, CellsOutcome> {
  const start: Progress = { next: 0, seconds: [], finished: [], failed: [], interrupted: false };
  return pipe(
    waitingOf(cells),
    RTE.tapReader((waiting) => ({ log }: CellNeeds): void => {
      if (waiting.size < cells.length) {
        log.info(`${cells.length - waiting.size} of ${cells.length} runs are finished already`);
      }
    }),
    RTE.flatMap((waiting) =>
      iterate<CellNeeds, Progress>(
        ({ next, interrupted }) => interrupted || next >= cells.length,
        advance(cells, options, waiting),
      )(start)
    ),
  );
}
