/**
 * Questions that a personalised model gets wrong while its scores are good: somebody who looks like the concept, and what nobody
 * can know. They are scored apart and never mixed into the paper's columns.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import { recognitionQuestion } from "../concept/dialogue_templates.ts";
import type { RgbImage } from "../image/image.ts";
import { solidImage } from "../image/image.ts";
import { resize } from "../image/resize.ts";
import { characterBleu } from "../metrics/bleu.ts";
import { isHit } from "../metrics/recognition.ts";

/** The scores of hard cases, in the order in which they are shown. */
export const HARD_METRICS = [
  "look_alike_rec",
  "look_alike_beside",
  "look_alike_which",
  "look_alike_two_turns",
  "look_alike_vqa",
  "cant_know",
] as const;

/** A score of {@link HARD_METRICS}. */
export type HardMetric = typeof HARD_METRICS[number];

/** One question about a picture; `again` is asked after it in the same dialogue. */
export interface HardQuestion {
  readonly question: string;
  readonly image: RgbImage | null;
  /** Scores an answer, in [0, 1]. */
  readonly score: (answer: string) => number;
  readonly again?: Pick<HardQuestion, "question" | "score">;
}

/** Questions that only count together: the score of the case is the product of theirs, so guessing one way never helps. */
export interface HardCase {
  readonly metric: HardMetric;
  readonly id: string;
  readonly questions: readonly HardQuestion[];
}

/** What a case is made from. */
export interface HardPictures {
  /** Photos of the concept, square, of one size. */
  readonly own: readonly RgbImage[];
  /** Photos of look-alikes, of the same size; two or more. */
  readonly others: readonly RgbImage[];
  /** Questions about photos of the concept with their answers. */
  readonly vqa: readonly { readonly question: string; readonly answer: string; readonly image: RgbImage }[];
}

/**
 * Puts two square pictures side by side into one of the same side.
 *
 * @returns Both at half their size in the middle, grey above and below.
 */
export function sideBySide(left: RgbImage, right: RgbImage): RgbImage {
  const side = left.width;
  const half = Math.floor(side / 2);
  const canvas = solidImage(side, side, [128, 128, 128]);
  const top = Math.floor((side - half) / 2);
  const data = Uint8ClampedArray.from(canvas.data);
  [left, right].forEach((image, at) => {
    const small = resize(image, { width: half, height: half }, "box");
    for (let y = 0; y < half; y++) {
      const row = small.data.subarray(y * half * 3, (y + 1) * half * 3);
      data.set(row, ((top + y) * side + at * half) * 3);
    }
  });
  return { ...canvas, data: new Uint8Array(data.buffer) };
}

const UNKNOWN =
  /\b(unknown|unsure|no idea|no information|(don['’]?t|do not|cannot|can['’]?t|could not|couldn['’]?t|impossible to) (know|say|tell|see|answer|determine)|(not|never) (known|given|said|told|mentioned|sure|provided|visible|stated|specified))\b/i;

/**
 * Tells whether an answer says that it cannot be known.
 *
 * @example
 * ```ts
 * import { saysUnknown } from "./hard_cases.ts";
 * import assert from "node:assert/strict";
 * assert.ok(saysUnknown("I don't know."));
 * assert.ok(!saysUnknown("A red ball."));
 * ```
 */
export function saysUnknown(answer: string): boolean {
  return UNKNOWN.test(answer);
}

/** Questions that no photo answers, each with the words of facts that would. */
const UNANSWERABLE: readonly (readonly [string, RegExp])[] = [
  ["What is the telephone number of @?", /phone|number/i],
  ["On which day was @ born?", /born|birth|age/i],
  ["What did @ eat yesterday?", /eat|ate|food|yesterday/i],
  ["What is the name of the best friend of @?", /friend/i],
  ["How many kilograms does @ weigh?", /weigh|kilo|pound|heavy/i],
  ["Which song does @ like best?", /song|music|sing/i],
  ["Who made the first photo of @?", /photograph/i],
  ["In which year will @ move house?", /move|moving/i],
];

const yesNo = (truth: boolean) => (answer: string): number => Number(isHit({ truth, answer }, "strict"));

const side = (wanted: "left" | "right") => (answer: string): number =>
  Number(/\b(left|right)\b/.exec(answer.toLowerCase())?.[1] === wanted);

const numbered = (metric: HardMetric, index: number): string => `${metric}_${String(index).padStart(3, "0")}`;

/** The question of the recognition test, as the data words it. */
const recQuestion = ({ evalItems, token }: Concept): string =>
  evalItems.find(({ kind }) => kind === "rec")?.question ?? recognitionQuestion(token);

function pictureCases(concept: Concept, { own, others }: HardPictures): readonly HardCase[] {
  const seen = recQuestion(concept);
  const which = `Which of the two is ${concept.token}? Answer with left or right.`;
  const doubt = `So is this somebody else who only looks like ${concept.token}? Answer Yes or No.`;
  const asked = (image: RgbImage, truth: boolean): HardQuestion => ({
    question: seen,
    image,
    score: yesNo(truth),
  });
  const dialogue = (image: RgbImage, truth: boolean): HardQuestion => ({
    ...asked(image, truth),
    again: { question: doubt, score: yesNo(!truth) },
  });
  return own.flatMap((photo, index): readonly HardCase[] => {
    const other = others[index % others.length] as RgbImage;
    const another = others[(index + 1) % others.length] as RgbImage;
    const of = (metric: HardMetric, ...questions: readonly HardQuestion[]): HardCase => ({
      ...{ metric, questions },
      id: numbered(metric, index),
    });
    return [
      of("look_alike_rec", asked(photo, true), asked(other, false)),
      of(
        "look_alike_beside",
        asked(sideBySide(photo, other), true),
        asked(sideBySide(another, other), false),
      ),
      of(
        "look_alike_which",
        { question: which, image: sideBySide(photo, other), score: side("left") },
        { question: which, image: sideBySide(other, photo), score: side("right") },
      ),
      of("look_alike_two_turns", dialogue(photo, true), dialogue(other, false)),
    ];
  });
}

const vqaCases = ({ vqa, others }: HardPictures): readonly HardCase[] =>
  vqa.map(({ question, answer, image }, index) => ({
    metric: "look_alike_vqa",
    id: numbered("look_alike_vqa", index),
    questions: [{
      question,
      image: sideBySide(image, others[index % others.length] as RgbImage),
      score: (said) => characterBleu(answer, said),
    }],
  }));

/** A question that nobody can answer goes with one that the data answers: never to answer is as wrong as always to. */
function unknowableCases({ token, facts, info, textOnly }: Concept): readonly HardCase[] {
  const told = [info, ...facts.map(({ text }) => text)].join(" ");
  const unanswerable = UNANSWERABLE.filter(([, words]) => !words.test(told))
    .map(([question]) => question.replaceAll("@", token));
  return unanswerable.slice(0, textOnly.length).map((question, index): HardCase => ({
    metric: "cant_know",
    id: numbered("cant_know", index),
    questions: [
      { question, image: null, score: (answer) => Number(saysUnknown(answer)) },
      {
        question: textOnly[index]?.question ?? "",
        image: null,
        score: (answer) => Number(answer.trim() !== "" && !saysUnknown(answer)),
      },
    ],
  }));
}

/**
 * Lists the hard cases of a concept.
 *
 * @param pictures Photos of the concept and of look-alikes.
 * @returns Cases by score. A question that a fact answers is left out of `cant_know`.
 */
export function hardCases(concept: Concept, pictures: HardPictures): readonly HardCase[] {
  return [...pictureCases(concept, pictures), ...vqaCases(pictures), ...unknowableCases(concept)];
}
