/**
 * Many cells, some at a time, each in a process of its own: finished ones are skipped, unfinished ones go on.
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
import type { Stage } from "../../lib/core/stage.ts";
import type { RunFolder } from "../../lib/run/folder.ts";
import { durationText } from "../../lib/run/status.ts";
import { TRAINING } from "../../lib/method/settings.ts";
import { type Cell, findCell } from "./cell.ts";

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

/** How one cell ended; `waiting` was not begun, or stopped on its way. */
type Ended =
  | { readonly _tag: "finished"; readonly folder: RunFolder }
  | { readonly _tag: "failed"; readonly code: number }
  | { readonly _tag: "waiting" };

const WAITING: Ended = { _tag: "waiting" };

/** The exit code of a run that a person stopped. */
const INTERRUPTED = 130;

/** Writes a cell's settings, has it run, and looks at what came of it. */
function perform(cell: Cell, folder: string): Stage<CellNeeds, Ended> {
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
    RTE.map(({ code, state }): Ended => {
      if (state._tag === "Finished") return { _tag: "finished", folder: state.folder };
      return code === INTERRUPTED ? WAITING : { _tag: "failed", code };
    }),
  );
}

/** Where the settings of the cells are written, and how many run at a time. */
export interface CellsOptions {
  readonly settingsFolder: string;
  /** Default 1. */
  readonly parallel?: number | undefined;
}

/** What the cells of a call share while they run. */
interface Call {
  readonly cells: readonly Cell[];
  readonly options: CellsOptions;
  /** How each cell ended, by its place; a cell that is not there yet still waits. */
  readonly ended: Map<number, Ended>;
  /** Seconds of the runs of this call. */
  readonly seconds: number[];
}

/** Says that a run begins. With several at a time the time that is left is divided among them. */
function announce({ cells, options, ended, seconds }: Call, place: number): Stage<CellNeeds, void> {
  const left = cells.filter((_, index) => index >= place && !ended.has(index)).length;
  const shared = seconds.map((each) => each / (options.parallel ?? 1));
  return ({ log }) =>
    TE.fromIO(() =>
      log.info(progressLine(cells[place] as Cell, { number: place + 1, of: cells.length, left }, shared))
    );
}

/** Brings one cell to its end and says so where several run at a time, whose own words nobody sees. */
const bring = (call: Call, place: number): Stage<CellNeeds, Ended> => (needs) => async () => {
  const cell = call.cells[place] as Cell;
  const announced = await announce(call, place)(needs)();
  if (E.isLeft(announced)) return announced;
  const started = needs.clock.now();
  const done = await perform(cell, call.options.settingsFolder)(needs)();
  if (E.isLeft(done)) return done;
  const seconds = (needs.clock.now() - started) / 1000;
  if (done.right._tag !== "waiting") call.seconds.push(seconds);
  if (done.right._tag === "failed") {
    needs.log.warn(`${cell.id} failed with exit code ${done.right.code}; the other runs go on`);
  } else if (done.right._tag === "finished" && (call.options.parallel ?? 1) > 1) {
    needs.log.info(`${cell.id} finished after ${durationText(seconds)}`);
  }
  return done;
};

/** Takes cells in order, some at a time, until none is left, a person stops it, or something breaks. */
const takeAll = (call: Call): Stage<CellNeeds, void> => (needs) => async () => {
  const queue = call.cells.map((_, place) => place).filter((place) => !call.ended.has(place));
  let broken: E.Either<PipelineError, void> = E.right(undefined);
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (!stopped && E.isRight(broken) && !needs.interrupt.requested()) {
      const place = queue.shift();
      if (place === undefined) return;
      const done = await bring(call, place)(needs)();
      if (E.isLeft(done)) broken = done;
      else if (done.right._tag === "waiting") stopped = true;
      else call.ended.set(place, done.right);
    }
  };
  await Promise.all(Array.from({ length: call.options.parallel ?? 1 }, worker));
  return broken;
};

/** Finds the cells whose run is finished already. */
const finishedBefore = (cells: readonly Cell[]): Stage<CellNeeds, Map<number, Ended>> =>
  pipe(
    RTE.traverseSeqArray((cell: Cell) => findCell(cell.settings))(cells),
    RTE.map((states) =>
      new Map(
        states.flatMap((state, place): readonly (readonly [number, Ended])[] =>
          state._tag === "Finished" ? [[place, { _tag: "finished", folder: state.folder }]] : []
        ),
      )
    ),
    RTE.tapReader((ended) => ({ log }: CellNeeds): void => {
      if (ended.size > 0) log.info(`${ended.size} of ${cells.length} runs are finished already`);
    }),
  );

function outcomeOf({ cells, ended }: Call): CellsOutcome {
  const all = cells.map((cell, place) => ({ cell, end: ended.get(place) ?? WAITING }));
  return {
    finished: all.flatMap(({ cell, end }) => end._tag === "finished" ? [{ cell, folder: end.folder }] : []),
    failed: all.flatMap(({ cell, end }) => end._tag === "failed" ? [{ cell, code: end.code }] : []),
    interrupted: all.some(({ end }) => end._tag === "waiting"),
  };
}

/**
 * Runs cells in order, some at a time. A killed call leaves finished runs and checkpoints behind, and the next call goes on from
 * them; how many run at a time changes no result.
 *
 * @param options Where settings are written, and how many run at a time.
 * @returns What is finished and what failed, in the order of the cells, and whether a person stopped it.
 */
export function runCells(cells: readonly Cell[], options: CellsOptions): Stage<CellNeeds, CellsOutcome> {
  return pipe(
    finishedBefore(cells),
    RTE.map((ended): Call => ({ cells, options, ended, seconds: [] })),
    RTE.tap(takeAll),
    RTE.map(outcomeOf),
  );
}
