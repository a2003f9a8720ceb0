/**
 * A run as a card of the list: what it is about, how far it is, what it reached.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasClock, HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { type Evaluation, readEvaluations } from "../../lib/run/evaluation.ts";
import { type RunFolder, runFolder } from "../../lib/run/folder.ts";
import { type MetricsRow, readMetrics } from "../../lib/run/metrics_log.ts";
import { type RunSummary, summariseRun } from "../../lib/run/run_summary.ts";
import type { FileMark, HasMarks } from "../capability.ts";

/** What a run does right now, as far as its files tell. */
export type RunState = "running" | "finished" | "stopped";

/** A run as a card. */
export interface RunCard {
  readonly folder: RunFolder;
  readonly summary: RunSummary;
  readonly state: RunState;
  /** The last sign of life, ISO 8601. */
  readonly changed: string;
  readonly maxSteps: number;
  readonly rows: readonly MetricsRow[];
  /** Oldest first. */
  readonly evaluations: readonly Evaluation[];
}

/** Milliseconds without a sign after which a run counts as stopped: an evaluation writes nothing for a while. */
const SILENCE = 180_000;

/**
 * Says what a run does from when its files changed.
 *
 * @param marks Of the report, and of everything that a run writes on its way.
 * @param now Milliseconds since 1970.
 * @returns Finished if the report came last; running if something changed in the last three minutes.
 *
 * @example
 * ```ts
 * import { stateOf } from "./run_card.ts";
 * import assert from "node:assert/strict";
 * const at = (modified: number) => ({ modified, size: 1 });
 * assert.equal(stateOf({ report: null, parts: [at(1000)] }, 2000), "running");
 * assert.equal(stateOf({ report: at(1500), parts: [at(1000)] }, 2000), "finished");
 * ```
 */
export function stateOf(
  marks: { readonly report: FileMark | null; readonly parts: readonly (FileMark | null)[] },
  now: number,
): RunState {
  const last = lastChange(marks.parts);
  if (marks.report !== null && marks.report.modified >= last) return "finished";
  return now - last < SILENCE ? "running" : "stopped";
}

const lastChange = (marks: readonly (FileMark | null)[]): number =>
  Math.max(0, ...marks.map((mark) => mark?.modified ?? 0));

const partsOf = (folder: RunFolder): readonly string[] => [
  ...[folder.metrics, folder.manifest, folder.samples, folder.checkpoints, folder.evaluations],
  join(folder.path, "cold_start.jsonl"),
];

const readState = (
  folder: RunFolder,
): Stage<HasMarks & HasClock, { readonly state: RunState; readonly changed: string }> =>
({ mark, clock }) =>
  pipe(
    [folder.report, ...partsOf(folder)],
    TE.traverseSeqArray(mark),
    TE.map(([report = null, ...parts]) => ({
      state: stateOf({ report, parts }, Date.parse(clock.date())),
      changed: new Date(Math.max(lastChange(parts), report?.modified ?? 0)).toISOString(),
    })),
  );

/**
 * Reads a run.
 *
 * @returns A stage with its card; what a run has not written yet is empty.
 */
export function readCard(folder: RunFolder): Stage<HasFiles & HasMarks & HasClock, RunCard> {
  return pipe(
    RTE.Do,
    RTE.bindW("summary", () => summariseRun(folder)),
    RTE.bindW("rows", () => readMetrics(folder.metrics)),
    RTE.bindW("evaluations", () => readEvaluations(folder.evaluations)),
    RTE.bindW("now", () => readState(folder)),
    RTE.map(({ now, summary, ...read }) => {
      const steps = summary.config["rl.max_steps"];
      return { folder, summary, ...now, maxSteps: typeof steps === "number" ? steps : 0, ...read };
    }),
  );
}

/**
 * Lists the names of all runs: what holds a manifest.
 *
 * @param root The folder of all runs.
 * @returns A stage with folder names; none if there is no such folder.
 */
export function runNames(root: string): Stage<HasFiles, readonly string[]> {
  return ({ files }) =>
    pipe(
      files.list(root),
      TE.flatMap(TE.traverseSeqArray((name) =>
        pipe(files.exists(join(root, name, "manifest.json")), TE.map((exists) => exists ? [name] : []))
      )),
      TE.map(RA.flatten),
    );
}

/**
 * Finds a run by its name. The name is looked up among those that exist; it is never made into a path.
 *
 * @param root The folder of all runs.
 * @param name What was asked for.
 * @returns A stage with the run's paths; left `FileMissing` if no run is called so.
 */
export function findRun(root: string, name: string): Stage<HasFiles, RunFolder> {
  return pipe(
    runNames(root),
    RTE.flatMap((names): Stage<HasFiles, RunFolder> => {
      const found = names.find((each) => each === name);
      return found !== undefined ? RTE.right(runFolder(join(root, found))) : RTE.left({
        _tag: "FileMissing",
        path: "this run",
        remedy: "it was moved or deleted; choose one from the list",
      });
    }),
  );
}

/**
 * Reads all runs.
 *
 * @param root The folder of all runs.
 * @returns A stage with the cards, newest run first.
 */
export function readCards(root: string): Stage<HasFiles & HasMarks & HasClock, readonly RunCard[]> {
  return pipe(
    runNames(root),
    RTE.flatMap(RTE.traverseSeqArray((name) => readCard(runFolder(join(root, name))))),
    RTE.map((cards) => [...cards].sort((a, b) => a.summary.started < b.summary.started ? 1 : -1)),
  );
}
