/**
 * Scores of answers: hits, BLEU, exact matches, a judge's grade.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import type { Stage } from "../core/stage.ts";
import { characterBleu } from "../metrics/bleu.ts";
import { choseRight } from "../metrics/choice.ts";
import type { Judge, JudgedText } from "../metrics/judge/judge.ts";
import { isHit } from "../metrics/recognition.ts";
import { cleanReasoning, compoundPrompt } from "../method/compound_prompt.ts";
import type { AskItem } from "./item.ts";
import type { AnswerRow } from "./prediction_rows.ts";
import type { ScoredItem, ScoreOptions } from "./scored.ts";

/**
 * Whether the right answer of a recognition question says that the concept is in the picture.
 *
 * @param reference The right answer.
 * @returns False for "No", true for anything else.
 */
export function showsConcept(reference: string): boolean {
  return !/^\s*no\b/i.test(reference);
}

const plain = (text: string): string =>
  text.toLowerCase().replace(/\s+/g, " ").replace(/\s*([.,!?;:])/g, "$1").replace(/[.!?]+$/, "").trim();

/**
 * Compares two sentences word by word; case, spaces and the full stop do not count.
 *
 * @param reference The right one.
 * @returns Whether they are the same.
 *
 * @example
 * ```ts
 * import { sameSentence } from "./score_answers.ts";
 * import assert from "node:assert/strict";
 * assert.ok(sameSentence("at night <mip> holds a blue ball .", "At night <mip> holds a blue ball."));
 * ```
 */
export function sameSentence(reference: string, answer: string): boolean {
  return plain(reference) === plain(answer);
}

/** The options that a question spells out, `A. On a ledge. B. On a sofa.`; letters alone where it does not. */
const optionsIn = (question: string, correct: string): Readonly<Record<string, string>> => {
  const found = [...question.matchAll(/(?:^|[\s(])([A-H])[.):]\s*([^.?!]*)/g)]
    .map(([, letter = "", text = ""]) => [letter, text.trim()] as const);
  return { [correct]: "", ...Object.fromEntries(found) };
};

const choseLetter = (item: AskItem, reference: string, answer: string): boolean => {
  const correct = reference.trim().charAt(0).toUpperCase();
  return choseRight({ options: optionsIn(item.question, correct), correct, answer });
};

type Measure = (item: AskItem, reference: string, answer: string) => number;

/** What is measured without a judge, by task. */
const measures = (
  options: ScoreOptions,
): Readonly<Record<AskItem["task"], Readonly<Record<string, Measure>>>> => {
  const bleu: Measure = (_, reference, answer) => characterBleu(reference, answer);
  const chosen: Measure = (item, reference, answer) => Number(choseLetter(item, reference, answer));
  const exact: Measure = (_, reference, answer) => Number(sameSentence(reference, answer));
  return {
    rec: {
      rec_accuracy: (_, reference, answer) =>
        Number(isHit({ truth: showsConcept(reference), answer }, options.hitRule)),
    },
    vqa: { vqa_bleu: bleu },
    qa: { qa_bleu: bleu },
    choice: { choice_accuracy: chosen },
    text_choice: { text_choice_accuracy: chosen },
    rea: { rea_bleu: bleu, rea_exact: exact },
    dense_rea: {},
    rea_train: { rea_train_bleu: bleu, rea_train_exact: exact },
    rea_wording: { rea_wording_bleu: bleu, rea_wording_exact: exact },
    rea_new: { rea_new_bleu: bleu, rea_new_exact: exact },
  };
};

/** The tasks whose answers a judge grades. */
export const JUDGED_TASKS: readonly AskItem["task"][] = [
  ...["vqa", "qa", "rea", "dense_rea", "rea_train", "rea_wording", "rea_new"] as const,
];

/** A rewritten prompt is judged whole: the prompt with the answer behind it, as it would be drawn. */
const judgedText = (
  item: AskItem,
  prediction: string,
  { concept, options }: AnswerContext<unknown>,
): JudgedText => {
  const rewritten = (): string =>
    compoundPrompt({ basePrompt: item.prompt ?? "" }, cleanReasoning(prediction, concept, options));
  return {
    question: item.prompt ?? item.question,
    reference: item.reference ?? "",
    prediction: item.rubric === "rewrite" ? rewritten() : prediction,
    rubric: item.rubric,
  };
};

interface AnswerContext<R> {
  readonly concept: Concept;
  readonly judge: Judge<R> | null;
  readonly options: ScoreOptions;
}

const scoreOne =
  <R>(context: AnswerContext<R>) => (item: AskItem, row: AnswerRow | undefined): Stage<R, ScoredItem> => {
    const { concept, judge, options } = context;
    const { reference } = item;
    const answer = row?.prediction ?? null;
    const measured = Object.entries(measures(options)[item.task]).map(([name, measure]) => {
      if (reference === null) return [name, null] as const;
      return [name, answer === null ? missing(options) : measure(item, reference, answer)] as const;
    });
    const name = `${item.task}_judge`;
    const judged = judge === null || !JUDGED_TASKS.includes(item.task) ? null : judge;
    const grade: Stage<R, number | null> = judged === null || reference === null
      ? RTE.right(null)
      : answer === null
      ? RTE.right(missing(options))
      : judged.text(judgedText(item, answer, { ...context, judge: null }));
    return pipe(
      grade,
      RTE.map((score): ScoredItem => ({
        concept: concept.id,
        category: concept.category,
        task: item.task,
        item: item.id,
        sample: null,
        prompt: item.question,
        reference,
        prediction: answer,
        image: null,
        promptUsed: null,
        reasoning: null,
        scores: { ...Object.fromEntries(measured), ...(judged === null ? {} : { [name]: score }) },
        segments: [],
        look: null,
      })),
    );
  };

const missing = ({ missingAsZero }: ScoreOptions): number | null => missingAsZero ? 0 : null;

/**
 * Scores the answers of a concept.
 *
 * @param rows Answers by item, `task/id`.
 * @param context Concept, judge (`null` = no grades) and rules.
 * @returns One scored item per question, in order; what the data or the judge has no score for is `null`.
 */
export function scoreAnswers<R>(
  items: readonly AskItem[],
  rows: ReadonlyMap<string, AnswerRow>,
  context: AnswerContext<R>,
): Stage<R, readonly ScoredItem[]> {
  const score = scoreOne(context);
  return RTE.traverseArray((item: AskItem) => score(item, rows.get(`${item.task}/${item.id}`)))(items);
}
