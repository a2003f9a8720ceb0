/**
 * A whole evaluation: items → predictions → scores → summary, each step resumable and usable alone.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { stepName } from "../run/checkpoint_folder.ts";
import type { ImageStatistics } from "../metrics/image_statistics.ts";
import { writeEvaluation } from "../run/evaluation.ts";
import type { HardCases } from "../run/hard_cases.ts";
import type { Judges } from "../run/judges.ts";
import type { Assistant } from "../trained/assistant.ts";
import { type Evaluation, evaluationOf, type Protocol } from "./evaluation.ts";
import { writeEvaluationFiles } from "./evaluation_files.ts";
import { generate, type GenerateOptions, type HasGeneration } from "./generate.ts";
import { coldStartLook } from "./image_summary.ts";
import { EVAL_TASKS, type Item, type ItemOptions } from "./item.ts";
import { evalItems, neededItems } from "./items.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import { BENCH, type PredictionRow, rowsOfConcept } from "./prediction_rows.ts";
import { scoreAnswers } from "./score_answers.ts";
import { scorePictures } from "./score_pictures.ts";
import type { HardScore } from "./hard_case_scores.ts";
import { type EvaluationExperts, SCORE_DEFAULTS, type ScoredItem, type ScoreOptions } from "./scored.ts";

/** What an evaluation can be told. */
export interface EvaluateOptions {
  /** The data set; default UnifyBench++. */
  readonly bench?: Benchmark;
  /** The update after which the state was taken; names the files. */
  readonly step: number;
  /** What tables call the model. */
  readonly model: string;
  /** Names weights and settings; predictions of another fingerprint are made again. */
  readonly fingerprint: string;
  /** The run's `eval` folder. */
  readonly folder: string;
  /** Side of the photos that questions are about, pixels. */
  readonly imageSize: number;
  readonly seed?: number;
  /** Default 4. */
  readonly imagesPerPrompt?: number;
  readonly answerBatch?: number;
  readonly drawBatch?: number;
  readonly items?: ItemOptions;
  readonly scoring?: Partial<ScoreOptions>;
  readonly reasoning?: GenerateOptions["reasoning"];
}

/** The numbers that every evaluation takes unless told otherwise. */
export const EVALUATE_DEFAULTS = {
  seed: 3407,
  imagesPerPrompt: 4,
  answerBatch: 16,
  drawBatch: 8,
  reasoning: "own",
} as const satisfies Partial<EvaluateOptions>;

/** The scores of a concept. */
export interface ConceptResult {
  readonly concept: Concept;
  readonly items: readonly ScoredItem[];
  readonly realImages: Readonly<Record<string, number | null>>;
  /** Mean statistics of the training photos; `null` where nothing was drawn. */
  readonly photos: ImageStatistics | null;
  /** Scores of hard cases; absent where they were not asked. */
  readonly hard?: readonly HardScore[];
}

/** What is needed to score predictions. */
export interface ScoringRequest<R> {
  readonly experts: EvaluationExperts<R>;
  readonly items?: ItemOptions;
  readonly scoring?: Partial<ScoreOptions>;
}

const byItem = <A extends PredictionRow>(rows: readonly A[]): ReadonlyMap<string, readonly A[]> =>
  Map.groupBy(rows, ({ task, item }) => `${task}/${item}`);

/**
 * Scores the predictions of one concept; the model is not needed.
 *
 * @param rows Its predictions, files relative to the working folder.
 * @param request Experts, tasks, rules.
 * @returns Scored items; Left `InputInvalid` for a row that belongs to no item.
 */
export function scoreConcept<R>(
  concept: Concept,
  rows: readonly PredictionRow[],
  request: ScoringRequest<R>,
): Stage<R & HasFiles, ConceptResult> {
  const options = { ...SCORE_DEFAULTS, ...request.scoring };
  const wanted: readonly Item[] = evalItems(concept, request.items);
  const all = evalItems(concept, { ...request.items, tasks: EVAL_TASKS });
  const { experts } = request;
  return pipe(
    RTE.fromEither(rowsOfConcept(rows, { concept: concept.id, items: all, where: "predictions" })),
    RTE.bindTo("own"),
    RTE.bindW("answers", ({ own }) => {
      const answers = own.filter((row) => "prediction" in row);
      return scoreAnswers(
        wanted.filter((item) => item.kind === "ask"),
        new Map(answers.map((row) => [`${row.task}/${row.item}`, row])),
        { concept, judge: experts.judge, options },
      );
    }),
    RTE.bindW("pictures", ({ own }) =>
      scorePictures(
        wanted.filter((item) => item.kind === "draw"),
        byItem(own.filter((row) => "image" in row)),
        { concept, experts, options },
      )),
    RTE.map(({ answers, pictures }) => ({
      concept,
      items: [...answers, ...pictures.items],
      realImages: pictures.realImages,
      photos: pictures.photos,
    })),
  );
}

/** What a summary needs besides scores. */
export interface SummaryRequest {
  readonly bench?: Benchmark;
  readonly step: number;
  readonly model: string;
  /** The folder of `step-000040.json` and `step-000040/`. */
  readonly folder: string;
  readonly protocol: Protocol;
  readonly judges?: Judges;
  readonly hardCases?: HardCases;
}

/**
 * Describes how numbers came about.
 *
 * @param options Tasks, rules, seed.
 * @param judge Id of the judge; `null` = none.
 * @returns The protocol with every default filled in.
 */
export function protocolOf(
  options: Pick<EvaluateOptions, "seed" | "imagesPerPrompt" | "items" | "scoring"> & {
    readonly reasoning?: Protocol["reasoning"];
  },
  judge: string | null,
): Protocol {
  const { pictureBatch: _, maxWords: __, ...rules } = { ...SCORE_DEFAULTS, ...options.scoring };
  return {
    ...rules,
    seed: options.seed ?? EVALUATE_DEFAULTS.seed,
    imagesPerPrompt: options.imagesPerPrompt ?? EVALUATE_DEFAULTS.imagesPerPrompt,
    facts: options.items?.facts ?? "test",
    splitter: options.items?.splitter ?? "clauses",
    reasoning: options.reasoning ?? EVALUATE_DEFAULTS.reasoning,
    judge,
  };
}

/**
 * Summarises scored concepts and writes everything that a person or another program may want of it.
 *
 * @param results One per concept.
 * @param request Names, folder, protocol.
 * @returns The evaluation; `step-000040.json` and the files of {@link writeEvaluationFiles} are written.
 */
export function conclude(
  results: readonly ConceptResult[],
  request: SummaryRequest,
): Stage<HasFiles & HasLog, Evaluation> {
  const { bench = BENCH, step, model, folder, protocol, judges, hardCases } = request;
  const items = results.flatMap((result) => result.items);
  return pipe(
    coldStartLook(folder, step),
    RTE.map((start) =>
      evaluationOf({
        ...{ bench, step, model, protocol, items, start },
        concepts: results.map(({ concept }) => concept.id),
        realImages: results.map(({ realImages }) => realImages),
        photos: results.flatMap(({ photos }) => photos ?? []),
        ...(judges === undefined ? {} : { judges }),
        ...(hardCases === undefined ? {} : { hardCases }),
      })
    ),
    RTE.tap((evaluation) => writeEvaluationFiles(join(folder, stepName(step)), evaluation, items)),
    RTE.tap((evaluation) => writeEvaluation(folder, evaluation)),
    RTE.tap(({ images }) =>
      RTE.asks(({ log }: HasLog) =>
        images?.warnings.forEach((line) => log.warn(`${model}, step ${step}: ${line}`))
      )
    ),
  );
}

/**
 * Evaluates a model that knows a concept.
 *
 * What was predicted before under the same fingerprint is not asked again; the same weights, seed and backend give the same
 * numbers, whether the evaluation was stopped in between or not.
 *
 * @param experts What scores; metrics of absent experts are not measured.
 * @param options Names, folder, seed, tasks, rules.
 * @returns The evaluation, also written into the folder; Left `Interrupted` if a person stopped it: the next call goes on.
 */
export function evaluate<R, S>(
  concept: Concept,
  assistant: Assistant<R>,
  experts: EvaluationExperts<S>,
  options: EvaluateOptions,
): Stage<R & S & HasGeneration, Evaluation> {
  const { bench = BENCH, folder, step, model } = options;
  const protocol = protocolOf(options, experts.judge?.id ?? null);
  return pipe(
    predictAndScore(concept, assistant, experts, options),
    RTE.flatMap((result) => conclude([result], { bench, step, model, folder, protocol })),
  );
}

/**
 * The first three steps of {@link evaluate} for one concept of several; {@link conclude} makes a summary of all.
 *
 * @param experts What scores.
 * @param options Names, folder, seed, tasks, rules.
 * @returns Its scored items.
 */
export function predictAndScore<R, S>(
  concept: Concept,
  assistant: Assistant<R>,
  experts: EvaluationExperts<S>,
  options: EvaluateOptions,
): Stage<R & S & HasGeneration, ConceptResult> {
  const { items, scoring, folder, step } = options;
  const filled = { ...EVALUATE_DEFAULTS, ...options };
  const maxWords = scoring?.maxWords ?? SCORE_DEFAULTS.maxWords;
  return pipe(
    generate(concept, assistant, neededItems(concept, items), {
      ...filled,
      folder: join(folder, stepName(step)),
      maxWords,
    }),
    RTE.flatMap((rows) =>
      scoreConcept(concept, rows, {
        experts,
        ...(items === undefined ? {} : { items }),
        ...(scoring === undefined ? {} : { scoring }),
      })
    ),
  );
}
