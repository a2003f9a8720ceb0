/**
 * What training changed: the scores of the first and of the last evaluation, and their difference.
 *
 * @module
 */
import type { Interval } from "../metrics/bootstrap.ts";
import type { MetricTable, TableCell } from "../metrics/table.ts";
import type { Evaluation, Score } from "./evaluation.ts";

const intervalOf = ({ low, high }: Score): Interval | null =>
  low === undefined || high === undefined ? null : { low, high };

const cellOf = (score: Score | undefined): TableCell => ({
  value: score?.value ?? null,
  interval: score === undefined ? null : intervalOf(score),
  marks: [],
});

/**
 * Subtracts two scores.
 *
 * `d − √((a − a_low)² + (b_high − b)²)` to `d + √((a_high − a)² + (b − b_low)²)` with `d = a − b`: what the two intervals say of the
 * difference if they are independent. Both evaluations use the same prompts, so the true interval is rather narrower.
 *
 * @returns The difference; without a value where one is missing, without an interval where one has none.
 *
 * @example
 * ```ts
 * import { scoreDifference } from "./score_changes.ts";
 * import assert from "node:assert/strict";
 * const before = { value: 0.5, low: 0.2, high: 0.9 };
 * const { value, interval } = scoreDifference(before, { value: 0.75, low: 0.45, high: 1 });
 * assert.equal(value, 0.25);
 * assert.deepEqual([interval?.low.toFixed(2), interval?.high.toFixed(2)], ["-0.25", "0.64"]);
 * ```
 *
 * Source: Zou & Donner 2008, "Construction of confidence limits about effect measures", eq. 9.
 */
export function scoreDifference(before: Score, after: Score): Pick<TableCell, "value" | "interval"> {
  if (before.value === null || after.value === null) return { value: null, interval: null };
  const value = after.value - before.value;
  const [a, b] = [intervalOf(after), intervalOf(before)];
  if (a === null || b === null) return { value, interval: null };
  const low = value - Math.hypot(after.value - a.low, b.high - before.value);
  const high = value + Math.hypot(a.high - after.value, before.value - b.low);
  return { value, interval: { low, high } };
}

/**
 * Makes the table of a finished run.
 *
 * @param evaluations Of one run, oldest first.
 * @returns Before, after, difference, a row per metric of the last evaluation; `null` unless two states were evaluated.
 */
export function changeTable(evaluations: readonly Evaluation[]): MetricTable | null {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const metrics = Object.keys(last.scores);
  const row = (method: string, cell: (metric: string) => TableCell): MetricTable["rows"][number] => ({
    ...{ method, group: "", origin: "measured" },
    cells: Object.fromEntries(metrics.map((metric) => [metric, cell(metric)])),
  });
  const none: Score = { value: null };
  return {
    title: "Evaluation before and after reinforcement",
    columns: metrics.map((key) => ({ key, title: last.titles[key] ?? key })),
    rows: [
      row(`before (step ${first.step})`, (metric) => cellOf(first.scores[metric])),
      row(`after (step ${last.step})`, (metric) => cellOf(last.scores[metric])),
      row("difference", (metric) => ({
        ...scoreDifference(first.scores[metric] ?? none, last.scores[metric] ?? none),
        marks: [],
      })),
    ],
    notes: ["in brackets: 95 % intervals; a difference whose interval holds 0 may be chance"],
  };
}
