/**
 * Everything that a report shows, read from a run folder.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { type Evaluation, readEvaluations } from "./evaluation.ts";
import type { RunFolder } from "./folder.ts";
import { type JudgeCalibrationFile, readJudgeCalibration } from "./judge_calibration.ts";
import type { Manifest } from "./manifest.ts";
import { type MetricsRow, readMetrics } from "./metrics_log.ts";
import { type DrawnItem, readGallery } from "./report_gallery.ts";
import { readNearest, type ShownNearest } from "./report_images.ts";
import { spread } from "./spread.ts";

/** The samples of one step. */
export interface StepSamples {
  readonly step: number;
  readonly png: Uint8Array;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** What a run folder holds. */
export interface RunData {
  readonly name: string;
  readonly rows: readonly MetricsRow[];
  readonly evaluations: readonly Evaluation[];
  readonly samples: readonly StepSamples[];
  /** What the first and the last evaluation drew. */
  readonly drawn: readonly DrawnItem[];
  /** Images of the last evaluation that are nearest to a training photo. */
  readonly nearest: readonly ShownNearest[];
  /** Whether the judge's probabilities hold; `null` where that was not measured. */
  readonly calibration: JudgeCalibrationFile | null;
  /** What the reader should know. */
  readonly notes: readonly string[];
  /** The resolved config as YAML. */
  readonly config: string;
  readonly manifest: Partial<Manifest>;
}

/** How many steps' samples a report shows: the first, the last, and evenly between. */
const SHOWN_SAMPLES = 6;

const textOr = (path: string, otherwise: string): Stage<HasFiles, string> => ({ files }) =>
  pipe(files.exists(path), TE.flatMap((exists) => exists ? files.readText(path) : TE.right(otherwise)));

const parsedOr = <A>(text: string, otherwise: A): A => {
  try {
    return JSON.parse(text) as A;
  } catch {
    return otherwise;
  }
};

const readStep = (folder: string, name: string): Stage<HasFiles, StepSamples> =>
  pipe(
    RTE.Do,
    RTE.bindW("png", (): Stage<HasFiles, Uint8Array> => ({ files }) =>
      files.readBytes(join(folder, `${name}.png`))),
    RTE.bindW("lines", () =>
      textOr(join(folder, `${name}.jsonl`), "")),
    RTE.map(({ png, lines }) => ({
      step: Number(name.slice("step-".length)),
      png,
      rows: lines.split("\n").flatMap((line) => {
        const row = line === "" ? null : parsedOr<Readonly<Record<string, unknown>> | null>(line, null);
        return row === null ? [] : [row];
      }),
    })),
  );

const readSamples = (folder: string): Stage<HasFiles, readonly StepSamples[]> => {
  const list: Stage<HasFiles, readonly string[]> = ({ files }) => files.list(folder);
  return pipe(
    list,
    RTE.map((names) => names.flatMap((name) => /^(step-\d+)\.png$/.exec(name)?.[1] ?? [])),
    RTE.flatMap((names) =>
      pipe(spread(names, SHOWN_SAMPLES), RA.map((name) => readStep(folder, name)), RTE.sequenceSeqArray)
    ),
  );
};

/**
 * Reads a run.
 *
 * @param folder Its paths; parts that a run has not written yet are empty.
 * @returns A stage with all that a report shows.
 */
export function readRun(folder: RunFolder): Stage<HasFiles, RunData> {
  return pipe(
    RTE.Do,
    RTE.bindW("rows", () => readMetrics(folder.metrics)),
    RTE.bindW("evaluations", () => readEvaluations(folder.evaluations)),
    RTE.bindW(
      "drawn",
      ({ evaluations }) => readGallery(folder.evaluations, evaluations.map(({ step }) => step)),
    ),
    RTE.bindW("nearest", ({ evaluations }) => readNearest(folder.evaluations, evaluations)),
    RTE.bindW("calibration", () => readJudgeCalibration(folder.evaluations)),
    RTE.bindW("samples", () => readSamples(folder.samples)),
    RTE.bindW(
      "notes",
      () => pipe(textOr(folder.notes, ""), RTE.map((text) => text.split("\n").filter(Boolean))),
    ),
    RTE.bindW("config", () => textOr(folder.config, "")),
    RTE.bindW("manifestText", () => textOr(folder.manifest, "{}")),
    RTE.map(({ manifestText, ...data }) => ({
      ...data,
      name: basename(folder.path),
      manifest: parsedOr<Partial<Manifest>>(manifestText, {}),
    })),
  );
}
