/**
 * The curves of a training as files that stay with the weights: numbers, and a picture of them.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import { messageOf, type PipelineError } from "../../lib/core/error.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { vegaSvg } from "../../lib/run/vega_svg.ts";

/** One logged update: its number, seconds since the training was started or continued, and scalars. */
export type CurvePoint =
  & { readonly step: number; readonly seconds: number }
  & Readonly<Record<string, number>>;

/**
 * Reads a curve. Points that a later line repeats, because the training was continued from an older state, are left out.
 *
 * @param text Lines of JSON.
 * @returns The points, by rising step.
 *
 * @example
 * ```ts
 * import { curvePoints } from "./curves.ts";
 * import assert from "node:assert/strict";
 * const line = (step: number, loss: number) => JSON.stringify({ step, seconds: 0, loss });
 * const points = curvePoints([line(50, 3), line(100, 2), line(100, 1)].join("\n"));
 * assert.deepEqual(points.map(({ loss }) => loss), [3, 1]);
 * ```
 */
export function curvePoints(text: string): readonly CurvePoint[] {
  const points = text.split("\n").filter((line) => line.trim() !== "").map((line) =>
    JSON.parse(line) as CurvePoint
  );
  return points.reduceRight<readonly CurvePoint[]>(
    (later, point) =>
      later.length > 0 && point.step >= (later[0] as CurvePoint).step ? later : [point, ...later],
    [],
  );
}

/**
 * Draws a curve: one small plot for each scalar, logarithmic beyond ±0.01.
 *
 * @param title What was trained.
 * @returns The picture as SVG; rejects if there is no scalar.
 */
export function drawCurve(title: string, points: readonly CurvePoint[]): Promise<string> {
  const names = [...new Set(points.flatMap(Object.keys))].filter((name) =>
    name !== "step" && name !== "seconds"
  );
  const values = points.flatMap((point) =>
    names.flatMap((name) => name in point ? [{ step: point.step, name, value: point[name] }] : [])
  );
  return vegaSvg({
    title,
    data: { values },
    facet: { field: "name", type: "nominal", title: null, sort: names },
    columns: 3,
    spec: {
      width: 220,
      height: 110,
      mark: { type: "line", strokeWidth: 1.2 },
      encoding: {
        x: { field: "step", type: "quantitative", title: null, axis: { tickCount: 4 } },
        y: {
          field: "value",
          type: "quantitative",
          title: null,
          scale: { type: "symlog", constant: 0.01, zero: false },
          axis: { tickCount: 4 },
        },
      },
    },
    resolve: { scale: { y: "independent" } },
  });
}

/**
 * Copies the curve of a part to `<assets>/curves`: `<name>.jsonl` and `<name>.svg`.
 *
 * @param paths.folder Where its training wrote the curve.
 * @param paths.assets The folder of the finished models.
 * @returns A stage that ends when both files are written.
 */
export function keepCurve(
  name: string,
  paths: { readonly folder: string; readonly assets: string },
): Stage<HasFiles, void> {
  const to = `${paths.assets}/curves`;
  const failed = (thrown: unknown): PipelineError => ({
    _tag: "FileFailure",
    path: `${paths.folder}/${name}.jsonl`,
    problem: messageOf(thrown),
  });
  return ({ files }) =>
    pipe(
      files.readText(`${paths.folder}/${name}.jsonl`),
      TE.flatMap((text) =>
        TE.tryCatch(async () => {
          const points = curvePoints(text);
          const lines = points.map((point) => `${JSON.stringify(point)}\n`).join("");
          return { lines, svg: await drawCurve(name, points) };
        }, failed)
      ),
      TE.tap(() => files.makeFolder(to)),
      TE.tap(({ lines }) => files.writeAtomic(`${to}/${name}.jsonl`, lines)),
      TE.flatMap(({ svg }) => files.writeAtomic(`${to}/${name}.svg`, svg)),
    );
}
