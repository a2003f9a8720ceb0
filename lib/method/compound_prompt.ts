/**
 * From an answer to the prompt that is drawn: cleaning rules, then base prompt + answer. No outside service rewrites it.
 *
 * @module
 */
import type { Task } from "./task.ts";

/** The limits of cleaning. */
export interface CleaningOptions {
  /** Words that are kept at most. */
  readonly maxWords: number;
}

/** What the rules need to know of a concept. */
export interface Named {
  readonly token: string;
  readonly className: string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const firstSentence = (line: string): string => {
  for (const end of [".", "!", "?"]) {
    const at = line.indexOf(end);
    if (at >= 0) return line.slice(0, at + 1);
  }
  return line;
};

/**
 * Cleans an answer: first line, first sentence, trimmed, class noun → concept token, word limit.
 *
 * @param answer The raw answer.
 * @param named Token and class noun of the concept.
 * @param options The word limit.
 * @returns One sentence; empty if nothing is left but punctuation.
 *
 * @example
 * ```ts
 * import { cleanReasoning } from "./compound_prompt.ts";
 * import assert from "node:assert/strict";
 * const named = { token: "<bo>", className: "dog" };
 * assert.equal(cleanReasoning(" the dog wears a hat . it runs .\nno", named, { maxWords: 20 }), "<bo> wears a hat .");
 * assert.equal(cleanReasoning(" . ", named, { maxWords: 20 }), "");
 * ```
 */
export function cleanReasoning(answer: string, named: Named, options: CleaningOptions): string {
  const [line = ""] = answer.trim().split("\n");
  const noun = new RegExp(`\\b(?:the\\s+)?${escaped(named.className)}\\b`, "giu");
  const sentence = firstSentence(line).trim().replace(noun, () => named.token);
  const words = sentence.split(/\s+/).filter((word) => word !== "");
  return /[\p{L}\p{N}]/u.test(sentence) ? words.slice(0, options.maxWords).join(" ") : "";
}

/**
 * Joins the prompt and the cleaned answer: `CP = BP + IR` or `IP + IR` (method §2.3).
 *
 * @param reasoning The cleaned answer; empty gives the base prompt alone.
 * @returns The compound prompt, with the concept as its token.
 *
 * Source: UniCTokens-R1, eq 3–4: after a question about a photo, and after one about facts.
 */
export function compoundPrompt(task: Pick<Task, "basePrompt">, reasoning: string): string {
  return reasoning === "" ? task.basePrompt : `${task.basePrompt} ${reasoning}`;
}

/**
 * The prompt with the right answer: the one that the data writes out, else base prompt + right answer, also for questions about
 * photos.
 *
 * @param options The word limit of an answer.
 * @returns The prompt; the base prompt where no answer is known to be right.
 *
 * @example
 * ```ts
 * import { explicitPromptOf } from "./compound_prompt.ts";
 * import assert from "node:assert/strict";
 * const concept = { token: "<bo>", className: "dog" };
 * const task = { concept, basePrompt: "a photo of <bo> .", candidates: ["the dog wears a hat ."], truthIndex: 0 };
 * assert.equal(explicitPromptOf(task, { maxWords: 20 }), "a photo of <bo> . <bo> wears a hat .");
 * ```
 */
export function explicitPromptOf(
  task: Pick<Task, "basePrompt" | "explicitPrompt" | "candidates" | "truthIndex"> & {
    readonly concept: Named;
  },
  options: CleaningOptions,
): string {
  if (task.explicitPrompt !== undefined) return task.explicitPrompt;
  return compoundPrompt(task, cleanReasoning(task.candidates[task.truthIndex] ?? "", task.concept, options));
}
