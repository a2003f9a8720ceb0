/**
 * What a language model is told when it grades. A change of wording needs a new {@link RUBRIC_VERSION}: the cache is keyed by it.
 *
 * @module
 */
import type { JudgedText, TextRubric } from "./judge.ts";

/** The version of all wordings in this file. */
export const RUBRIC_VERSION = "1";

/** A request in words. */
export interface JudgePrompt {
  /** The role and the rules. */
  readonly system: string;
  /** The case at hand. */
  readonly user: string;
}

const SCORE_FORMAT = 'Reply with JSON only, {"score": s}, where s is 0, 0.5 or 1. No explanation.';

const TEXT_RULES: Readonly<Record<TextRubric, string>> = {
  answer: "You grade answers. You get a question, the reference answer and a predicted answer. " +
    "Score 1 if the prediction says what the reference says, 0.5 if it is partly right, 0 if it is wrong or unrelated. " +
    "Ignore grammar and wording; a short answer that carries the content deserves the full score.",
  rewrite:
    "You grade rewritten image prompts. You get the original prompt, a reference that has the personal details written " +
    "out, and a prediction. Score 1 if the prediction keeps the intent of the prompt and has the key personal details of the " +
    "reference, 0.5 if some details are missing or weak, 0 if required details are missing or the meaning has changed. " +
    "Ignore grammar and wording.",
};

const SEGMENT_RULES = "You check whether a picture shows what a text says. Judge visible evidence only. " +
  'Treat the person, animal or thing the text is about as "the subject" and do not identify real people. ' +
  "Score 1 for what is clearly shown, 0.5 for what is partly shown, 0 for what is absent, contradicted or undecidable.";

/**
 * Words the request to grade an answer.
 *
 * @param item Question, reference and prediction.
 * @returns System and user text; the reply is read by `parseScore`.
 */
export function textPrompt(item: JudgedText): JudgePrompt {
  const fields = { question: item.question, reference: item.reference, prediction: item.prediction };
  return {
    system: `${TEXT_RULES[item.rubric ?? "answer"]} ${SCORE_FORMAT}`,
    user: JSON.stringify(fields, null, 1),
  };
}

/**
 * Words the request to check all clauses of a prompt in one call.
 *
 * @returns System and user text; the reply is read by `parseSegments`.
 */
export function segmentsPrompt(segments: readonly string[]): JudgePrompt {
  const format = 'Reply with JSON only, {"segments": [{"i": 0, "score": s}, …]}, one entry per segment, ' +
    "each s 0, 0.5 or 1. No explanation.";
  const listed = segments.map((segment, i) => ({ i, segment }));
  return { system: `${SEGMENT_RULES} ${format}`, user: JSON.stringify({ segments: listed }, null, 1) };
}

/**
 * Words the request to check one clause.
 *
 * @returns System and user text; the reply is read by `parseScore`.
 */
export function segmentPrompt(segment: string): JudgePrompt {
  return { system: `${SEGMENT_RULES} ${SCORE_FORMAT}`, user: JSON.stringify({ segment }, null, 1) };
}
