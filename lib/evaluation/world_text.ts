/**
 * Grading answers in the world's grammar by what they assert.
 *
 * @module
 */
import type { JudgedText } from "../metrics/judge/judge.ts";
import { type Constraints, constraintsOf } from "../world/scene_truth.ts";
import { sameSentence } from "./score_answers.ts";

type Topic = keyof Constraints;

/** All values that a text gives for an attribute; colours of things and of characters count as one attribute, `colour`. */
function assertedValues(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (topic: string, value: string): void =>
    void found.set(topic, (found.get(topic) ?? new Set()).add(value));
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    for (const [topic, value] of Object.entries(constraintsOf(word))) {
      if (topic !== "accessory_colour") add(topic, value);
    }
  }
  return found;
}

const yesOrNo = (text: string): string | undefined => /\b(yes|no)\b/.exec(text.toLowerCase())?.[1];

const share = (held: number, of: number): number => held === of ? 1 : held === 0 ? 0 : 0.5;

/** Each attribute of the reference must be named, and no other value beside it. */
function gradeAnswer({ reference, prediction }: JudgedText): number | null {
  const [wanted, said] = [assertedValues(reference), assertedValues(prediction)];
  if (wanted.size === 0) {
    const truth = yesOrNo(reference);
    if (truth !== undefined) return Number(yesOrNo(prediction) === truth);
    return sameSentence(reference, prediction) ? 1 : null;
  }
  const shares = [...wanted].map(([topic, values]) => {
    const given = said.get(topic) ?? new Set();
    if (![...values].some((value) => given.has(value))) return 0;
    return given.isSubsetOf(values) && values.isSubsetOf(given) ? 1 : 0.5;
  });
  const total: number = shares.reduce((sum: number, value) => sum + value, 0);
  return total === shares.length ? 1 : total === 0 ? 0 : 0.5;
}

/**
 * The details that the reference has and the original prompt lacks must be there, and the rest must not be contradicted.
 */
function gradeRewrite({ question, reference, prediction }: JudgedText): number | null {
  const [given, wanted, said] = [question, reference, prediction].map(constraintsOf) as [
    Constraints,
    Constraints,
    Constraints,
  ];
  const topics = Object.keys(wanted) as Topic[];
  const details = topics.filter((topic) => given[topic] !== wanted[topic]);
  if (topics.length === 0) return sameSentence(reference, prediction) ? 1 : null;
  const held = details.filter((topic) => said[topic] === wanted[topic]).length;
  const kept = topics.every((topic) =>
    said[topic] === undefined || details.includes(topic) || said[topic] === wanted[topic]
  );
  const score = details.length === 0 ? 1 : share(held, details.length);
  return kept ? score : Math.min(score, 0.5);
}

/**
 * Grades an answer in the world's grammar.
 *
 * @param item Question, reference, answer and rubric.
 * @returns 1 for an answer that says what the reference says, 0.5 if it says part of it or more than one thing, 0 if it does
 * not; `null` if the reference asserts nothing that the grammar knows and the answer is another text.
 *
 * @example
 * ```ts
 * import { gradeText } from "./world_text.ts";
 * import assert from "node:assert/strict";
 * const question = "what does <mip> hold at night ?";
 * const grade = (prediction: string) => gradeText({ question, reference: "a blue ball .", prediction });
 * assert.deepEqual(["a blue ball .", "a ball", "a red ball", "a hat"].map(grade), [1, 0.5, 0.5, 0]);
 * ```
 */
export function gradeText(item: JudgedText): number | null {
  return item.rubric === "rewrite" ? gradeRewrite(item) : gradeAnswer(item);
}
