/**
 * Baselines that are told about a concept in words: name and info in front of every question and prompt.
 *
 * @module
 */
import type { Concept } from "../concept/concept.ts";
import { withClassNoun } from "../concept/class_noun.ts";
import type { Assistant } from "../trained/assistant.ts";

/** How the concept is introduced. */
export interface TextPromptOptions {
  /** With `{name}` and `{info}`; default two lines, `name: …` and `info: …`. */
  readonly template?: string;
  /** Whether the class noun stands in place of the token (default), or the token stays. */
  readonly token?: "className" | "literal";
}

const DEFAULT_TEMPLATE = "name: {name}\ninfo: {info}\n";

type Named = Pick<Concept, "id" | "token" | "className" | "info">;

/**
 * Writes an introduction in front of a text.
 *
 * @param text A question or a prompt.
 * @param concept Who is introduced.
 * @param options Template, and what stands for the token.
 * @returns The text for a model that has never seen the concept.
 *
 * @example
 * ```ts
 * import { textPrompt } from "./text_prompted.ts";
 * import assert from "node:assert/strict";
 * const bo = { id: "bo", token: "<bo>", className: "dog", info: "<bo> is a brown dog." };
 * assert.equal(textPrompt("What does <bo> eat?", bo), "name: bo\ninfo: The dog is a brown dog.\nWhat does the dog eat?");
 * ```
 */
export function textPrompt(text: string, concept: Named, options: TextPromptOptions = {}): string {
  const { template = DEFAULT_TEMPLATE, token = "className" } = options;
  const worded = (words: string): string => token === "literal" ? words : withClassNoun(words, concept);
  const introduction = template.replaceAll("{name}", () => concept.id)
    .replaceAll("{info}", () => worded(concept.info));
  return introduction + worded(text);
}

/**
 * Makes a model that does not know a concept answer as if it did, from words alone: the rows "+TP" of the paper.
 *
 * @param options How it is introduced.
 * @returns The same model with the introduction in front of every question and prompt.
 */
export function textPrompted<R>(
  assistant: Assistant<R>,
  concept: Named,
  options: TextPromptOptions = {},
): Assistant<R> {
  return {
    answer: (asks) =>
      assistant.answer(asks.map((ask) => ({ ...ask, question: textPrompt(ask.question, concept, options) }))),
    draw: (draws) =>
      assistant.draw(draws.map((draw) => ({ ...draw, prompt: textPrompt(draw.prompt, concept, options) }))),
  };
}
