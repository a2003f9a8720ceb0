/**
 * The figures of the DSOG experiment as SVG, drawn by Vega without a browser.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { type DsogSimulation, SCORE_DISTRIBUTIONS } from "./dsog_simulation.ts";
import { vegaSvg } from "../../lib/run/vega_svg.ts";
import type { Correlation, CostOfReward } from "./dsog_numbers.ts";

const COLOURS = ["#2f7ed8", "#e4572e", "#17a673", "#9b5de5"];

const CONFIG = {
  background: "white",
  font: "sans-serif",
  view: { stroke: null },
  axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", gridOpacity: 0.4 },
  legend: { orient: "bottom", title: null, labelFontSize: 11, labelLimit: 240, columns: 4 },
  range: { category: COLOURS },
} as const;

const draw = (spec: TopLevelSpec): Promise<string> => vegaSvg({ config: CONFIG, ...spec } as TopLevelSpec);

/** Updates that a point of the pass rate pools. */
const POOLED = 20;

/** Points of the bounded variants. */
function simulationPoints(simulations: readonly DsogSimulation[], updates: number) {
  return simulations.filter(({ variant }) => variant.bounded).flatMap((
    { distribution, variant, updates: all },
  ) =>
    all.slice(0, updates).map(({ threshold }, update) => {
      const window = all.slice(Math.max(0, update - POOLED + 1), update + 1);
      const sum = (of: (each: typeof window[number]) => number): number =>
        window.reduce((a, each) => a + of(each), 0);
      const passRate = sum(({ passed }) => passed) / sum(({ candidates }) => candidates);
      return { distribution, variant: variant.name, update, threshold, passRate };
    })
  );
}

const facets = (field: "threshold" | "passRate", title: string, values: readonly object[]): TopLevelSpec => ({
  data: { values: [...values] },
  facet: {
    field: "distribution",
    type: "nominal",
    title: null,
    sort: SCORE_DISTRIBUTIONS.map(({ name }) => name),
  },
  columns: 5,
  spec: {
    width: 150,
    height: 95,
    mark: { type: "line", strokeWidth: 1.5 },
    encoding: {
      x: { field: "update", type: "quantitative", title: "update", axis: { tickCount: 3, grid: false } },
      y: { field, type: "quantitative", title, scale: { domain: [0, 1] }, axis: { tickCount: 4 } },
      color: { field: "variant", type: "nominal" },
    },
  },
});

/**
 * Draws thresholds and pass rates over the first updates, one panel per distribution.
 *
 * @param simulations The simulations; those without a bound are left out.
 * @param updates Updates that are shown.
 * @returns Two SVG texts.
 */
export async function simulationFigures(
  simulations: readonly DsogSimulation[],
  updates = 200,
): Promise<{ readonly threshold: string; readonly passRate: string }> {
  const values = simulationPoints(simulations, updates);
  return {
    threshold: await draw(facets("threshold", "threshold", values)),
    passRate: await draw(facets("passRate", `pass rate, last ${POOLED} updates`, values)),
  };
}

/**
 * Draws how the rank correlation inside groups grows with the step of the preview.
 *
 * @returns SVG.
 */
export function correlationFigure(correlations: readonly Correlation[]): Promise<string> {
  const names = { final: "with the same expert's final score", reward: "with the final reward" };
  const values = correlations.flatMap(({ step, target, mean, interval }) =>
    mean === null
      ? []
      : [{ step, mean, low: interval?.low ?? mean, high: interval?.high ?? mean, target: names[target] }]
  );
  const x = {
    field: "step",
    type: "quantitative",
    title: "preview after step",
    axis: { tickMinStep: 1 },
  } as const;
  const y = { type: "quantitative", title: "rank correlation inside groups" } as const;
  const color = { field: "target", type: "nominal" } as const;
  return draw({
    ...{ width: 420, height: 220 },
    data: { values },
    layer: [
      { mark: { type: "line", point: true }, encoding: { x, y: { ...y, field: "mean" }, color } },
      { mark: { type: "rule" }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color } },
    ],
  });
}

/**
 * Draws what a trajectory of at least a given reward costs.
 *
 * @returns SVG with two panels: seconds, and decoding steps.
 */
export function costFigure(costs: readonly CostOfReward[]): Promise<string> {
  const values = costs.map((cost) => ({ ...cost, way: cost.screened ? "with DSOG" : "without DSOG" }));
  const panel = (field: "seconds" | "decodeSteps", title: string) => ({
    width: 300,
    height: 220,
    mark: { type: "line" as const, point: true },
    encoding: {
      x: {
        field: "reward",
        type: "quantitative" as const,
        title: "reward of at least",
        scale: { zero: false },
      },
      y: { field, type: "quantitative" as const, title },
      color: { field: "way", type: "nominal" as const },
    },
  });
  return draw({
    data: { values },
    hconcat: [
      panel("seconds", "seconds per trajectory"),
      panel("decodeSteps", "decoding steps per trajectory"),
    ],
  });
}
