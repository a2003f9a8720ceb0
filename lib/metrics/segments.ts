/**
 * Dense prompts as lists of clauses, in the ways that evaluations cut them.
 *
 * @module
 */
import type { Named } from "../concept/class_noun.ts";
import { splitSegments } from "../concept/segments.ts";

/**
 * `clauses`: at runs of `, . ! ? ; :` (default) · `punctuation`: also at brackets, slashes and hyphens · `comma`: at commas only.
 * The last two are those of a public evaluation.
 */
export type Splitter = "clauses" | "punctuation" | "comma";

const PATTERNS: Readonly<Record<Exclude<Splitter, "clauses">, RegExp>> = {
  punctuation: /[,.!?;:()[\]{}<>/\\-]+/,
  comma: /,/,
};

/**
 * Cuts a dense prompt into the clauses that a judge checks one by one.
 *
 * @param prompt The prompt; for prompts that need facts, the explicit text.
 * @param named Token and class noun.
 * @param splitter Where to cut; `clauses` writes "the dog" for the token, the others write "the subject" for anything in angle
 * brackets, as their source does.
 * @returns The clauses in order, trimmed, none empty.
 *
 * @example
 * ```ts
 * import { denseSegments } from "./segments.ts";
 * import assert from "node:assert/strict";
 * const prompt = "A photo of <m> in a T-shirt, at noon. Rocks lie near.";
 * const named = { token: "<m>", className: "dog" };
 * assert.deepEqual(denseSegments(prompt, named, "comma"), ["A photo of the subject in a T-shirt", "at noon. Rocks lie near."]);
 * assert.equal(denseSegments(prompt, named, "punctuation").length, 4);
 * ```
 */
export function denseSegments(
  prompt: string,
  named: Named,
  splitter: Splitter = "clauses",
): readonly string[] {
  if (splitter === "clauses") return splitSegments(prompt, named);
  return prompt
    .replace(/<[^<>]*>/g, "the subject")
    .split(PATTERNS[splitter])
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "");
}

/**
 * The score of a dense prompt: the mean over its clauses.
 *
 * @param scores One score per clause; `null` where the judge gave none.
 * @returns In [0, 1]; `null` if no clause has a score.
 */
export function segmentMean(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}
