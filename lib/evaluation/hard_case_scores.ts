/**
 * Asking a model the hard cases of a concept, and what it scores on them.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import { loadConceptImage } from "../concept/photo.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { fold, type Key, keyFromSeed } from "../core/key.ts";
import { mean } from "../core/mean.ts";
import type { Stage } from "../core/stage.ts";
import { bootstrapInterval } from "../metrics/bootstrap.ts";
import type { HardCases } from "../run/hard_cases.ts";
import type { Assistant } from "../trained/assistant.ts";
import type { HasGeneration } from "./generate.ts";
import {
  HARD_METRICS,
  type HardCase,
  hardCases,
  type HardMetric,
  type HardPictures,
  type HardQuestion,
} from "./hard_cases.ts";
import { type LookAlikeOptions, lookAlikePhotos } from "./look_alike_photos.ts";
import { inTurn } from "./progress.ts";

/** A case with its score, in [0, 1]. */
export interface HardScore {
  readonly concept: string;
  readonly metric: HardMetric;
  readonly id: string;
  readonly score: number;
}

/** A question whose second turn is still to be asked. */
interface OpenTurn {
  readonly asked: HardQuestion;
  readonly again: NonNullable<HardQuestion["again"]>;
  readonly answer: string;
}

/** The second question follows the first and its answer, as a transcript. */
const transcript = ({ asked, again, answer }: OpenTurn): string =>
  `${asked.question}\n${answer}\n${again.question}`;

/** Asks second turns; gives their scores. */
const askAgain = <R>(
  open: readonly OpenTurn[],
  assistant: Assistant<R>,
  key: Key,
): Stage<R, readonly number[]> =>
  open.length === 0 ? RTE.right([]) : pipe(
    assistant.answer(
      open.map((turn, index) => ({
        question: transcript(turn),
        image: turn.asked.image,
        key: fold(key, index),
      })),
    ),
    RTE.map((answers) => open.map(({ again }, index) => again.score(answers[index] ?? ""))),
  );

/** Asks questions with their second turns; gives one score per question. */
const askBatch = <R>(
  batch: readonly HardQuestion[],
  assistant: Assistant<R>,
  key: Key,
): Stage<R, readonly (readonly [HardQuestion, number])[]> =>
  pipe(
    assistant.answer(batch.map(({ question, image }, index) => ({ question, image, key: fold(key, index) }))),
    RTE.flatMap((answers) => {
      const turns = batch.map((asked, index) => ({ asked, answer: answers[index] ?? "" }));
      const open = turns.flatMap(({ asked, answer }): readonly OpenTurn[] =>
        asked.again === undefined ? [] : [{ asked, again: asked.again, answer }]
      );
      return pipe(
        askAgain(open, assistant, fold(key, "again")),
        RTE.map((seconds) => {
          const second = new Map(open.map(({ asked }, index) => [asked, seconds[index] ?? 0]));
          return turns.map(({ asked, answer }) =>
            [asked, asked.score(answer) * (second.get(asked) ?? 1)] as const
          );
        }),
      );
    }),
  );

/**
 * Asks all cases.
 *
 * @param cases From {@link hardCases}.
 * @param options.batch Questions at a time.
 * @param options.key Of the questions.
 * @returns One score per case: the product of the scores of its questions and turns.
 */
export function askHardCases<R>(
  concept: string,
  cases: readonly HardCase[],
  assistant: Assistant<R>,
  options: { readonly batch: number; readonly key: Key },
): Stage<R & HasGeneration, readonly HardScore[]> {
  const scores = new Map<HardQuestion, number>();
  const step = (batch: readonly HardQuestion[]): Stage<R, void> =>
    pipe(
      askBatch(batch, assistant, fold(options.key, scores.size)),
      RTE.map((scored) => scored.forEach(([question, score]) => scores.set(question, score))),
    );
  const questions = cases.flatMap((each) => each.questions);
  return pipe(
    inTurn(questions, { label: "hard cases", size: options.batch, step }),
    RTE.map(() =>
      cases.map(({ metric, id, questions: own }) => ({
        ...{ concept, metric, id },
        score: own.reduce((product, question) => product * (scores.get(question) ?? 0), 1),
      }))
    ),
  );
}

/** What measuring needs. */
export interface HardCaseOptions extends LookAlikeOptions {
  readonly batch: number;
}

const VQA_CASES = 8;

function picturesOf(concept: Concept, options: HardCaseOptions): Stage<HasFiles & HasLog, HardPictures> {
  const { count, imageSize } = options;
  const load = (path: string) => loadConceptImage(path, imageSize);
  const listed = concept.evalItems.filter(({ kind, answer }) => kind === "vqa" && answer !== null)
    .map(({ question, answer, image }) => ({ question, answer: answer ?? "", image }));
  const shown = listed.length > 0
    ? listed
    : concept.vqa.flatMap(({ image, exchanges }) =>
      exchanges.map(({ question, answer }) => ({ question, answer, image }))
    );
  return pipe(
    RTE.Do,
    RTE.bindW("own", () => RTE.traverseSeqArray(load)(concept.testImages.slice(0, count))),
    RTE.bindW("others", () => lookAlikePhotos(concept, options)),
    RTE.bindW(
      "vqa",
      () =>
        RTE.traverseSeqArray(({ image, ...rest }: typeof shown[number]) =>
          pipe(load(image), RTE.map((loaded) => ({ ...rest, image: loaded })))
        )(shown.slice(0, VQA_CASES)),
    ),
  );
}

/**
 * Measures a model on the hard cases of one concept.
 *
 * @param options Look-alikes, numbers, seed.
 * @returns One score per case; Left as {@link lookAlikePhotos}, or what the model failed with.
 */
export function measureHardCases<R>(
  concept: Concept,
  assistant: Assistant<R>,
  options: HardCaseOptions,
): Stage<R & HasGeneration, readonly HardScore[]> {
  const key = fold(keyFromSeed(options.seed), `hard cases of ${concept.id}`);
  return pipe(
    picturesOf(concept, options),
    RTE.flatMap((pictures): Stage<R & HasGeneration, readonly HardScore[]> =>
      askHardCases(concept.id, hardCases(concept, pictures), assistant, { batch: options.batch, key })
    ),
  );
}

/**
 * Sums up the scores of all concepts.
 *
 * @param options.lookAlikes Where the look-alikes come from.
 * @param options.seed Of the bootstrap.
 * @returns Means over cases with 95 % bootstrap intervals over them; a score without a case is absent.
 */
export function hardCaseSummary(
  scores: readonly HardScore[],
  options: { readonly lookAlikes: string; readonly seed: number },
): HardCases {
  const { lookAlikes, seed } = options;
  const entries = HARD_METRICS.flatMap((metric) => {
    const values = scores.filter((each) => each.metric === metric).map(({ score }) => score);
    if (values.length === 0) return [];
    const interval = bootstrapInterval(values, { key: fold(keyFromSeed(seed), metric) });
    return [[metric, { value: mean(values), cases: values.length, ...interval ?? {} }]];
  });
  return { lookAlikes, scores: Object.fromEntries(entries) };
}
