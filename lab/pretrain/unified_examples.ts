/**
 * What the unified model draws in pretraining, and what all of its examples have in common.
 *
 * A part of the examples names its character by the name block of a *training* character, so that the format
 * `<token_0>…<c>` is known before a user's concept fills it.
 *
 * @module
 */
import { fold, type Key, shuffle, uniforms } from "../../lib/core/key.ts";
import { IGNORE, type LabelledSequence, t2iPrompt, t2iSequence } from "../../lib/showo/prompt.ts";
import type { Vocabulary } from "../../lib/showo/vocabulary.ts";
import { imageIdsOf } from "../../lib/showo/vocabulary.ts";
import { expandMentions, type NameBlock } from "../../lib/text/name_block.ts";
import type { PhiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { captionOf } from "../../lib/world/language.ts";
import type { Character, Scene } from "../../lib/world/scene.ts";

/** The concept token of every training character; which one is meant is said beside the ids. */
export const CONCEPT = "<c>";

/** A picture that is encoded already. */
export interface CodedScene {
  readonly scene: Scene;
  /** Index of the scene's character among the training characters. */
  readonly character: number;
  readonly codes: Int32Array;
}

/** One sequence, with what training must know of each token. */
export interface Example extends LabelledSequence {
  /** Index of the training character whose name rows the token uses; −1 where it uses none. */
  readonly owners: readonly number[];
  /** The round the token belongs to: all later tokens see round 0, only the round itself sees any other. */
  readonly rounds: readonly number[];
}

/** What examples are made with. */
export interface ExampleContext {
  readonly tokenizer: PhiTokenizer;
  readonly vocabulary: Vocabulary;
  readonly block: NameBlock;
  readonly characters: readonly Character[];
  readonly textBlock: number;
  /** Tokens of dialogue text behind a picture, and of a text-only sequence. */
  readonly dialogueLength: number;
  readonly factLength: number;
  /** Codes of the picture that stands for no picture. */
  readonly blackCodes: Int32Array;
  /** Probability that a prompt is dropped (classifier-free guidance), and that a name block replaces words. */
  readonly dropCondition: number;
  readonly named: number;
  /** Probability that facts put their condition first, and that a phrase is paraphrased. */
  readonly conditionFirst: number;
  readonly paraphrase: number;
}

/**
 * Writes the first mention of the character as its name block.
 *
 * @param text A text that says {@link CONCEPT}.
 */
export function named(text: string, { block }: ExampleContext): string {
  return expandMentions(text, CONCEPT, { ...block, mentions: "first" });
}

/**
 * Tosses a coin.
 *
 * @param name Which coin of that key.
 * @param probability Of true.
 * @returns True or false.
 */
export function coin(key: Key, name: string, probability: number): boolean {
  return (uniforms(fold(key, name), 1)[0] as number) < probability;
}

/**
 * Masks image codes for text-to-image training: a cosine share of the positions, at least one (§8.1 of Show-o's recipe).
 *
 * @param count Image tokens.
 * @returns Per position, whether it is masked.
 */
export function maskedPositions(key: Key, count: number): readonly boolean[] {
  const t = uniforms(fold(key, "t"), 1)[0] as number;
  const masked = Math.max(1, Math.round(count * Math.cos((Math.PI * t) / 2)));
  const order = shuffle(fold(key, "order"), Array.from({ length: count }, (_, index) => index));
  const chosen = new Set(order.slice(0, masked));
  return order.map((_, index) => chosen.has(index));
}

/**
 * A caption and its picture with some codes hidden. Half of the captions leave out most of what is at its default.
 *
 * @returns A sequence of `textBlock + N + 2` ids.
 */
export function drawingExample(key: Key, coded: CodedScene, context: ExampleContext): Example {
  const { vocabulary, tokenizer } = context;
  const isNamed = coin(key, "named", context.named);
  const brief = { drop: coin(key, "brief", 0.5) ? 0.7 : 0 };
  const text = isNamed
    ? named(captionOf(coded.scene, fold(key, "caption"), { ...brief, subject: CONCEPT }), context)
    : captionOf(coded.scene, fold(key, "caption"), brief);
  const dropped = coin(key, "drop", context.dropCondition);
  const prompt = t2iPrompt(vocabulary, dropped ? [] : tokenizer.encode(text), context.textBlock);
  const masked = maskedPositions(fold(key, "mask"), coded.codes.length);
  const imageIds = imageIdsOf(vocabulary, coded.codes.map((code, index) => masked[index] ? -1 : code));
  const imageLabels = Array.from(
    coded.codes,
    (code, index) => masked[index] ? vocabulary.firstImageId + code : IGNORE,
  );
  const sequence = t2iSequence(vocabulary, { prompt, imageIds, imageLabels });
  return {
    ...sequence,
    owners: sequence.ids.map(() => isNamed && !dropped ? coded.character : -1),
    rounds: sequence.ids.map(() => 0),
  };
}
