/**
 * Plots as SVG text, drawn without a browser.
 *
 * @module
 */
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/**
 * Draws a plot.
 *
 * @param spec A Vega-Lite specification with its data.
 * @returns The picture as SVG; rejects if the specification is wrong.
 *
 * @example
 * ```ts
 * import { vegaSvg } from "./vega_svg.ts";
 * import assert from "node:assert/strict";
 * const svg = await vegaSvg({
 *   data: { values: [{ x: 1 }, { x: 2 }] },
 *   mark: "point",
 *   encoding: { x: { field: "x", type: "quantitative" } },
 * });
 * assert.ok(svg.startsWith("<svg"));
 * ```
 */
export function vegaSvg(spec: TopLevelSpec): Promise<string> {
  return new vega.View(vega.parse(compile(spec).spec), { renderer: "none" }).toSVG();
}
