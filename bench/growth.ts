/**
 * `deno task bench growth`: seconds and peak memory of an update against G, T, image tokens, candidates and width.
 *
 * Every point runs in a process of its own, so that its peak memory is its own.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { field, type Fields } from "../lib/config/field.ts";
import type { Log } from "../lib/core/capability.ts";
import { commandExitCode } from "../lib/run/command.ts";
import { runApart } from "./apart.ts";
import { growthExponent, linearFit, type Point } from "./fit.ts";
import { readMemory } from "./peak_memory.ts";
import { deviceFlag, measureUpdate, openBench } from "./update.ts";
import { markdownTable, writeTable } from "./update_table.ts";
import type { UpdateSizes } from "./update_sizes.ts";

/** What is varied, one at a time. */
export type Axis = "group" | "timesteps" | "candidates" | "tokens" | "width";

/** Sizes of all points, but for what is varied. Micro-batches stay the same, so that memory need not grow with G and T. */
export const GROWTH_BASE: UpdateSizes = {
  width: 64,
  layers: 2,
  heads: 4,
  mlp: 0,
  text: 694,
  codes: 512,
  tokens: 64,
  question: 30,
  block: 48,
  answer: 16,
  topK: 5,
  group: 9,
  candidates: 0,
  timesteps: 10,
  updateSteps: 0,
  microbatch: 3,
  microbatchSteps: 1,
  guidance: 2,
  trainable: "concept_rows",
};

const AXES: Readonly<Record<Axis, { readonly title: string; readonly values: readonly number[] }>> = {
  group: { title: "G", values: [3, 9, 18, 27] },
  timesteps: { title: "T", values: [5, 10, 25, 50] },
  candidates: { title: "candidates", values: [9, 18, 36] },
  tokens: { title: "image tokens", values: [64, 256, 576, 1024] },
  width: { title: "width", values: [64, 128, 256, 512] },
};

/** A measured point of an axis. */
export interface GrowthPoint {
  readonly value: number;
  readonly seconds: number;
  /** Bytes. */
  readonly peak: number;
}

const FLAGS = {
  only: field.text({ default: "", doc: "Measure the sizes of this JSON alone and print a line of JSON." }),
  axes: field.list(field.choice(["group", "timesteps", "candidates", "tokens", "width"], { doc: "Axis." }), {
    default: ["group", "timesteps", "candidates", "tokens", "width"],
    doc: "What is varied.",
  }),
  points: field.positiveInt({ default: 4, doc: "Points of each axis at most, from its beginning." }),
  clock: field.choice(["wall", "cpu"], {
    default: "wall",
    doc: "Seconds of the clock, or of the processor.",
  }),
  repeats: field.positiveInt({ default: 2, doc: "Updates of each point that are timed." }),
  device: deviceFlag,
  out: field.text({ default: "", doc: "Write the tables into this Markdown file." }),
  section: field.text({ default: "", doc: "Only replace this section of the file." }),
  figure: field.text({ default: "", doc: "Write the figure into this SVG file." }),
} as const satisfies Fields;

type Options = {
  readonly only: string;
  readonly axes: readonly Axis[];
  readonly points: number;
  readonly clock: "wall" | "cpu";
  readonly repeats: number;
  readonly device: "auto" | "tensorflow" | "webgpu" | "wasm" | "cpu";
  readonly out: string;
  readonly section: string;
  readonly figure: string;
};

/** Seconds and memory of one point, in this process. */
async function measurePoint({ only, clock, repeats, device }: Options, log: Log): Promise<string> {
  const silent = { ...log, info: () => {} };
  await openBench(device, silent);
  const sizes = { ...GROWTH_BASE, ...JSON.parse(only) as Partial<UpdateSizes> };
  const { measured } = await measureUpdate(sizes, { repeats, clock, torch: false, dsog: false }, silent);
  const { reason, preview, complete, update } = measured.ours;
  return JSON.stringify({ seconds: reason + preview + complete + update, peak: readMemory().peak });
}

async function pointApart(
  sizes: Partial<UpdateSizes>,
  options: Options,
): Promise<Omit<GrowthPoint, "value">> {
  const { clock, repeats, device } = options;
  const flags = ["--clock", clock, "--repeats", `${repeats}`, "--device", device];
  const { out } = await runApart(["growth", "--only", JSON.stringify(sizes), ...flags]);
  const line = out.split("\n").at(-1) ?? "";
  return JSON.parse(line) as Omit<GrowthPoint, "value">;
}

const sizesAt = (axis: Axis, value: number): Partial<UpdateSizes> =>
  axis === "group" ? { group: value, candidates: value } : { [axis]: value };

async function measureAxis(axis: Axis, options: Options, log: Log): Promise<readonly GrowthPoint[]> {
  const found: GrowthPoint[] = [];
  for (const value of AXES[axis].values.slice(0, options.points)) {
    log.progress(`${AXES[axis].title} = ${value}`);
    found.push({ value, ...await pointApart(sizesAt(axis, value), options) });
  }
  return found;
}

/**
 * Describes the growth along an axis.
 *
 * @param title What is varied.
 * @param points At least two measured points.
 * @returns A table and the fits.
 */
export function growthText(title: string, points: readonly GrowthPoint[]): string {
  const series = (y: (point: GrowthPoint) => number): readonly Point[] =>
    points.map((point) => ({ x: point.value, y: y(point) }));
  const time = series(({ seconds }) => seconds);
  const line = linearFit(time);
  const memory = growthExponent(series(({ peak }) => peak));
  const table = markdownTable(
    [title, ...points.map(({ value }) => `${value}`)],
    [
      ["seconds", ...points.map(({ seconds }) => seconds.toFixed(3))],
      ["peak MiB", ...points.map(({ peak }) => (peak / 2 ** 20).toFixed(0))],
    ],
  );
  const fits = `seconds ≈ ${line.slope.toPrecision(3)} · ${title} ${line.start < 0 ? "−" : "+"} ` +
    `${Math.abs(line.start).toPrecision(3)} (R² ${line.explained.toFixed(3)}); grow as ${title}^${
      growthExponent(time).toFixed(2)
    }, memory as ${title}^${memory.toFixed(2)}`;
  return `${table}\n\n${fits}`;
}

/** Seconds relative to the first point of each axis, over the size relative to its first. */
async function drawFigure(
  path: string,
  axes: readonly (readonly [Axis, readonly GrowthPoint[]])[],
): Promise<void> {
  const { drawGrowth } = await import("./growth_figure.ts");
  const curves = axes.map(([axis, points]) => {
    const first = points[0] as GrowthPoint;
    return {
      name: AXES[axis].title,
      points: points.map(({ value, seconds, peak }) => ({
        factor: value / first.value,
        seconds: seconds / first.seconds,
        memory: peak / first.peak,
      })),
    };
  });
  await Deno.writeTextFile(path, await drawGrowth(curves));
}

async function measureAll(options: Options, log: Log): Promise<void> {
  const measured: (readonly [Axis, readonly GrowthPoint[]])[] = [];
  for (const axis of options.axes) {
    const points = await measureAxis(axis, options, log);
    log.info(growthText(AXES[axis].title, points));
    measured.push([axis, points]);
  }
  const text = measured.map(([axis, points]) => growthText(AXES[axis].title, points)).join("\n\n");
  await writeTable(options, text);
  if (options.figure !== "") await drawFigure(options.figure, measured);
}

/**
 * Runs the command.
 *
 * @returns The exit code.
 */
export function bench(words: readonly string[]): Promise<number> {
  const spec = { name: "bench growth", summary: "Times updates of growing size.", options: FLAGS };
  return commandExitCode<typeof FLAGS, Record<never, never>>(spec, (call) => ({ log }) => async () => {
    const options = call.options as Options;
    if (options.only === "") await measureAll(options, log);
    else log.info(await measurePoint(options, log));
    return E.right(0);
  }, words);
}
