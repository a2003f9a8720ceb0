/**
 * Sentences from which default dialogues of a new concept are made.
 *
 * @module
 */
import type { Category, Exchange } from "./concept.ts";

/** What the sentences speak of. */
export interface Subject {
  /** `<mochi>`. */
  readonly token: string;
  /** `dog`. */
  readonly className: string;
  readonly category: Category;
  /** One sentence that begins with `<mochi> is`. */
  readonly info: string;
}

/**
 * Puts the indefinite article before a noun.
 *
 * @param noun A noun phrase.
 * @returns `an owl`, `a dog`.
 */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** Writes the question of the recognition test; its answer is one word. */
export function recognitionQuestion(token: string): string {
  return `Can you see ${token} in this photo? Answer the question using a single word Yes or No.`;
}

const POSITIVE: readonly (readonly [string, string])[] = [
  ["Is @ in this photo?", "Yes, @ is in this photo."],
  ["Can you recognise @ here?", "Yes, this is @."],
  ["Does this photo show @?", "Yes, it shows @."],
];

const NEGATIVE: readonly (readonly [string, string])[] = [
  ["Is @ in this photo?", "No, @ is not in this photo."],
  ["Can you recognise @ here?", "No, this is not @."],
  ["Does this photo show @?", "No, it does not show @."],
];

const fill = (token: string) => ([question, answer]: readonly [string, string]): Exchange => ({
  question: question.replaceAll("@", token),
  answer: answer.replaceAll("@", token),
});

/**
 * Makes the recognition dialogue about one photo: the one-word question, and one that is answered in a sentence.
 *
 * @param truth Whether it is in the photo.
 * @param index The photo's number, so that photos differ in their wording.
 * @returns Two exchanges.
 *
 * @example
 * ```ts
 * import { recognitionExchanges } from "./dialogue_templates.ts";
 * import assert from "node:assert/strict";
 * assert.equal(recognitionExchanges("<m>", false, 0)[1]?.answer, "No.");
 * ```
 */
export function recognitionExchanges(token: string, truth: boolean, index: number): readonly Exchange[] {
  const templates = truth ? POSITIVE : NEGATIVE;
  const template = templates[index % templates.length] ?? ["", ""];
  return [fill(token)(template), { question: recognitionQuestion(token), answer: truth ? "Yes." : "No." }];
}

/**
 * Makes the dialogue about what a photo of the concept shows in any case: what it is and what it looks like.
 *
 * @returns Two exchanges.
 */
export function photoExchanges({ token, className, category, info }: Subject): readonly Exchange[] {
  const kind: Exchange = category === "human"
    ? { question: "Who is in this photo?", answer: `This is ${token}.` }
    : { question: `Which ${className} is in this photo?`, answer: `This is ${token}.` };
  return [kind, { question: `What does ${token} look like?`, answer: info }];
}

/**
 * Makes the dialogue without a photo: what the concept is, what it looks like, and what is known of it.
 *
 * @param facts The sentences that may be told: never those of the test split.
 * @returns Exchanges, one per fact after the first two.
 */
export function knowledgeExchanges(subject: Subject, facts: readonly string[]): readonly Exchange[] {
  const { token, className, info } = subject;
  const asked = [
    `What do you know about ${token}?`,
    `Tell me something about ${token}.`,
    `What is special about ${token}?`,
  ];
  return [
    { question: `What is ${token}?`, answer: `${token} is ${withArticle(className)}.` },
    { question: `What does ${token} look like?`, answer: info },
    ...facts.map((answer, index) => ({ question: asked[index % asked.length] ?? "", answer })),
  ];
}
