/**
 * `eval/step-000040.json`: the scores of one evaluated state of a run.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import { attempt, type Checked, type Stage } from "../core/stage.ts";
import { stepName } from "./checkpoint_folder.ts";
import { type HardCases, HardCasesEntry } from "./hard_cases.ts";
import { type Judges, JudgesEntry } from "./judges.ts";

/** A score with its confidence interval. */
export interface Score {
  /** `null` where nothing could be scored. */
  readonly value: number | null;
  readonly low?: number;
  readonly high?: number;
}

/** A drawn image and the training photo that it is nearest to. */
export interface NearestImage {
  readonly task: string;
  readonly item: string;
  /** Its file. */
  readonly image: string;
  readonly photo: string;
  readonly bits: number;
  /** `null` without features. */
  readonly cosine: number | null;
  readonly copy: boolean;
}

/** What the images of an evaluation look like: watched, never rewarded. */
export interface Images {
  /** Statistic → mean with interval. */
  readonly scores: Readonly<Record<string, Score>>;
  /** The same of the training photos, where they have it. */
  readonly photos: Readonly<Record<string, number>>;
  /** The images that are nearest to a training photo, nearest first. */
  readonly nearest: readonly NearestImage[];
  /** What left the band of the cold start, each with a remedy. */
  readonly warnings: readonly string[];
}

/** What an evaluation found. */
export interface Evaluation {
  /** The update after which the state was taken; 0 is the cold start. */
  readonly step: number;
  /** Metric → score, higher is better: `rec_weight`, `vqa_bleu`. */
  readonly scores: Readonly<Record<string, Score>>;
  /** Metric → what a person calls it. */
  readonly titles: Readonly<Record<string, string>>;
  /** Lines under the table: judge, pictures per prompt. */
  readonly notes: readonly string[];
  /** Absent from files of earlier versions of this program. */
  readonly images?: Images;
  /** How far the judge can be trusted; absent where that was not measured. */
  readonly judges?: Judges;
  /** Look-alikes and what cannot be known; absent where they were not asked. */
  readonly hardCases?: HardCases;
}

const ScoreEntry = t.intersection([
  t.type({ value: t.union([t.number, t.null]) }),
  t.partial({ low: t.number, high: t.number }),
]);
const NearestEntry = t.type({
  ...{ task: t.string, item: t.string, image: t.string, photo: t.string, bits: t.number, copy: t.boolean },
  cosine: t.union([t.number, t.null]),
});

/** How `images` stands in the file. */
export const ImagesEntry = t.type({
  scores: t.record(t.string, ScoreEntry),
  photos: t.record(t.string, t.number),
  nearest: t.array(NearestEntry),
  warnings: t.array(t.string),
});

const EvaluationFile = t.intersection([
  t.type({
    step: t.number,
    scores: t.record(t.string, ScoreEntry),
    titles: t.record(t.string, t.string),
    notes: t.array(t.string),
  }),
  t.partial({ images: ImagesEntry, judges: JudgesEntry, hardCases: HardCasesEntry }),
]);

/**
 * Writes an evaluation into a run folder.
 *
 * @param folder The run's `eval` folder.
 * @returns A stage with the file's path.
 */
export function writeEvaluation(folder: string, evaluation: Evaluation): Stage<HasFiles, string> {
  const path = join(folder, `${stepName(evaluation.step)}.json`);
  return ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() => files.writeAtomic(path, `${JSON.stringify(evaluation, null, 1)}\n`)),
      TE.map(() => path),
    );
}

const parseEvaluation = (text: string, path: string): Checked<Evaluation> =>
  pipe(
    attempt((problem) => ({ _tag: "FileFailure", path, problem }), () => JSON.parse(text) as unknown),
    E.flatMap((value) =>
      pipe(
        EvaluationFile.decode(value),
        E.mapLeft(() => ({ _tag: "FileFailure" as const, path, problem: "is no evaluation of a run" })),
      )
    ),
    E.map((decoded) => decoded as Evaluation),
  );

/**
 * Reads all evaluations of a run.
 *
 * @param folder The run's `eval` folder.
 * @returns A stage with the evaluations, oldest step first; none if the folder is missing.
 */
export function readEvaluations(folder: string): Stage<HasFiles, readonly Evaluation[]> {
  return ({ files }) =>
    pipe(
      files.list(folder),
      TE.map((names) =>
        names.filter((name) => /^step-\d+\.json$/.test(name)).map((name) => join(folder, name))
      ),
      TE.flatMap((paths) =>
        pipe(
          paths,
          RA.map((path) =>
            pipe(files.readText(path), TE.flatMapEither((text) => parseEvaluation(text, path)))
          ),
          TE.sequenceSeqArray,
        )
      ),
      TE.map((all) => [...all].sort((a, b) => a.step - b.step)),
    );
}

/**
 * Finds the best evaluated state.
 *
 * @param evaluations The evaluations of a run.
 * @param metric The score to go by, higher is better.
 * @returns Its step, the earliest of equals; `undefined` if no evaluation has the score.
 */
export function bestStep(evaluations: readonly Evaluation[], metric: string): number | undefined {
  return scored(evaluations, metric).sort((a, b) => b.value - a.value || a.step - b.step)[0]?.step;
}

const scored = (
  evaluations: readonly Evaluation[],
  metric: string,
): { readonly step: number; readonly value: number }[] =>
  evaluations.flatMap(({ step, scores }) => {
    const value = scores[metric]?.value;
    return value === null || value === undefined ? [] : [{ step, value }];
  });

/**
 * Says whether a score has stopped to rise.
 *
 * @param evaluations The evaluations of a run, oldest first.
 * @param metric The score to go by, higher is better.
 * @param patience Evaluations in a row that may pass without a better one; 0 = any number.
 * @returns True once `patience` evaluations came after the best one.
 *
 * @example
 * ```ts
 * import { hasStalled } from "./evaluation.ts";
 * import assert from "node:assert/strict";
 * const scores = [0.4, 0.6, 0.6, 0.5].map((value, step) => ({ step, scores: { exact: { value } }, titles: {}, notes: [] }));
 * assert.ok(hasStalled(scores, "exact", 2));
 * assert.ok(!hasStalled(scores, "exact", 3));
 * ```
 */
export function hasStalled(evaluations: readonly Evaluation[], metric: string, patience: number): boolean {
  const best = bestStep(evaluations, metric);
  if (patience === 0 || best === undefined) return false;
  return scored(evaluations, metric).filter(({ step }) => step > best).length >= patience;
}
