/**
 * How far the judge of an evaluation can be trusted, as tables of a page.
 *
 * @module
 */
import type { Judges } from "./judges.ts";
import { escapeHtml, htmlTable, numberCell, scoreText } from "./report_page.ts";

const AGREEMENT_HEAD = ["", "judges", "grades", "not graded", "same", "kappa"];
const BIAS_HEAD = ["changed form", "grades", "changed", "shift", "a positive shift favours"];

/** A table with its head. */
export interface JudgeTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Lists what is known of the judges as tables.
 *
 * @param judges From an evaluation.
 * @returns Those tables that have rows.
 */
export function judgeTables({ agreement, bias }: Judges): readonly JudgeTable[] {
  const tables: readonly JudgeTable[] = [
    {
      title: "Agreement with a second judge",
      head: AGREEMENT_HEAD,
      rows: agreement.map(({ what, first, second, cases, unscored, same, kappa, ...bounds }) => [
        ...[what, `${first}; ${second}`, String(cases), String(unscored), numberCell(same)],
        scoreText({ value: kappa, ...bounds }),
      ]),
    },
    {
      title: "Grades after a change of form",
      head: BIAS_HEAD,
      rows: bias.map(({ probe, favours, cases, changed, shift, ...bounds }) => [
        ...[probe, String(cases), numberCell(changed), scoreText({ value: shift, ...bounds }), favours],
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/**
 * Writes a table for a terminal.
 *
 * @returns Title, head and rows, columns aligned.
 */
export function plainTable({ title, head, rows }: JudgeTable): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  return [title, ...all.map(line)].join("\n");
}

/**
 * Makes the part of a report on the judge.
 *
 * @param tables What is known.
 * @returns HTML; empty without tables.
 */
export function htmlJudges(tables: readonly JudgeTable[]): string {
  if (tables.length === 0) return "";
  const cards = tables.map(({ title, head, rows }) =>
    `<h3 class="task">${escapeHtml(title)}</h3><div class="card">${htmlTable(head, rows)}</div>`
  );
  return `<h2>How far the judge can be trusted</h2>\n${cards.join("\n")}`;
}
