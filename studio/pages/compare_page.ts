/**
 * Two runs side by side.
 *
 * @module
 */
import { html } from "hono/html";
import { diffTrees } from "../../lib/config/stringify.ts";
import type { RunCard } from "../read/run_card.ts";
import { chart } from "./chart.ts";
import { commandLine, emptyState, type Html, numberText } from "./html.ts";
import { stateBadge, valuesOf } from "./runs_page.ts";

type Pair = readonly [RunCard, RunCard];

const cell = (value: unknown): string =>
  value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

function settings([a, b]: Pair): Html {
  const rows = diffTrees(a.summary.config, b.summary.config);
  return rows.length === 0 ? html`<p class="dim">Both have the same settings.</p>` : table(
    ["setting", a.summary.folder, b.summary.folder],
    rows.map(({ path, before, after }) => [path, cell(before), cell(after)]),
  );
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): Html =>
  html`
    <div class="scroll" tabindex="0" role="region" aria-label="${head[0] ?? ""}">
      <table>
        <thead>
          <tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr>
        </thead>
        <tbody>${rows.map(([name, ...cells]) =>
          html`<tr><th scope="row">${name}</th>${cells.map((text) => html`<td>${text}</td>`)}</tr>`
        )}</tbody>
      </table>
    </div>
  `;

function numbers(cards: Pair, part: "scores" | "metrics"): Html {
  const names = [...new Set(cards.flatMap(({ summary }) => Object.keys(summary[part])))].sort();
  if (names.length === 0) return html`<p class="dim">Nothing was measured yet.</p>`;
  return table(
    [part === "scores" ? "score" : "metric", ...cards.map(({ summary }) => summary.folder)],
    names.map((name) => [name, ...cards.map(({ summary }) => numberText(summary[part][name]))]),
  );
}

const head = (card: RunCard): Html => {
  const path = encodeURIComponent(card.summary.folder);
  return html`
    <a class="card side"
      href="/runs/${path}"><img src="/runs/${path}/picture" alt="" width="96" height="96"><span><b>${card
        .summary.folder}</b><br>${stateBadge(card)} ${card.summary.steps} updates</span></a>
  `;
};

/**
 * Makes the comparison of two runs.
 *
 * @param cards The runs that were chosen.
 * @returns The body of the page; what to do where they are not two.
 */
export function comparePage(cards: readonly RunCard[]): Html {
  const [a, b] = cards;
  if (a === undefined || b === undefined || cards.length !== 2) {
    return html`<h1>Compare</h1>${
      emptyState(
        "Choose two runs",
        html`<p>Tick <b>Compare</b> on two of them in the <a href="/">list</a>.</p>`,
      )
    }`;
  }
  const pair: Pair = [a, b];
  const series = pair.map((card) => ({
    name: card.summary.folder,
    points: valuesOf(card, "reward").map((value, index) => ({ step: index + 1, value })),
  }));
  return html`<h1>Compare</h1><div class="pair">${pair.map(head)}</div>
<h2>Reward</h2>${chart({ title: "Reward of both runs", series })}
<h2>Scores of the last evaluation</h2>${numbers(pair, "scores")}
<h2>Settings that differ</h2>${settings(pair)}
<details><summary>All metrics, mean over the last tenth of the updates</summary>${
    numbers(pair, "metrics")
  }</details>
${commandLine(`deno task runs compare ${a.summary.folder} ${b.summary.folder}`)}`;
}
