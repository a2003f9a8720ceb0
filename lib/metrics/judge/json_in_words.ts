/**
 * The JSON in what a talking model says.
 *
 * @module
 */

/** A reply beyond this many characters is a model that cannot stop. */
export const LONGEST_REPLY = 100_000;

/** Braces from which an object may begin, at most; the last ones count. */
const MOST_BRACES = 2_000;

/** What is thought aloud is no answer, finished or not. */
const THOUGHT = /<(think|thinking|reasoning|thought)>[\s\S]*?(<\/\1>|$)/gi;
/** The opening mark is often part of the prompt, so that only the closing one comes back. */
const THOUGHT_BEFORE = /^[\s\S]*<\/(think|thinking|reasoning|thought)>/i;

const withoutFence = (text: string): string => /^```[a-z]*\s*([\s\S]*?)\s*```$/i.exec(text)?.[1] ?? text;

const parsed = (text: string): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
};

/** Where the object that begins at a brace ends, by counting braces outside of texts; -1 if it does not. */
function endOfObject(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin, quoted = false; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign === "\\") at++;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return at + 1;
  }
  return -1;
}

function lastObject(text: string): { readonly value: unknown } | null {
  const braces = [...text.matchAll(/\{/g)].map(({ index }) => index).slice(-MOST_BRACES);
  let found: { readonly value: unknown } | null = null;
  let free = 0;
  for (const begin of braces) {
    if (begin < free) continue;
    const end = endOfObject(text, begin);
    const object = end < 0 ? null : parsed(text.slice(begin, end));
    if (object === null) continue;
    found = object;
    free = end;
  }
  return found;
}

/**
 * Finds the answer in a reply: all of it, if it is JSON; else the last well-formed object in its words.
 *
 * @param reply What the model said: JSON, in a code fence, in prose, or behind `<think>…</think>`.
 * @returns The value; `null` if there is none, or if the reply is longer than {@link LONGEST_REPLY}.
 *
 * @example
 * ```ts
 * import { jsonInWords } from "./json_in_words.ts";
 * import assert from "node:assert/strict";
 * const reply = '<think>{"score": 0}?</think> First {"score": 0}, no: {"score": 1}.';
 * assert.deepEqual(jsonInWords(reply), { value: { score: 1 } });
 * ```
 */
export function jsonInWords(reply: string): { readonly value: unknown } | null {
  if (reply.length > LONGEST_REPLY) return null;
  const said = reply.replace(THOUGHT, "").replace(THOUGHT_BEFORE, "").trim();
  return parsed(withoutFence(said)) ?? lastObject(said);
}
