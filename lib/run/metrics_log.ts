/**
 * `metrics.jsonl`: one JSON object per step, the same keys in every row, `null` for what a step did not measure.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";

/** What a step measured. */
export type Metrics = Readonly<Record<string, number | null>>;

/** A line of the file. */
export interface MetricsRow {
  readonly step: number;
  readonly metrics: Metrics;
}

const finiteOrNull = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

/**
 * Writes a row as one line of JSON, `step` first.
 *
 * @param row The row; NaN and infinities become `null`.
 * @param names Every metric of the run; what the row lacks becomes `null`. Default: the row's own.
 * @returns The line, with its newline.
 *
 * @example
 * ```ts
 * import { metricsLine } from "./metrics_log.ts";
 * import assert from "node:assert/strict";
 * assert.equal(metricsLine({ step: 3, metrics: { kl: NaN } }, ["kl", "reward"]), '{"step":3,"kl":null,"reward":null}\n');
 * ```
 */
export function metricsLine(row: MetricsRow, names: readonly string[] = Object.keys(row.metrics)): string {
  const values = names.map((name) => [name, finiteOrNull(row.metrics[name])] as const);
  return `${JSON.stringify({ step: row.step, ...Object.fromEntries(values) })}\n`;
}

const parseLine = (line: string): MetricsRow | undefined => {
  try {
    const { step, ...metrics } = JSON.parse(line) as Record<string, number | null>;
    return typeof step === "number" ? { step, metrics } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Reads rows; a line that a crash cut short is left out.
 *
 * @returns The rows in their order.
 */
export function parseMetrics(text: string): readonly MetricsRow[] {
  return text.split("\n").flatMap((line) => {
    const row = line.trim() === "" ? undefined : parseLine(line);
    return row === undefined ? [] : [row];
  });
}

/**
 * Appends a row.
 *
 * @param path The file; made if missing.
 * @param names Every metric of the run.
 * @returns A stage that writes one line.
 */
export function appendMetrics(
  path: string,
  row: MetricsRow,
  names?: readonly string[],
): Stage<HasFiles, void> {
  return ({ files }) => files.append(path, metricsLine(row, names));
}

/**
 * Reads a metrics file.
 *
 * @returns A stage with its rows; none if the file is missing.
 */
export function readMetrics(path: string): Stage<HasFiles, readonly MetricsRow[]> {
  return ({ files }) =>
    pipe(
      textIfThere(files, path),
      TE.map(parseMetrics),
    );
}

/**
 * Cuts a metrics file back to what a checkpoint knows, so that a resumed run repeats no step.
 *
 * @param lastStep The step of the checkpoint.
 * @returns A stage that drops every row after `lastStep` and any half-written line.
 */
export function truncateMetrics(path: string, lastStep: number): Stage<HasFiles, void> {
  return (needs) =>
    pipe(
      readMetrics(path)(needs),
      TE.flatMap((rows) =>
        needs.files.writeAtomic(
          path,
          rows.filter((row) => row.step <= lastStep).map((row) => metricsLine(row)).join(""),
        )
      ),
    );
}
