/**
 * The figure of `deno task bench growth`: how seconds and memory grow when one size grows.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { vegaSvg } from "../lib/run/vega_svg.ts";

/** One size and what happened when it grew; everything relative to its first value. */
export interface GrowthCurve {
  readonly name: string;
  readonly points: readonly { readonly factor: number; readonly seconds: number; readonly memory: number }[];
}

/** Growth in proportion, as far as the largest factor: the line to compare with. */
const proportion = (curves: readonly GrowthCurve[]): GrowthCurve => {
  const most = Math.max(...curves.flatMap(({ points }) => points.map(({ factor }) => factor)));
  return {
    name: "proportional",
    points: [1, most].map((factor) => ({ factor, seconds: factor, memory: factor })),
  };
};

/**
 * Draws the curves side by side, both axes logarithmic.
 *
 * @param curves At least one, with at least two points.
 * @returns SVG.
 */
export function drawGrowth(curves: readonly GrowthCurve[]): Promise<string> {
  const all = [...curves, proportion(curves)];
  const values = all.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  const scale = { type: "log" } as const;
  const panel = (y: "seconds" | "memory") => ({
    width: 300,
    height: 220,
    mark: { type: "line", point: true } as const,
    encoding: {
      x: { field: "factor", type: "quantitative", scale, title: "size, relative" } as const,
      y: { field: y, type: "quantitative", scale, title: `${y}, relative` } as const,
      color: { field: "name", type: "nominal", sort: all.map(({ name }) => name), title: null } as const,
      strokeDash: {
        condition: { test: "datum.name === 'proportional'", value: [4, 4] },
        value: [1, 0],
      },
    },
  });
  const spec: TopLevelSpec = {
    background: "white",
    data: { values },
    hconcat: [panel("seconds"), panel("memory")],
  };
  return vegaSvg(spec);
}
