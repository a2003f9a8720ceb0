/**
 * Finding special tokens that are written out in a text.
 *
 * @module
 */

/** A stretch of text: one special token, or text between special tokens. */
export interface Section {
  readonly text: string;
  readonly isSpecial: boolean;
}

/**
 * Splits a text at special tokens.
 *
 * @param text Raw text.
 * @param tokens Special tokens, spelled exactly; where two begin at the same place the longer one counts.
 * @returns The sections in order, none of them empty.
 *
 * @example
 * ```ts
 * import { splitSpecialTokens } from "./special_tokens.ts";
 * import assert from "node:assert/strict";
 * const sections = splitSpecialTokens("a [SEP]b", ["[SEP]"]);
 * assert.deepEqual(sections.map(({ text }) => text), ["a ", "[SEP]", "b"]);
 * ```
 */
export function splitSpecialTokens(text: string, tokens: readonly string[]): readonly Section[] {
  const longestFirst = tokens.filter((token) => token !== "").sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return text === "" ? [] : [{ text, isSpecial: false }];
  const pattern = new RegExp(`(${longestFirst.map(RegExp.escape).join("|")})`, "u");
  return text.split(pattern)
    .map((section, index) => ({ text: section, isSpecial: index % 2 === 1 }))
    .filter((section) => section.text !== "");
}

/**
 * Lower-cases code point by code point, so that a final Σ becomes σ as everywhere else.
 *
 * @param text Any text.
 * @returns The text in lower case.
 */
export function lowerCase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join("");
}
