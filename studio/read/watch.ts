/**
 * What is seen of a run that goes on, from its files alone.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasClock, HasFiles } from "../../lib/core/capability.ts";
import { textIfThere } from "../../lib/core/text_file.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { RunFolder } from "../../lib/run/folder.ts";
import type { MetricsRow } from "../../lib/run/metrics_log.ts";
import type { HasMarks } from "../capability.ts";
import { readCard, type RunCard } from "./run_card.ts";
import { readSampleLines, type SampleLine, sampleSteps } from "./run_picture.ts";

/** A run with what its page shows besides the card. */
export interface Watched extends RunCard {
  /** Warnings of the log, newest first, each with its remedy. */
  readonly warnings: readonly string[];
  /** Steps that have samples. */
  readonly sampled: readonly number[];
  /** The newest group. */
  readonly group: readonly SampleLine[];
}

/** Warnings that a page shows at most. */
const SHOWN_WARNINGS = 5;

/** Updates whose mean time the estimate rests on. */
const PACE = 8;

/**
 * Picks the warnings out of a run's log.
 *
 * @param log The content of `log.txt`.
 * @returns Their texts, newest first, each once.
 *
 * @example
 * ```ts
 * import { warningsIn } from "./watch.ts";
 * import assert from "node:assert/strict";
 * const log = "2026-03-01T12:30:05.123Z warning: step 4: low; raise it\n2026-03-01T12:30:06.123Z update 5";
 * assert.deepEqual(warningsIn(log), ["step 4: low; raise it"]);
 * ```
 */
export function warningsIn(log: string): readonly string[] {
  const found = [...log.matchAll(/^\S+ warning: (.+)$/gm)].map((match) => match[1] as string);
  return [...new Set(found.reverse())].slice(0, SHOWN_WARNINGS);
}

/**
 * Estimates how long the updates that are left will take.
 *
 * @param rows The updates that are done.
 * @param maxSteps How many there will be.
 * @returns Seconds; `null` before the first update.
 *
 * @example
 * ```ts
 * import { secondsLeft } from "./watch.ts";
 * import assert from "node:assert/strict";
 * assert.equal(secondsLeft([{ step: 1, metrics: { step_time: 3 } }], 5), 12);
 * ```
 */
export function secondsLeft(rows: readonly MetricsRow[], maxSteps: number): number | null {
  const times = rows.flatMap(({ metrics }) => metrics["step_time"] ?? []).slice(-PACE);
  const done = rows.at(-1)?.step ?? 0;
  if (times.length === 0) return null;
  return Math.max(0, maxSteps - done) * times.reduce((sum, time) => sum + time, 0) / times.length;
}

/**
 * Reads all that the page of a run shows.
 *
 * @returns A stage; what the run has not written yet is empty.
 */
export function watchRun(folder: RunFolder): Stage<HasFiles & HasMarks & HasClock, Watched> {
  return pipe(
    RTE.Do,
    RTE.bindW("card", () => readCard(folder)),
    RTE.bindW("log", () => ({ files }: HasFiles) => textIfThere(files, folder.log)),
    RTE.bindW("sampled", () => sampleSteps(folder)),
    RTE.bindW("group", ({ sampled }) => readSampleLines(folder, sampled.at(-1) ?? 0)),
    RTE.map(({ card, log, ...samples }) => ({ ...card, ...samples, warnings: warningsIn(log) })),
  );
}

/**
 * Sums up when the files of a run changed, so that a change is noticed without reading them.
 *
 * @returns A stage with a word that is another one after each change.
 */
export function runMark(folder: RunFolder): Stage<HasMarks, string> {
  const { metrics, samples, evaluations, log, report, checkpoints } = folder;
  return ({ mark }) =>
    pipe(
      [metrics, samples, evaluations, log, report, checkpoints, join(folder.path, "cold_start.jsonl")],
      TE.traverseSeqArray(mark),
      TE.map((marks) => marks.map((each) => `${each?.modified ?? 0}.${each?.size ?? 0}`).join("-")),
    );
}
