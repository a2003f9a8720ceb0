/**
 * Charts: the data in the page, drawn in the browser by uPlot; a table of the ends for those who cannot see them.
 *
 * @module
 */
import { html } from "hono/html";
import type { LineChart } from "../../lib/run/report_charts.ts";
import { type Html, numberText } from "./html.ts";

/**
 * Makes a chart of curves over steps.
 *
 * @param line What it shows.
 * @returns A figure; the script draws it into the frame.
 */
export function chart({ title, series }: LineChart): Html {
  const steps = [...new Set(series.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) =>
    a - b
  );
  const columns = series.map(({ points }) => {
    const values = new Map(points.map(({ step, value }) => [step, value]));
    return steps.map((step) => values.get(step) ?? null);
  });
  const data = JSON.stringify({ names: series.map(({ name }) => name), steps, columns });
  const ends = series.map(({ name, points }) =>
    `${name} ${numberText(points[0]?.value)} to ${numberText(points.at(-1)?.value)}`
  );
  return html`
    <figure class="card chart">
      <figcaption>${title}</figcaption>
      <div class="plot" role="img" aria-label="${title}: ${ends.join(", ")}" data-chart="${data}"></div>
    </figure>
  `;
}
