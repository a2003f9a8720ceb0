/**
 * How cold-start texts name the concept, and how they become ids.
 *
 * @module
 */
import { conversationText, conversationTokens } from "../showo/conversation.ts";
import { type LabelledSequence, mmuPrompt, mmuSequence, padRight, t2iPrompt } from "../showo/prompt.ts";
import { IGNORE } from "../showo/prompt.ts";
import { imageIdsOf } from "../showo/vocabulary.ts";
import { expandMentions } from "../text/name_block.ts";
import type { Runtime } from "../method/runtime.ts";
import type { StageName } from "./plan.ts";
import type { Dialogue, Drawing } from "./samples.ts";

/** `name_block`: the name block at the first mention, S behind the picture · `released`: the sentences of UniCTokens. */
export type Prompts = "name_block" | "released";

/** What wording needs to know of a runtime. */
export type Speaker = Pick<Runtime, "config" | "naming" | "encodeText">;

/** How texts are written. */
export interface WordingOptions {
  readonly prompts: Prompts;
  readonly stage: StageName;
  /** The last of the generation tokens, learnt in stage 3. */
  readonly perceptionTokens: number;
}

/**
 * Tokenises a text that keeps its mentions of the concept as they are.
 *
 * Added tokens split a text and both sides are tokenised on their own, so the parts between mentions can be, too.
 *
 * @param speaker Tokenizer and naming.
 */
export function encodeVerbatim(text: string, speaker: Speaker): readonly number[] {
  const { naming: { token }, config: { vocabulary }, encodeText } = speaker;
  return text.split(token).flatMap((part, index) => [
    ...(index === 0 ? [] : [vocabulary.firstConceptRow]),
    ...(part === "" ? [] : encodeText(part)),
  ]);
}

const tokens = (from: number, to: number): string =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => `<token_${from + index}>`).join("");

/** `<c> is <token_0>….`: semantic tokens; in stage 3 also the perception tokens, never those of stage 2. */
function systemText({ naming }: Speaker, { stage, perceptionTokens }: WordingOptions): string {
  const { semanticTokens: k, generationTokens: m, token } = naming;
  const perception = stage === "stage3" ? tokens(k + m - perceptionTokens, k + m) : "";
  return `${token} is ${tokens(0, k)}${perception}.`;
}

/**
 * Writes a dialogue as ids behind its picture; the answers are the targets.
 *
 * @param speaker Tokenizer and naming.
 * @param options How the concept is named.
 * @returns Ids and labels of the text alone, unpadded.
 */
export function dialogueTokens(
  dialogue: Dialogue,
  speaker: Speaker,
  options: WordingOptions,
): LabelledSequence {
  const { naming, config: { vocabulary } } = speaker;
  const released = options.prompts === "released";
  const rounds = dialogue.exchanges.map(({ question, answer }) => ({
    human: released ? question : expandMentions(question, naming.token, naming),
    assistant: answer,
  }));
  const system = systemText(speaker, options);
  const asked = rounds.map((round, index) =>
    index === 0 ? { ...round, human: `<image>\n${round.human}` } : round
  );
  const text = released ? conversationText(asked, { system }) : conversationText(rounds);
  return conversationTokens(vocabulary, text, (part) => encodeVerbatim(part, speaker));
}

/**
 * Puts a picture in front of a dialogue.
 *
 * @param text From {@link dialogueTokens}.
 * @param options.length Length of the text after padding.
 * @param options.prompts `name_block`: S between picture and text, as at inference; `released`: none.
 * @returns A sequence of N + 3 (+ 1) + length ids.
 */
export function understandingSequence(
  text: LabelledSequence,
  codes: ArrayLike<number>,
  options: { readonly speaker: Speaker; readonly length: number; readonly prompts: Prompts },
): LabelledSequence {
  const { vocabulary } = options.speaker.config;
  const padded = padRight(vocabulary, text, options.length);
  const imageIds = imageIdsOf(vocabulary, codes);
  if (options.prompts === "released") return mmuSequence(vocabulary, padded, imageIds);
  const front = mmuPrompt(vocabulary, [], imageIds);
  return { ids: [...front, ...padded.ids], labels: [...front.map(() => IGNORE), ...padded.labels] };
}

/**
 * Writes the prompt of a drawing as ids.
 *
 * @param speaker Tokenizer and naming.
 * @param options How the concept is named.
 * @returns Ids of the text alone. The released sentences put all tokens but those of stage 3 before every mention.
 */
export function drawingTokens(
  { prompt }: Pick<Drawing, "prompt">,
  speaker: Speaker,
  options: WordingOptions,
): readonly number[] {
  const { naming } = speaker;
  if (options.prompts === "name_block") return speaker.encodeText(prompt);
  const known = tokens(0, naming.semanticTokens + naming.generationTokens - options.perceptionTokens);
  return encodeVerbatim(prompt.replaceAll(naming.token, () => `${known} ${naming.token}`), speaker);
}

/**
 * Makes the prompt part of a drawing.
 *
 * @param textIds From {@link drawingTokens}.
 * @param dropped Whether the prompt is dropped, for guidance.
 * @returns `textBlock` ids.
 */
export function drawingPrompt(
  textIds: readonly number[],
  { config }: Speaker,
  dropped: boolean,
): readonly number[] {
  return t2iPrompt(config.vocabulary, dropped ? [] : textIds, config.textBlock);
}
