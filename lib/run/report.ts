/**
 * `report.html`: a run on one page that can be sent to somebody.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import { attemptAsync, type Stage } from "../core/stage.ts";
import type { RunFolder } from "./folder.ts";
import type { MetricsRow } from "./metrics_log.ts";
import { drawLines, drawScores, type LineChart, seriesOf } from "./report_charts.ts";
import { readRun, type RunData, type StepSamples } from "./report_data.ts";
import { htmlGallery } from "./report_gallery.ts";
import { groupMetrics } from "./report_groups.ts";
import { calibrationTables } from "./judge_calibration.ts";
import { htmlHardCases } from "./report_hard_cases.ts";
import { htmlJudges, judgeTables } from "./report_judges.ts";
import { htmlImages } from "./report_images.ts";
import {
  escapeHtml,
  htmlCharts,
  htmlDetails,
  htmlImage,
  htmlPage,
  htmlScores,
  htmlTable,
  htmlTiles,
  numberCell,
} from "./report_page.ts";
import { durationText } from "./status.ts";

const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

const ends = (rows: readonly MetricsRow[], metric: string): string => {
  const values = seriesOf(rows, metric).points.map(({ value }) => value);
  const count = Math.max(1, Math.floor(values.length / 10));
  const short = (part: readonly number[]): string => numberCell(Number(meanOf(part)?.toPrecision(3)));
  return `${short(values.slice(0, count))} → ${short(values.slice(-count))}`;
};

function tiles({ rows, manifest }: RunData): string {
  const seconds = seriesOf(rows, "step_time").points.reduce((sum, { value }) => sum + value, 0);
  const measured = (metric: string): boolean => seriesOf(rows, metric).points.length > 0;
  return htmlTiles([
    { value: String(rows.at(-1)?.step ?? 0), label: "updates" },
    ...(measured("reward") ? [{ value: ends(rows, "reward"), label: "reward, first and last tenth" }] : []),
    ...(measured("kl") ? [{ value: ends(rows, "kl"), label: "KL, first and last tenth" }] : []),
    ...(seconds > 0 ? [{ value: durationText(seconds), label: "time in updates" }] : []),
    { value: manifest.backend?.split(",")[0] ?? "–", label: "backend" },
  ]);
}

async function curves(charts: readonly LineChart[]): Promise<string> {
  const drawn = await Promise.all(
    charts.map(async (chart) => ({ title: chart.title, svg: await drawLines(chart) })),
  );
  return htmlCharts(drawn);
}

async function curveSections({ rows }: RunData): Promise<string> {
  const { main, others } = groupMetrics(rows);
  if (main.length + others.length === 0) return "";
  const rest = others.length === 0 ? "" : htmlDetails(`${others.length} more metrics`, await curves(others));
  return `<h2>Course of the training</h2>\n${await curves(main)}\n${rest}`;
}

async function scoreSection({ evaluations }: RunData): Promise<string> {
  if (evaluations.length === 0) return "";
  const bars = `<div class="card">${await drawScores(evaluations)}</div>`;
  return `<h2>Evaluation</h2>\n${bars}\n<div class="card" style="margin-top:12px">${
    htmlScores(evaluations)
  }</div>`;
}

const cellText = (value: unknown): string => {
  if (typeof value === "number" || value === null || value === undefined) return numberCell(value);
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, inner]) => `${name} ${cellText(inner)}`).join(", ");
};

/** What a person wants to read of a sample; the rest stays in the file. */
const SAMPLE_COLUMNS = ["index", "prompt", "reasoning", "rewards", "reward", "advantage"];

function sampleTable({ rows }: StepSamples): string {
  const columns = SAMPLE_COLUMNS.filter((column) => rows.some((row) => row[column] !== undefined));
  return htmlTable(columns, rows.map((row) => columns.map((column) => cellText(row[column]))));
}

/** What the last evaluation that looked into it says of its judge. */
const judgeSection = ({ evaluations, calibration }: RunData): string => {
  const judges = evaluations.findLast(({ judges }) => judges !== undefined)?.judges;
  return htmlJudges([
    ...(judges === undefined ? [] : judgeTables(judges)),
    ...calibrationTables(calibration),
  ]);
};

const gallerySection = ({ drawn }: RunData): string =>
  drawn.length === 0 ? "" : `<h2>What the model draws in the evaluation</h2>\n${htmlGallery(drawn)}`;

const sampleFigure = (samples: StepSamples): string => htmlImage(samples.png, `step ${samples.step}`);

function sampleSection({ samples }: RunData): string {
  const last = samples.at(-1);
  if (last === undefined) return "";
  const earlier = samples.slice(0, -1);
  return [
    "<h2>Samples of the training</h2>",
    sampleFigure(last),
    last.rows.length === 0 ? "" : `<div class="card">${sampleTable(last)}</div>`,
    earlier.length === 0 ? "" : htmlDetails("Earlier samples", earlier.map(sampleFigure).join("\n")),
  ].join("\n");
}

function setUpSection({ config, manifest }: RunData): string {
  const { packages, machine, seeds, ...facts } = manifest;
  const rows = Object.entries({ ...facts, ...machine, ...seeds && { seeds } }).map(([name, value]) => [
    name,
    cellText(value),
  ]);
  const versions = packages === undefined
    ? ""
    : htmlDetails("Packages", htmlTable(["package", "version"], Object.entries(packages)));
  return [
    "<h2>Set-up</h2>",
    rows.length === 0 ? "" : `<div class="card">${htmlTable(["", ""], rows)}</div>`,
    versions,
    config === "" ? "" : htmlDetails("Config", `<div class="card"><pre>${escapeHtml(config)}</pre></div>`),
  ].join("\n");
}

/**
 * Makes the page of a run.
 *
 * @param data What the run folder holds.
 * @returns HTML: curves, scores, samples, set-up; a self-contained file without scripts.
 */
export async function renderReport(data: RunData): Promise<string> {
  const { name, manifest } = data;
  const started = manifest.started === undefined
    ? ""
    : `started ${manifest.started.slice(0, 16).replace("T", " ")} UTC`;
  const command = manifest.command === undefined ? "" : `${manifest.command}, `;
  const sections = [
    await curveSections(data),
    await scoreSection(data),
    htmlHardCases(data.evaluations),
    judgeSection(data),
    htmlImages(data.evaluations, data.nearest),
    gallerySection(data),
    sampleSection(data),
    setUpSection(data),
  ];
  return htmlPage(
    name,
    [
      `<h1>${escapeHtml(name)}</h1>`,
      `<p class="dim">${escapeHtml(command + started)}</p>`,
      ...data.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
      tiles(data),
      ...sections,
    ]
      .join("\n"),
  );
}

/**
 * Writes `report.html` into a run folder.
 *
 * @param folder The run's paths.
 * @returns A stage with the path of the report.
 */
export function writeReport(folder: RunFolder): Stage<HasFiles, string> {
  const render = (data: RunData): Stage<HasFiles, string> => () =>
    attemptAsync(
      (problem) => ({ _tag: "FileFailure", path: folder.report, problem }),
      () => renderReport(data),
    );
  return pipe(
    readRun(folder),
    RTE.flatMap(render),
    RTE.flatMap((html): Stage<HasFiles, string> => ({ files }) =>
      pipe(files.writeAtomic(folder.report, html), TE.map(() => folder.report))
    ),
  );
}
