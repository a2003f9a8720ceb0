/**
 * A prompt for models that do not know the concept: its token replaced by a class noun.
 *
 * @module
 */

/** The word of a concept and what it is. */
export interface Named {
  /** As written in prompts, `<sks>`. */
  readonly token: string;
  /** A noun or noun phrase, `dog` or `stuffed animal`. */
  readonly className: string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** An article with up to two plain words, or a determiner that stands directly before the token. */
const DETERMINERS = "(?:the|this|that|my|your|his|her|its|our|their)";
const FUNCTION_WORDS = "(?:of|with|in|on|at|and|or|to|by|for|from|near|is|are|was|as|while|like)";
const PLAIN_WORD = `(?!${FUNCTION_WORDS}\\b)[\\p{L}-]+`;

const articleOf = (word: string): string => /^[aeiou]/i.test(word) ? "an" : "a";

const likeCase = (word: string, model: string): string =>
  /^\p{Lu}/u.test(model) ? word.charAt(0).toUpperCase() + word.slice(1) : word;

/**
 * Writes the class noun in place of the token: "a \<sks\>" becomes "a dog", a bare "\<sks\>" becomes "the dog".
 *
 * @param text Any text.
 * @param named Token and class noun.
 * @returns The text without the token. An article before it is kept and agrees with the noun ("a \<sks\>", class "owl": "an
 * owl"), also across one or two adjectives; at the start of a sentence the new article is capitalised.
 *
 * @example
 * ```ts
 * import { withClassNoun } from "./class_noun.ts";
 * import assert from "node:assert/strict";
 * const named = { token: "<bo>", className: "dog" };
 * assert.equal(withClassNoun("a red <bo> in the snow", named), "a red dog in the snow");
 * assert.equal(withClassNoun("A photo of <bo>.", named), "A photo of the dog.");
 * assert.equal(withClassNoun("<bo>'s bowl is blue.", named), "The dog's bowl is blue.");
 * ```
 */
export function withClassNoun(text: string, named: Named): string {
  const { token, className } = named;
  const phrase = new RegExp(
    `(?:\\b(an?)((?:\\s+${PLAIN_WORD}){0,2})\\s+|\\b(${DETERMINERS}\\s+)|((?:^|[.!?])\\s*)|())${
      escaped(token)
    }`,
    "giu",
  );
  return text.replace(phrase, (_match, ...groups: (string | undefined)[]) => {
    const [article, adjectives = "", determiner, start] = groups;
    if (determiner !== undefined) return `${determiner}${className}`;
    if (start !== undefined) return `${start}The ${className}`;
    if (article === undefined) return `the ${className}`;
    const next = adjectives.trim() === "" ? className : adjectives.trim();
    return `${likeCase(articleOf(next), article)}${adjectives} ${className}`;
  });
}
