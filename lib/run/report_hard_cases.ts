/**
 * Hard cases as a table of a page: a row per score, a column per evaluated step.
 *
 * @module
 */
import type { Evaluation } from "./evaluation.ts";
import type { JudgeTable } from "./report_judges.ts";
import { escapeHtml, htmlTable, scoreText } from "./report_page.ts";

const TITLES: Readonly<Record<string, string>> = {
  look_alike_rec: "the concept recognised and a look-alike refused",
  look_alike_beside: "the concept beside a look-alike recognised, two look-alikes refused",
  look_alike_which: "which of the two it is, both ways round",
  look_alike_two_turns: "two turns: recognised, and not talked out of it",
  look_alike_vqa: "questions about the concept beside a look-alike, BLEU",
  cant_know: "the unknowable called so, the known answered",
};

/**
 * Lists the scores of hard cases.
 *
 * @param evaluations Oldest first.
 * @returns A table; none where hard cases were never asked.
 */
export function hardCaseTables(evaluations: readonly Evaluation[]): readonly JudgeTable[] {
  const asked = evaluations.flatMap(({ step, hardCases }) =>
    hardCases === undefined ? [] : [{ step, hardCases }]
  );
  const names = Object.keys(TITLES).filter((name) => asked.some(({ hardCases }) => name in hardCases.scores));
  if (names.length === 0) return [];
  return [{
    title: `Hard cases, scored apart (look-alikes: ${asked.at(-1)?.hardCases.lookAlikes})`,
    head: ["right only if all of a case is right", "cases", ...asked.map(({ step }) => `step ${step}`)],
    rows: names.map((name) => [
      TITLES[name] as string,
      String(asked.at(-1)?.hardCases.scores[name]?.cases ?? 0),
      ...asked.map(({ hardCases }) => scoreText(hardCases.scores[name])),
    ]),
  }];
}

/**
 * Makes the section of a report on hard cases.
 *
 * @param evaluations Oldest first.
 * @returns HTML; empty where they were never asked.
 */
export function htmlHardCases(evaluations: readonly Evaluation[]): string {
  return hardCaseTables(evaluations).map(({ title, head, rows }) =>
    `<h2>${escapeHtml(title)}</h2>\n<div class="card">${htmlTable(head, rows)}</div>`
  ).join("\n");
}
