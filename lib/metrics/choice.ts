/**
 * Questions with options A, B, …: did the answer choose the right one?
 *
 * @module
 */

/** One question. */
export interface ChoiceItem {
  /** Option texts by letter, `{ A: "a park", B: "a beach" }`. */
  readonly options: Readonly<Record<string, string>>;
  /** The right letter. */
  readonly correct: string;
  readonly answer: string;
}

/** What counts: the letter, the text of the option, or either. */
export type ChoiceRule = "letter" | "text" | "either";

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The letter that an answer states: alone, as "B.", "(B)" or "B: …" at its start, or after "answer is". */
const statedLetter = ({ options, answer }: ChoiceItem): string | undefined => {
  const letters = Object.keys(options).map(escaped).join("|");
  const found = new RegExp(`^\\s*(?:\\((${letters})\\)|(${letters})\\s*(?:[.:,)]|$))`, "i").exec(answer) ??
    new RegExp(`\\b(?:answer|option|choice)(?:\\s+is)?:?\\s*\\(?(${letters})\\)?(?:[\\s.,]|$)`, "i").exec(
      answer,
    );
  return found?.slice(1).find((group) => group !== undefined)?.toUpperCase();
};

const textsIn = ({ options, answer }: ChoiceItem): readonly string[] => {
  const spoken = answer.toLowerCase();
  return Object.keys(options).filter((letter) => {
    const text = options[letter]?.trim().toLowerCase() ?? "";
    return text !== "" && spoken.includes(text);
  });
};

/**
 * Decides whether an answer chose the right option.
 *
 * @param item Options, truth and answer.
 * @param rule What counts; default `either`: a stated letter decides, else the option's text must occur (any case). It is void
 * if the text of another option occurs as well.
 * @returns Whether it did.
 *
 * @example
 * ```ts
 * import { choseRight } from "./choice.ts";
 * import assert from "node:assert/strict";
 * const options = { A: "a park", B: "a beach" };
 * assert.ok(choseRight({ options, correct: "B", answer: "B." }));
 * assert.ok(choseRight({ options, correct: "B", answer: "The dog is at a beach." }));
 * assert.ok(!choseRight({ options, correct: "B", answer: "A park or a beach." }));
 * ```
 */
export function choseRight(item: ChoiceItem, rule: ChoiceRule = "either"): boolean {
  const letter = rule === "text" ? undefined : statedLetter(item);
  if (letter !== undefined) return letter === item.correct.toUpperCase();
  if (rule === "letter") return false;
  const texts = textsIn(item);
  return texts.length === 1 && texts[0]?.toUpperCase() === item.correct.toUpperCase();
}

/**
 * The fraction of right choices.
 *
 * @param rule What counts.
 * @returns In [0, 1]; `null` without questions.
 */
export function choiceAccuracy(items: readonly ChoiceItem[], rule: ChoiceRule = "either"): number | null {
  return items.length === 0 ? null : items.filter((item) => choseRight(item, rule)).length / items.length;
}
