/**
 * Conversations about a picture: the text of a dialogue and which of its tokens are answers.
 *
 * @module
 */
import { IGNORE, type LabelledSequence } from "./prompt.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A question and its answer; `<image>` in the question stands for the picture. */
export interface Round {
  readonly human: string;
  readonly assistant: string;
}

/** Turns text into ids; `<|endoftext|>` becomes the one id S. */
export type Encode = (text: string) => readonly number[];

/** The text of the token that closes a round. */
export const END_OF_TEXT = "<|endoftext|>";
const ANSWER = " ASSISTANT: ";
const PLACEHOLDER = "<image>";

const withoutPlaceholder = (text: string): string =>
  text.includes(PLACEHOLDER) ? `\n${text.replaceAll(PLACEHOLDER, "").trim()}`.trim() : text;

/**
 * Writes a dialogue as one string: `USER: {human} ASSISTANT: {assistant}<|endoftext|>` per round.
 *
 * The picture's placeholder vanishes; a newline that followed it stays if text stands before it.
 *
 * @param options.system Put in front of the first question.
 *
 * @example
 * ```ts
 * import { conversationText } from "./conversation.ts";
 * import assert from "node:assert/strict";
 * const rounds = [{ human: "<image>\nWho is it?", assistant: "<bo>." }];
 * assert.equal(
 *   conversationText(rounds, { system: "<bo> is <token_0>." }),
 *   "USER: <bo> is <token_0>.\nWho is it? ASSISTANT: <bo>.<|endoftext|>",
 * );
 * ```
 */
export function conversationText(
  rounds: readonly Round[],
  options: { readonly system?: string } = {},
): string {
  return rounds.map(({ human, assistant }, index) => {
    const question = withoutPlaceholder((index === 0 ? options.system ?? "" : "") + human);
    return `USER: ${question}${ANSWER}${withoutPlaceholder(assistant)}${END_OF_TEXT}`;
  }).join("").trim();
}

/**
 * Writes the question of a dialogue as the model sees it before it answers.
 *
 * @param question The question, with system text if any.
 * @returns `USER: {question} ASSISTANT:` without a space at the end.
 */
export function questionText(question: string): string {
  return `USER: ${withoutPlaceholder(question)}${ANSWER.trimEnd()}`;
}

/**
 * Tokenises a dialogue; the targets are the tokens of the answers and the S that closes each.
 *
 * The offsets of the answers are counted on separately tokenised parts, as the reference does. Where they don't add up to
 * the length of the whole, nothing is a target.
 *
 * @param text From {@link conversationText}.
 * @returns Ids and labels, unpadded; no S in front.
 */
export function conversationTokens(
  vocabulary: Vocabulary,
  text: string,
  encode: Encode,
): LabelledSequence {
  const ids = encode(text);
  const labels = [...ids];
  let offset = 0;
  for (const round of text.split(END_OF_TEXT)) {
    const parts = round.split(ANSWER);
    if (round === "" || parts.length !== 2) break;
    const instruction = encode(`${parts[0]}${ANSWER}`).length - 1;
    labels.fill(IGNORE, offset, offset + instruction);
    offset += encode(round).length + 1;
  }
  const real = ids.filter((id) => id !== vocabulary.special["[PAD]"]).length;
  return { ids, labels: offset === real ? labels : labels.map(() => IGNORE) };
}
