/**
 * What a judge can do: grade an answer, and check the clauses of a prompt against a picture.
 *
 * A judge may be a language model behind an API, a file of recorded scores, or code that knows the truth.
 *
 * @module
 */
import type { Stage } from "../../core/stage.ts";

/**
 * How an answer is graded: against the right `answer` (VQA, QA), or as a `rewrite` of a prompt that must keep its intent and
 * bring in the personal details (Dense Rea).
 */
export type TextRubric = "answer" | "rewrite";

/** An answer to grade. */
export interface JudgedText {
  readonly question: string;
  /** The right answer. */
  readonly reference: string;
  /** The answer to grade. */
  readonly prediction: string;
  /** Default `answer`. */
  readonly rubric?: TextRubric;
}

/** A picture as it lies on disk; judges are sent the original bytes. */
export interface JudgedImage {
  readonly bytes: Uint8Array;
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp";
}

/** A judge. Scores lie in [0, 1]; `null` = no score could be had, to be left out of means and counted. */
export interface Judge<R = unknown> {
  /** Printed beside every number it gave. */
  readonly id: string;
  readonly text: (item: JudgedText) => Stage<R, number | null>;
  /** One score per clause: 1 clearly visible, 0.5 partly, 0 absent or contradicted. */
  readonly segments: (
    image: JudgedImage,
    segments: readonly string[],
  ) => Stage<R, readonly (number | null)[]>;
}

/** Which of two answers is nearer to a reference, A or B. */
export type Preference = "A" | "B" | "tie";

/** Two answers to the same question. */
export interface Rivals {
  readonly question: string;
  readonly reference: string;
  readonly a: string;
  readonly b: string;
}

/** A judge that can be asked the same in other ways; an unbiased one gives the same grades. */
export interface JudgeProbes<R = unknown> {
  /** The prediction in front of the reference, and clauses in reversed order; scores come in the order of the clauses. */
  readonly swapped: Judge<R>;
  /** The rules in other words. */
  readonly reworded: Judge<R>;
  /** `null` = the reply could not be read. */
  readonly prefer: (rivals: Rivals) => Stage<R, Preference | null>;
}

/** A stage that asks a judge. */
export interface HasJudge<R = unknown> {
  readonly judge: Judge<R>;
}
