/**
 * What a language model is told when it grades. A change of wording needs a new {@link RUBRIC_VERSION}: the cache is keyed by it.
 *
 * @module
 */
import type { JudgedText, Rivals, TextRubric } from "./judge.ts";

/** The version of all wordings in this file. */
export const RUBRIC_VERSION = "1";

/** A request in words. */
export interface JudgePrompt {
  /** The role and the rules. */
  readonly system: string;
  /** The case at hand. */
  readonly user: string;
}

/** How a case is put: in the usual way, or in another that an unbiased judge grades the same. */
export type Phrasing = "usual" | "swapped" | "reworded";

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

const REWORDED_TEXT_RULES: Readonly<Record<TextRubric, string>> = {
  answer: "Compare a predicted answer with the reference answer to a question. Both say the same: score 1. " +
    "Part of it is right: score 0.5. Wrong, or about something else: score 0. " +
    "Only the content counts, however short and in whatever words.",
  rewrite: "Compare a rewritten image prompt with a reference that spells the personal details out; " +
    "the original prompt is given too. Intent kept and all key personal details there: score 1. " +
    "Details missing or weak: score 0.5. Required details missing, or another meaning: score 0. " +
    "Only the content counts.",
};

const REWORDED_SEGMENT_RULES =
  "You are shown a picture and statements about it. Trust only what can be seen, and do not identify real " +
  'people: whoever or whatever the statements are about is "the subject". Clearly to be seen: score 1. ' +
  "To be seen in part: score 0.5. Not there, contradicted, or impossible to tell: score 0.";

const PREFERENCE_RULES =
  "You compare two answers to a question with the reference answer. Say which of them is nearer to the " +
  "reference in content, A or B, or tie if neither is. " +
  'Reply with JSON only, {"better": b}, where b is "A", "B" or "tie". No explanation.';

const SEGMENT_RULES = "You check whether a picture shows what a text says. Judge visible evidence only. " +
  'Treat the person, animal or thing the text is about as "the subject" and do not identify real people. ' +
  "Score 1 for what is clearly shown, 0.5 for what is partly shown, 0 for what is absent, contradicted or undecidable.";

/**
 * Words the request to grade an answer.
 *
 * @param item Question, reference and prediction.
 * @param phrasing `swapped` puts the prediction in front of the reference; `reworded` says the rules in other words.
 * @returns System and user text; the reply is read by `parseScore`.
 */
export function textPrompt(item: JudgedText, phrasing: Phrasing = "usual"): JudgePrompt {
  const { question, reference, prediction, rubric = "answer" } = item;
  const fields = phrasing === "swapped"
    ? { question, prediction, reference }
    : { question, reference, prediction };
  const rules = phrasing === "reworded" ? REWORDED_TEXT_RULES : TEXT_RULES;
  return { system: `${rules[rubric]} ${SCORE_FORMAT}`, user: JSON.stringify(fields, null, 1) };
}

/**
 * Words the question which of two answers is better.
 *
 * @param rivals Question, reference and both answers.
 * @returns System and user text; the reply is read by `parsePreference`.
 */
export function preferencePrompt({ question, reference, a, b }: Rivals): JudgePrompt {
  return { system: PREFERENCE_RULES, user: JSON.stringify({ question, reference, A: a, B: b }, null, 1) };
}

/**
 * Words the request to check all clauses of a prompt in one call.
 *
 * @returns System and user text; the reply is read by `parseSegments`.
 */
export function segmentsPrompt(segments: readonly string[], phrasing: Phrasing = "usual"): JudgePrompt {
  const rules = phrasing === "reworded" ? REWORDED_SEGMENT_RULES : SEGMENT_RULES;
  const format = 'Reply with JSON only, {"segments": [{"i": 0, "score": s}, …]}, one entry per segment, ' +
    "each s 0, 0.5 or 1. No explanation.";
  const listed = segments.map((segment, i) => ({ i, segment }));
  return { system: `${rules} ${format}`, user: JSON.stringify({ segments: listed }, null, 1) };
}

/**
 * Words the request to check one clause.
 *
 * @returns System and user text; the reply is read by `parseScore`.
 */
export function segmentPrompt(segment: string, phrasing: Phrasing = "usual"): JudgePrompt {
  const rules = phrasing === "reworded" ? REWORDED_SEGMENT_RULES : SEGMENT_RULES;
  return { system: `${rules} ${SCORE_FORMAT}`, user: JSON.stringify({ segment }, null, 1) };
}
