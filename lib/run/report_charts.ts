/**
 * The charts of a report as SVG text, drawn by Vega without a browser.
 *
 * @module
 */
import type { Evaluation } from "./evaluation.ts";
import type { MetricsRow } from "./metrics_log.ts";
import { spread } from "./spread.ts";
import { vegaSvg } from "./vega_svg.ts";

/** A curve of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/** A chart of curves over steps. */
export interface LineChart {
  readonly title: string;
  readonly series: readonly Series[];
}

const COLOURS = ["#2f7ed8", "#e4572e", "#17a673", "#9b5de5", "#d99a00", "#00a6c0", "#d6336c", "#7a8b3c"];
const INK = "#7d8590";
const GRID = "#7d859033";

const CONFIG = {
  background: "transparent",
  font: "system-ui, -apple-system, Segoe UI, Roboto, sans-serif",
  view: { stroke: null },
  axis: {
    domainColor: GRID,
    gridColor: GRID,
    tickColor: GRID,
    labelColor: INK,
    titleColor: INK,
    titleFontWeight: "normal",
    labelFontSize: 11,
    titleFontSize: 11,
  },
  legend: {
    labelColor: INK,
    title: null,
    orient: "bottom",
    labelFontSize: 11,
    symbolStrokeWidth: 3,
    symbolOpacity: 1,
    columns: 4,
  },
  range: { category: COLOURS },
} as const;

/**
 * Smooths a curve: the mean of each value and its neighbours on both sides, so that nothing lags behind.
 *
 * @param values In order.
 * @param reach Neighbours on each side, as far as there are any.
 * @returns As many values.
 */
export function smoothed(values: readonly number[], reach: number): readonly number[] {
  return values.map((_, index) => {
    const window = values.slice(Math.max(0, index - reach), index + reach + 1);
    return window.reduce((sum, value) => sum + value, 0) / window.length;
  });
}

/**
 * Takes one metric out of the rows of a run.
 *
 * @param name What the legend calls it.
 * @returns The curve without the steps at which it was not measured.
 */
export function seriesOf(rows: readonly MetricsRow[], metric: string, name = metric): Series {
  const points = rows.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === null || value === undefined ? [] : [{ step, value }];
  });
  return { name, points };
}

/** More points than these say nothing more in a chart of this width. */
const MOST_POINTS = 500;

/** Rows for Vega: the measured value and its smoothed course. */
const linePoints = ({ series }: LineChart) =>
  series.flatMap(({ name, points }) => {
    const course = smoothed(points.map(({ value }) => value), Math.floor(points.length / 25));
    const drawn = points.map(({ step, value }, index) => ({ name, step, value, course: course[index] }));
    return spread(drawn, MOST_POINTS);
  });

/**
 * Draws curves over steps: the measured values faint, their smoothed course on top.
 *
 * @param chart What to draw; at least one point.
 * @param size Pixels of the plot without axes.
 * @returns SVG.
 */
export function drawLines(chart: LineChart, size = { width: 400, height: 180 }): Promise<string> {
  const values = linePoints(chart);
  const names = chart.series.map(({ name }) => name);
  const legend = names.length > 1 ? {} : null;
  const colour = { field: "name", type: "nominal", sort: names, legend } as const;
  const axis = { tickMinStep: 1, grid: false };
  const x = { field: "step", type: "quantitative", title: "step", axis } as const;
  const scale = { zero: false, nice: true };
  const y = (field: string) =>
    ({ field, type: "quantitative", title: null, scale, axis: { tickCount: 5 } }) as const;
  return vegaSvg({
    ...size,
    config: CONFIG,
    data: { values },
    layer: [
      {
        mark: { type: "line", opacity: 0.28, strokeWidth: 1 },
        encoding: { x, y: y("value"), color: colour },
      },
      {
        mark: { type: "line", strokeWidth: 2, point: values.length < 12 },
        encoding: { x, y: y("course"), color: colour },
      },
    ],
  });
}

const firstAndLast = (evaluations: readonly Evaluation[]): readonly Evaluation[] =>
  evaluations.length < 2 ? evaluations : [evaluations[0], evaluations.at(-1)] as readonly Evaluation[];

/** Rows for Vega: one per metric and evaluation. */
const scoreBars = (evaluations: readonly Evaluation[]) =>
  evaluations.flatMap(({ step, scores, titles }) =>
    Object.entries(scores).flatMap(([key, { value, low, high }]) => {
      const metric = titles[key] ?? key;
      const state = `step ${step}`;
      return value === null ? [] : [{ metric, state, value, low: low ?? value, high: high ?? value }];
    })
  );

/**
 * Draws the scores of the first and the last evaluation as bars, one pair per metric, with confidence intervals.
 *
 * @param evaluations At least one, oldest first.
 * @returns SVG.
 */
export function drawScores(evaluations: readonly Evaluation[]): Promise<string> {
  const shown = firstAndLast(evaluations);
  const states = shown.map(({ step }) => `step ${step}`);
  const range = shown.length === 1 ? ["#7fb3ef"] : ["#c3cad4", "#7fb3ef"];
  const legend = { orient: "top" } as const;
  const scale = { domain: states, range };
  const colour = { field: "state", type: "nominal", sort: states, scale, legend } as const;
  const axis = { ticks: false, labelLimit: 260 };
  const y = { field: "metric", type: "nominal", sort: null, title: null, axis } as const;
  const yOffset = { field: "state", type: "nominal", sort: states } as const;
  const x = (field: string) =>
    ({ field, type: "quantitative", title: null, scale: { domainMin: 0 }, axis: { orient: "top" } }) as const;
  const label = { field: "value", type: "quantitative", format: ".2f" } as const;
  return vegaSvg({
    width: 620,
    height: { step: 15 },
    config: CONFIG,
    data: { values: scoreBars(shown) },
    encoding: { y, yOffset },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 2, height: { band: 0.86 } },
        encoding: { x: x("value"), color: colour },
      },
      {
        mark: { type: "rule", color: "#4b5563", strokeWidth: 1.5 },
        encoding: { x: x("low"), x2: { field: "high" } },
      },
      {
        mark: { type: "text", align: "left", dx: 5, fontSize: 10, color: INK },
        encoding: { x: x("high"), text: label },
      },
    ],
  });
}
