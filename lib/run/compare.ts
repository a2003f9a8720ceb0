/**
 * Runs side by side as plain text.
 *
 * @module
 */
import { diffTrees } from "../config/stringify.ts";
import type { RunSummary } from "./run_summary.ts";

/**
 * Aligns columns.
 *
 * @param rows The first is the head; all of one length.
 * @returns One line per row; every column but the first is aligned to the right.
 *
 * @example
 * ```ts
 * import { alignColumns } from "./compare.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(alignColumns([["run", "steps"], ["mochi", "9"]]), ["run    steps", "mochi      9"]);
 * ```
 */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ").trimEnd()
  );
}

const shortNumber = (value: number | undefined): string =>
  value === undefined ? "-" : String(Number(value.toPrecision(4)));

/**
 * Lists runs.
 *
 * @param runs In the order to show.
 * @param metrics Metrics or scores to show beside each.
 * @returns Lines: folder, start, steps, the metrics.
 */
export function listTable(runs: readonly RunSummary[], metrics: readonly string[]): readonly string[] {
  const rows = runs.map((run) => [
    run.folder,
    run.started.slice(0, 16).replace("T", " "),
    String(run.steps),
    ...metrics.map((name) => shortNumber(run.scores[name] ?? run.metrics[name])),
  ]);
  return alignColumns([["run", "started", "steps", ...metrics], ...rows]);
}

/**
 * Compares the metrics and scores of runs.
 *
 * @param runs At least one.
 * @returns Lines: one per metric, one column per run; scores first.
 */
export function compareTable(runs: readonly RunSummary[]): readonly string[] {
  const names = (part: "scores" | "metrics"): string[] =>
    [...new Set(runs.flatMap((run) => Object.keys(run[part])))].sort();
  const rows = (part: "scores" | "metrics"): string[][] =>
    names(part).map((name) => [name, ...runs.map((run) => shortNumber(run[part][name]))]);
  const steps = ["steps", ...runs.map((run) => String(run.steps))];
  return alignColumns([
    ["", ...runs.map(({ folder }) => folder)],
    steps,
    ...rows("scores"),
    ...rows("metrics"),
  ]);
}

/**
 * Lists the settings in which two runs differ.
 *
 * @param before One run.
 * @returns Lines: one per setting; a single line if there is no difference.
 */
export function diffTable(before: RunSummary, after: RunSummary): readonly string[] {
  const text = (value: unknown): string => value === undefined ? "-" : JSON.stringify(value);
  const config = diffTrees(before.config, after.config);
  const surroundings = diffTrees(
    { backend: before.backend, commit: before.commit.slice(0, 12) },
    { backend: after.backend, commit: after.commit.slice(0, 12) },
  );
  const rows = [...config, ...surroundings].map((
    { path, before, after },
  ) => [path, text(before), text(after)]);
  return rows.length === 0
    ? ["same settings, same backend, same commit"]
    : alignColumns([["", before.folder, after.folder], ...rows]);
}
