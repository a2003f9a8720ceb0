/**
 * One place to report a step to: the metrics file, TensorBoard, the sample grid.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { type Evaluation, writeEvaluation } from "./evaluation.ts";
import type { RunFolder } from "./folder.ts";
import { appendMetrics, type MetricsRow } from "./metrics_log.ts";
import { type Sample, writeSamples } from "./samples.ts";
import {
  type EventFile,
  imageValue,
  openEventFile,
  scalarValue,
  type SummaryValue,
  textValue,
} from "./tensorboard.ts";

/** Takes down what a run does. */
export interface Tracker {
  /** Reports an update: its metrics, and samples where there are any to show. */
  readonly step: (row: MetricsRow, samples?: readonly Sample[]) => Stage<HasFiles & HasClock, void>;
  /** Reports an evaluation. */
  readonly evaluation: (evaluation: Evaluation) => Stage<HasFiles & HasClock, void>;
}

/** What a tracker has to know. */
export interface TrackerOptions {
  /** The last step that was reported before; 0 for a new run. */
  readonly lastStep: number;
  /** Every metric of the run, so that each row has the same keys. */
  readonly metrics: readonly string[];
  /** The config with YAML names, for TensorBoard's table of runs. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const scalars = (values: Readonly<Record<string, number | null>>): readonly SummaryValue[] =>
  Object.entries(values).flatMap(([name, value]) =>
    value === null || !Number.isFinite(value) ? [] : [scalarValue(name, value)]
  );

/** A text in a cell of a Markdown table: TensorBoard would take `<mip>` for a tag. */
const cell = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "\\|").replaceAll("\n", " ");

const sampleText = (samples: readonly Sample[]): string =>
  [
    "| reward | prompt | reasoning |",
    "|---|---|---|",
    ...samples.map(({ reward, prompt, reasoning }) =>
      `| ${reward?.toFixed(3) ?? ""} | ${cell(prompt)} | ${cell(reasoning ?? "")} |`
    ),
  ].join("\n");

const reportStep =
  (folder: RunFolder, events: EventFile, options: TrackerOptions): Tracker["step"] => (row, samples = []) =>
    pipe(
      writeSamples(folder.samples, row.step, samples),
      RTE.flatMap((png) =>
        events.write(row.step, [
          ...scalars(row.metrics),
          ...(png === undefined
            ? []
            : [imageValue("samples", png), textValue("reasoning", sampleText(samples))]),
        ])
      ),
      RTE.flatMap(() => appendMetrics(folder.metrics, row, options.metrics)),
    );

const reportEvaluation = (folder: RunFolder, events: EventFile): Tracker["evaluation"] => (evaluation) => {
  const values = Object.entries(evaluation.scores).map(([name, { value }]) =>
    [`eval/${name}`, value] as const
  );
  return pipe(
    writeEvaluation(folder.evaluations, evaluation),
    RTE.flatMap(() => events.write(evaluation.step, scalars(Object.fromEntries(values)))),
  );
};

/**
 * Opens the records of a run.
 *
 * @param folder The run's paths.
 * @param options What a tracker has to know.
 * @returns A stage with the tracker. A step's line in `metrics.jsonl` is written last: what it lists is all there.
 */
export function openTracker(folder: RunFolder, options: TrackerOptions): Stage<HasFiles & HasClock, Tracker> {
  return pipe(
    openEventFile(folder.path, {
      firstStep: options.lastStep + 1,
      parameters: options.parameters,
      metrics: ["reward", "kl"],
    }),
    RTE.map((events) => ({
      step: reportStep(folder, events, options),
      evaluation: reportEvaluation(folder, events),
    })),
  );
}
