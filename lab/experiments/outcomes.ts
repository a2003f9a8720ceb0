/**
 * What finished runs measured, and the files of an experiment's table.
 *
 * @module
 */
import { join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { decodeWith, parseJson } from "../../lib/concept/json_file.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { csvTable, markdownTable } from "../../lib/metrics/table_formats.ts";
import type { MetricTable } from "../../lib/metrics/table.ts";
import { type Evaluation, readEvaluation } from "../../lib/evaluation/evaluation.ts";
import { evaluatedSteps, evaluationFile } from "./cell.ts";
import type { Sample } from "./paired.ts";
import type { FinishedCell } from "./run_cells.ts";

/** A finished run with its scores before and after the updates. */
export interface RunOutcome extends FinishedCell {
  readonly before: Sample;
  /** Without updates the same as `before`. */
  readonly after: Sample;
  /** The commit of the source that the run was started with. */
  readonly commit: string | null;
  readonly backend: string;
  /** Who judged, pictures per prompt, and the like. */
  readonly notes: readonly string[];
}

const manifestCodec = t.type({ commit: t.union([t.string, t.null]), backend: t.string });

const sampleOf = ({ cell }: FinishedCell, { scores }: Evaluation): Sample => ({
  concept: cell.concept,
  seed: cell.seed,
  scores: Object.fromEntries(Object.entries(scores).map(([key, { value }]) => [key, value])),
});

const readText = (path: string): Stage<HasFiles, string> => ({ files }) => files.readText(path);

/**
 * Reads what a finished run measured.
 *
 * @returns Its scores; Left naming the file that is missing or damaged.
 */
export function readOutcome(finished: FinishedCell): Stage<HasFiles, RunOutcome> {
  const { cell, folder } = finished;
  const steps = evaluatedSteps(cell.settings);
  return pipe(
    RTE.Do,
    RTE.bindW(
      "evaluations",
      () => RTE.traverseSeqArray((step: number) => readEvaluation(evaluationFile(folder, step)))(steps),
    ),
    RTE.bindW("manifest", () =>
      pipe(
        readText(folder.manifest),
        RTE.flatMapEither((text) => parseJson(text, folder.manifest)),
        RTE.flatMapEither(decodeWith(manifestCodec, folder.manifest)),
      )),
    RTE.map(({ evaluations, manifest }) => ({
      ...finished,
      ...manifest,
      before: sampleOf(finished, evaluations[0] as Evaluation),
      after: sampleOf(finished, evaluations.at(-1) as Evaluation),
      notes: (evaluations[0]?.notes ?? []).filter((note) => /^(judge|yes and no|\d+ pictures)/.test(note)),
    })),
  );
}

/** Notes on where the numbers come from: the same for all runs, or each of them once. */
export function provenance(outcomes: readonly RunOutcome[]): readonly string[] {
  const commits = [...new Set(outcomes.map(({ commit }) => commit ?? "unknown"))].map((hash) =>
    hash.slice(0, 12)
  );
  const backends = [...new Set(outcomes.map(({ backend }) => backend))];
  const notes = new Set(outcomes.flatMap((outcome) => outcome.notes));
  return [...notes, `backend: ${backends.join("; ")}; source: ${commits.join(", ")}`];
}

const runRecord = ({ cell, folder, before, after, commit }: RunOutcome) => ({
  variant: cell.variant,
  concept: cell.concept,
  seed: cell.seed,
  updates: cell.settings.rl.maxSteps,
  folder: folder.path,
  commit,
  before: before.scores,
  after: after.scores,
});

/**
 * Writes `table.json`, `table.md` and `table.csv`.
 *
 * @param folder The experiment's folder; must exist.
 * @param outcomes The runs behind it; their scores go into the JSON, too.
 */
export function writeTable(
  folder: string,
  table: MetricTable,
  outcomes: readonly RunOutcome[],
): Stage<HasFiles, void> {
  const json = { ...table, runs: outcomes.map(runRecord) };
  return ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() => files.writeAtomic(join(folder, "table.json"), `${JSON.stringify(json, null, 1)}\n`)),
      TE.flatMap(() => files.writeAtomic(join(folder, "table.md"), markdownTable(table))),
      TE.flatMap(() => files.writeAtomic(join(folder, "table.csv"), csvTable(table))),
    );
}
