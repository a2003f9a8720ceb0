/**
 * The pieces of a report as HTML: one file, no scripts, nothing from the network.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Evaluation, Score } from "./evaluation.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #656d76; --line: #d8dee4; --card: #fff; --page: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #8b949e; --line: #30363d; --card: #161b22; --page: #0d1117; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font: 15px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 24px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 8px; }
p.dim, figcaption, .note { color: var(--dim); font-size: 13px; margin: 4px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin-top: 20px; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; }
.tile b { display: block; font-size: 17px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.tile span { color: var(--dim); font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(460px, 1fr)); gap: 12px; }
.card svg, .card img { max-width: 100%; height: auto; display: block; }
.card img { border-radius: 4px; image-rendering: pixelated; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: 500; white-space: nowrap; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { margin: 0; font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; white-space: pre-wrap; }
details { margin: 12px 0; }
summary { cursor: pointer; color: var(--dim); }
figure { margin: 0 0 12px; }
h3.task { margin: 20px 0 8px; color: var(--dim); }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 12px; }
.drawn { display: flex; flex-direction: column; gap: 6px; }
.pair { display: flex; gap: 8px; }
.pair figure { margin: 0; flex: 0 1 50%; }
.pair img { width: 100%; }
.prompt { margin: 4px 0 0; font-weight: 500; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin-top: auto; }
.chip { border: 1px solid var(--line); border-radius: 10px; padding: 0 8px; font-size: 12px; color: var(--dim); }
.chip b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.meter { display: inline-block; height: 8px; border-radius: 2px; background: #2f7ed8; vertical-align: baseline; }
@media (max-width: 560px) { .charts { grid-template-columns: 1fr; } }
`;

/**
 * Makes text safe inside HTML.
 *
 * @param text Anything.
 * @returns The text with `&`, `<`, `>` and `"` written as entities.
 */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/**
 * Makes the whole page.
 *
 * @param title The name in the browser's tab.
 * @param body HTML.
 */
export function htmlPage(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head>\n<body><main>\n${body}\n</main></body></html>\n`;
}

/**
 * Makes a row of large numbers.
 *
 * @param tiles What each says: its value and what that is.
 * @returns HTML.
 */
export function htmlTiles(tiles: readonly { readonly value: string; readonly label: string }[]): string {
  const each = tiles.map(({ value, label }) =>
    `<div class="tile"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`
  );
  return `<div class="tiles">${each.join("")}</div>`;
}

/**
 * Makes charts side by side.
 *
 * @param charts Title and SVG of each.
 * @returns HTML.
 */
export function htmlCharts(charts: readonly { readonly title: string; readonly svg: string }[]): string {
  const each = charts.map(({ title, svg }) => `<div class="card"><h3>${escapeHtml(title)}</h3>${svg}</div>`);
  return `<div class="charts">${each.join("\n")}</div>`;
}

/**
 * Makes a picture that is part of the page.
 *
 * @param png The file's bytes.
 * @param caption One line.
 * @returns HTML.
 */
export function htmlImage(png: Uint8Array, caption: string): string {
  const data = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64");
  const text = escapeHtml(caption);
  return `<figure class="card"><img alt="${text}" src="data:image/png;base64,${data}"><figcaption>${text}</figcaption></figure>`;
}

/**
 * Makes a picture with a line below, without a frame.
 *
 * @param png The file's bytes.
 * @param caption One line.
 * @returns HTML.
 */
export function htmlPicture(png: Uint8Array, caption: string): string {
  return htmlImage(png, caption).replace('<figure class="card">', "<figure>");
}

/**
 * Writes a number for a table.
 *
 * @param value Any number, or none.
 * @returns Four significant digits; a dash for none.
 */
export function numberCell(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/**
 * Makes a table.
 *
 * @param head Column titles.
 * @param rows Cells as text; those that are numbers or dashes keep their digits aligned.
 * @returns HTML.
 */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string =>
    `<td${/^[–+-]?[\d.]*(?:e[+-]?\d+)?(?: |$)/.test(text) ? ' class="number"' : ""}>${escapeHtml(text)}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  const titles = head.map((title) => `<th>${escapeHtml(title)}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${titles}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/**
 * Writes a score for a table.
 *
 * @param score The score, or none.
 * @returns `0.5 (0.4 to 0.6)`; a dash for none.
 */
export function scoreText(score: Score | undefined): string {
  const interval = score?.low === undefined || score.high === undefined
    ? ""
    : ` (${numberCell(score.low)} to ${numberCell(score.high)})`;
  return `${numberCell(score?.value)}${interval}`;
}

/**
 * Makes the table of all evaluations: a row per metric, a column per step.
 *
 * @param evaluations Oldest first.
 * @returns HTML with the notes below.
 */
export function htmlScores(evaluations: readonly Evaluation[]): string {
  const metrics = [...new Set(evaluations.flatMap(({ scores }) => Object.keys(scores)))];
  const titles = Object.assign({}, ...evaluations.map(({ titles }) => titles)) as Record<string, string>;
  const rows = metrics.map((metric) => [
    titles[metric] ?? metric,
    ...evaluations.map(({ scores }) => scoreText(scores[metric])),
  ]);
  const notes = [...new Set(evaluations.flatMap(({ notes }) => notes))];
  return htmlTable(["metric", ...evaluations.map(({ step }) => `step ${step}`)], rows) +
    notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("");
}

/**
 * Makes a part that is closed until somebody opens it.
 *
 * @param body HTML.
 * @returns HTML.
 */
export function htmlDetails(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${body}\n</details>`;
}
