/**
 * Yo'LLaVA, MC-LLaVA and DreamBench as concepts that are evaluated like those of UnifyBench.
 *
 * @module
 */
import type { Concept, EvalItem } from "../concept/concept.ts";
import type { DreambenchSubject } from "../concept/dreambench.ts";
import { type McllavaConcept, mcllavaRecognition } from "../concept/mcllava.ts";
import {
  type ChoiceQuestion,
  type RecognitionItem,
  yollavaRecognition,
  type YollavaSubject,
} from "../concept/yollava.ts";
import { keyFromSeed } from "../core/key.ts";

/** The data sets that can be evaluated. */
export const BENCHMARKS = ["unifybench++", "yollava", "mcllava", "dreambench"] as const;

/** A data set that can be evaluated. */
export type Benchmark = typeof BENCHMARKS[number];

const NOTHING: Omit<Concept, "id" | "token" | "category" | "className" | "generationType" | "base" | "root"> =
  {
    info: "",
    ...{ facts: [], knowledgePrompts: [], dense: [], denseRea: [] },
    ...{ trainImages: [], testImages: [], croppedImages: [], negativeImages: [], randomImages: [] },
    blackImage: null,
    captions: {},
    ...{ photoDialogues: [], textDialogues: [], positiveRecognitions: [], negativeRecognitions: [] },
    ...{ vqa: [], textOnly: [], evalItems: [] },
    trainingData: { stage1: [], stage2: [], stage3: [] },
    unknownKeys: {},
  };

const plainPrompt = (token: string): string => `A photo of ${token}.`;

const recItem = ({ image, question, truth }: RecognitionItem): EvalItem => ({
  kind: "rec",
  image,
  question,
  answer: truth ? "Yes." : "No.",
});

const choiceItem = ({ image, question, options, answer }: ChoiceQuestion): EvalItem => ({
  kind: "choice",
  image: image ?? "",
  question: `${question} A. ${options.A} B. ${options.B} Answer with A or B.`,
  answer,
});

/**
 * Turns a subject of Yo'LLaVA into a concept: recognition in all test photos, letter questions with and without a photo.
 *
 * @param all All subjects, itself included.
 * @param root The data set.
 */
export function yollavaConcept(
  subject: YollavaSubject,
  all: readonly YollavaSubject[],
  root: string,
): Concept {
  const { id, token, trainImages, testImages, negativeImages, vqa, qa } = subject;
  const human = subject.category === "human";
  return {
    ...NOTHING,
    ...{ id, token, root, trainImages, testImages, negativeImages },
    category: human ? "human" : "object",
    className: human ? "person" : "subject",
    generationType: human ? "live_subject" : "object",
    base: [plainPrompt(token)],
    evalItems: [...yollavaRecognition(subject, all).map(recItem), ...[...vqa, ...qa].map(choiceItem)],
  };
}

/**
 * Turns a concept of MC-LLaVA into one of ours: recognition inside its scenario, questions about photos, letter questions.
 *
 * @param options.root The data set.
 * @param options.seed Draws the negatives from outside the scenario.
 */
export function mcllavaConcept(
  concept: McllavaConcept,
  all: readonly McllavaConcept[],
  options: { readonly root: string; readonly seed: number; readonly randomNegatives?: number },
): Concept {
  const { id, token, trainImages, testImages } = concept;
  const { root, seed, randomNegatives = 0 } = options;
  const about = (kind: EvalItem["kind"], image: string) =>
  (
    exchange: { question: string; answer: string },
  ): EvalItem => ({
    kind,
    image,
    ...exchange,
  });
  return {
    ...NOTHING,
    ...{ id, token, root, trainImages, testImages },
    category: "object",
    className: "subject",
    generationType: "object",
    base: [plainPrompt(token)],
    evalItems: [
      ...mcllavaRecognition(concept, all, { key: keyFromSeed(seed), randomNegatives }).map(recItem),
      ...concept.vqa.flatMap(({ image, exchanges }) => exchanges.map(about("vqa", image))),
      ...concept.choice.flatMap(({ image, exchanges }) => exchanges.map(about("choice", image))),
      ...concept.qa.map(about("choice", "")),
    ],
  };
}

/**
 * Turns a subject of DreamBench into a concept: its 25 prompts, all photos as references.
 *
 * @param root The data set.
 */
export function dreambenchConcept(subject: DreambenchSubject, root: string): Concept {
  const { id, token, className, generationType, images } = subject;
  return {
    ...NOTHING,
    ...{ id, token, root, className, generationType },
    category: generationType === "live_subject" ? "animal" : "object",
    base: [plainPrompt(token)],
    trainImages: images,
  };
}

/** Our metric → the column of the paper's Table 5. */
export const PUBLISHED_COLUMNS: Readonly<Record<Benchmark, Readonly<Record<string, string>>>> = {
  "unifybench++": {},
  yollava: {
    rec_weight: "yollava_rec",
    choice_accuracy: "yollava_vqa_acc",
    text_choice_accuracy: "yollava_qa_acc",
    plain_gen_clip_i: "yollava_clip_i",
  },
  mcllava: {
    rec_weight: "mcllava_rec",
    vqa_bleu: "mcllava_vqa_bleu",
    text_choice_accuracy: "mcllava_qa_acc",
  },
  dreambench: { pure_gen_clip_i: "dreambench_clip_i", pure_gen_clip_t: "dreambench_clip_t" },
};
