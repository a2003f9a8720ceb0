/**
 * A run in a few numbers, for lists and comparisons.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { parse } from "@std/yaml";
import { basename, join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import { type Evaluation, readEvaluations } from "./evaluation.ts";
import { type RunFolder, runFolder } from "./folder.ts";
import type { Manifest } from "./manifest.ts";
import { type MetricsRow, readMetrics } from "./metrics_log.ts";
import { flatParameters, type HyperParameter } from "./tensorboard.ts";

/** A run in a few numbers. */
export interface RunSummary {
  /** The folder's name. */
  readonly folder: string;
  readonly command: string;
  /** ISO 8601, or empty. */
  readonly started: string;
  readonly backend: string;
  readonly commit: string;
  readonly configHash: string;
  /** Updates done. */
  readonly steps: number;
  /** Dotted YAML name → value. */
  readonly config: Readonly<Record<string, HyperParameter>>;
  /** Metric → mean over the last tenth of the updates. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Metric → score of the last evaluation. */
  readonly scores: Readonly<Record<string, number>>;
}

const finite = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/**
 * Averages every metric over the last tenth of the updates.
 *
 * @param rows The rows of a run.
 * @returns Metric → mean over the steps at which it was measured; metrics never measured there are left out.
 */
export function finalMetrics(rows: readonly MetricsRow[]): Readonly<Record<string, number>> {
  const last = rows.slice(-Math.max(1, Math.floor(rows.length / 10)));
  const names = [...new Set(last.flatMap(({ metrics }) => Object.keys(metrics)))];
  return Object.fromEntries(names.flatMap((name) => {
    const values = last.map(({ metrics }) => metrics[name]).filter(finite);
    return values.length === 0 ? [] : [[name, values.reduce((sum, value) => sum + value, 0) / values.length]];
  }));
}

const scoresOf = (evaluation: Evaluation | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(evaluation?.scores ?? {}).flatMap(([name, { value }]) =>
      value === null ? [] : [[name, value]]
    ),
  );

const parsedRecord = (text: string, parser: (text: string) => unknown): Readonly<Record<string, unknown>> => {
  try {
    const value = parser(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
};

const textOrNothing = (path: string): Stage<HasFiles, string> => ({ files }) => textIfThere(files, path);

/**
 * Summarises a run.
 *
 * @param folder Its paths; a part that is missing or cannot be read counts as empty.
 * @returns A stage with the summary.
 */
export function summariseRun(folder: RunFolder): Stage<HasFiles, RunSummary> {
  return pipe(
    RTE.Do,
    RTE.bindW("rows", () => readMetrics(folder.metrics)),
    RTE.bindW("evaluations", () => readEvaluations(folder.evaluations)),
    RTE.bindW("config", () => textOrNothing(folder.config)),
    RTE.bindW("manifest", () => textOrNothing(folder.manifest)),
    RTE.map(({ rows, evaluations, config, manifest }): RunSummary => {
      const facts = parsedRecord(manifest, JSON.parse) as Partial<Manifest>;
      return {
        folder: basename(folder.path),
        command: facts.command ?? "",
        started: facts.started ?? "",
        backend: facts.backend ?? "",
        commit: facts.commit ?? "",
        configHash: facts.configHash ?? "",
        steps: rows.at(-1)?.step ?? 0,
        config: flatParameters(parsedRecord(config, parse)),
        metrics: finalMetrics(rows),
        scores: scoresOf(evaluations.at(-1)),
      };
    }),
  );
}

/**
 * Finds the runs in a folder: what holds a manifest.
 *
 * @param root The folder of all runs.
 * @returns A stage with the summaries, oldest run first; none if the folder is missing.
 */
export function summariseRuns(root: string): Stage<HasFiles, readonly RunSummary[]> {
  const withManifest: Stage<HasFiles, readonly RunFolder[]> = ({ files }) =>
    pipe(
      files.list(root),
      TE.flatMap((names) =>
        pipe(
          names.map((name) => runFolder(join(root, name))),
          RA.map((folder) => pipe(files.exists(folder.manifest), TE.map((exists) => exists ? [folder] : []))),
          TE.sequenceSeqArray,
        )
      ),
      TE.map((found) => found.flat()),
    );
  return pipe(
    withManifest,
    RTE.flatMap((folders) => pipe(folders, RA.map(summariseRun), RTE.sequenceSeqArray)),
    RTE.map((runs) => [...runs].sort((a, b) => a.started < b.started ? -1 : 1)),
  );
}
