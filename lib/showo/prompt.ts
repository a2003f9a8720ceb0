/**
 * Token sequences of the three tasks, with labels for training.
 *
 * S is the id that begins and ends a text, P the padding id. A label of {@link IGNORE} is no target.
 *
 * @module
 */
import type { Vocabulary } from "./vocabulary.ts";

/** The label of a position that is no target. */
export const IGNORE: number = -100;

/** Ids and, position by position, labels. */
export interface LabelledSequence {
  readonly ids: readonly number[];
  readonly labels: readonly number[];
}

const repeated = (value: number, count: number): number[] => Array<number>(Math.max(0, count)).fill(value);

const started = (textIds: readonly number[], { endOfText }: Vocabulary): readonly number[] =>
  textIds[0] === endOfText ? textIds : [endOfText, ...textIds];

/** A prompt, and the part of it that does not fit before an image. */
export interface FittedPrompt {
  /** The ids that the model reads. */
  readonly kept: readonly number[];
  /** The ids that it does not read; empty if all fit. */
  readonly cut: readonly number[];
}

/** Task token, first and last S. */
const FRAME = 3;

/** Where the first name block is: a run of concept rows. Empty at the end of a text without one. */
function nameSpan(
  { firstConceptRow, conceptRows }: Vocabulary,
  ids: readonly number[],
): readonly [from: number, to: number] {
  const isName = (id: number): boolean => id >= firstConceptRow && id < firstConceptRow + conceptRows;
  const from = ids.findIndex(isName);
  if (from < 0) return [ids.length, ids.length];
  const length = ids.slice(from).findIndex((id) => !isName(id));
  return [from, length < 0 ? ids.length : from + length];
}

/**
 * Fits a text into the prompt part of a text-to-image sequence.
 *
 * What is too long loses its tail, but never the name of the concept: a first name block in the tail follows what is kept of the
 * words before it.
 *
 * @param textIds The tokenised prompt.
 * @param textBlock T, the length of the part: T − 3 ids fit.
 * @returns What is read and what is not, both in the order of the text.
 *
 * @example Five ids fit; the name (61) stays
 * ```ts
 * import { fitPrompt } from "./prompt.ts";
 * import { makeVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = makeVocabulary({
 *   textSize: 55, endOfText: 54, codebookSize: 64, conceptRows: 1, specialRows: 6,
 * });
 * assert.deepEqual(fitPrompt(vocabulary, [1, 2, 3, 4, 5, 6, 61, 7], 8), { kept: [1, 2, 3, 4, 61], cut: [5, 6, 7] });
 * ```
 */
export function fitPrompt(
  vocabulary: Vocabulary,
  textIds: readonly number[],
  textBlock: number,
): FittedPrompt {
  const opened = textIds[0] === vocabulary.endOfText ? 1 : 0;
  const room = Math.max(0, textBlock - FRAME + opened);
  if (textIds.length <= room) return { kept: textIds, cut: [] };
  const [from, to] = nameSpan(vocabulary, textIds);
  const name = textIds.slice(from, to);
  if (to <= room || name.length > room) return { kept: textIds.slice(0, room), cut: textIds.slice(room) };
  const before = Math.min(from, room - name.length);
  return {
    kept: [...textIds.slice(0, before), ...name],
    cut: [...textIds.slice(before, from), ...textIds.slice(to)],
  };
}

/**
 * Builds the prompt part of a text-to-image sequence: `P…P t2i S text S`, padded on the left.
 *
 * A text that is too long is cut as {@link fitPrompt} says; the closing S stays.
 *
 * @param textIds The tokenised prompt; empty is the unconditional prompt.
 * @param textBlock T, the length of the part.
 * @returns T ids.
 *
 * @example
 * ```ts
 * import { t2iPrompt } from "./prompt.ts";
 * import { makeVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const vocabulary = makeVocabulary({ textSize: 60, endOfText: 55, codebookSize: 64 });
 * assert.deepEqual(t2iPrompt(vocabulary, [7], 6), [60, 60, 65, 55, 7, 55]);
 * ```
 */
export function t2iPrompt(
  vocabulary: Vocabulary,
  textIds: readonly number[],
  textBlock: number,
): readonly number[] {
  const { special, endOfText } = vocabulary;
  const { kept } = fitPrompt(vocabulary, textIds, textBlock);
  const sequence = [special["<|t2i|>"], ...started(kept, vocabulary), endOfText];
  return [...repeated(special["[PAD]"], textBlock - sequence.length), ...sequence];
}

/**
 * Builds the prompt of no text: `P…P t2i S S`.
 *
 * @param textBlock T.
 * @returns T ids.
 */
export function unconditionalPrompt(vocabulary: Vocabulary, textBlock: number): readonly number[] {
  return t2iPrompt(vocabulary, [], textBlock);
}

/**
 * Builds a text-to-image sequence: `prompt soi image eoi`.
 *
 * @param parts.prompt From {@link t2iPrompt}.
 * @param parts.imageIds N image ids, masked ones as the mask id.
 * @param parts.imageLabels N labels; default the image ids. Positions that are no target hold {@link IGNORE}.
 * @returns T + N + 2 ids; soi is at T. Prompt, soi and eoi are labelled with themselves, padding is ignored.
 */
export function t2iSequence(
  vocabulary: Vocabulary,
  parts: {
    readonly prompt: readonly number[];
    readonly imageIds: readonly number[];
    readonly imageLabels?: readonly number[];
  },
): LabelledSequence {
  const { "<|soi|>": soi, "<|eoi|>": eoi, "[PAD]": pad } = vocabulary.special;
  const { prompt, imageIds, imageLabels = imageIds } = parts;
  const promptLabels = prompt.map((id) => id === pad ? IGNORE : id);
  return { ids: [...prompt, soi, ...imageIds, eoi], labels: [...promptLabels, soi, ...imageLabels, eoi] };
}

/**
 * Builds a language-modelling sequence: `S text S P…P`.
 *
 * @param textIds The tokenised text.
 * @param length Length of the result; a longer text is cut without a closing S.
 * @returns `length` ids; every real token is its own label.
 */
export function lmSequence(
  vocabulary: Vocabulary,
  textIds: readonly number[],
  length: number,
): LabelledSequence {
  const text = [...started(textIds, vocabulary), vocabulary.endOfText].slice(0, length);
  return padRight(vocabulary, { ids: text, labels: text }, length);
}

/**
 * Pads a sequence on the right; padding is no target.
 *
 * @param sequence Ids and labels.
 * @param length The length to reach; a longer sequence stays as it is.
 * @returns Ids and labels of at least `length`.
 */
export function padRight(
  vocabulary: Vocabulary,
  sequence: LabelledSequence,
  length: number,
): LabelledSequence {
  const missing = length - sequence.ids.length;
  return {
    ids: [...sequence.ids, ...repeated(vocabulary.special["[PAD]"], missing)],
    labels: [...sequence.labels, ...repeated(IGNORE, missing)],
  };
}

/**
 * Puts a picture in front of labelled text: `mmu soi image eoi text`; without a picture `mmu text`.
 *
 * @param text Ids and labels of the text, padded as wanted.
 * @param imageIds N image ids, or none.
 * @returns N + 3 (or 1) more positions than the text; none of them is a target.
 */
export function mmuSequence(
  vocabulary: Vocabulary,
  text: LabelledSequence,
  imageIds: readonly number[] = [],
): LabelledSequence {
  const front = mmuFront(vocabulary, imageIds);
  return { ids: [...front, ...text.ids], labels: [...repeated(IGNORE, front.length), ...text.labels] };
}

const mmuFront = ({ special }: Vocabulary, imageIds: readonly number[]): readonly number[] =>
  imageIds.length === 0
    ? [special["<|mmu|>"]]
    : [special["<|mmu|>"], special["<|soi|>"], ...imageIds, special["<|eoi|>"]];

/**
 * Builds a captioning text: `S text S`, padded on the right; too long a text loses its tail, the closing S stays.
 *
 * @param textIds The tokenised caption.
 * @param length Length of the result.
 * @returns `length` ids and labels for {@link mmuSequence}; every real token is its own label.
 */
export function captionText(
  vocabulary: Vocabulary,
  textIds: readonly number[],
  length: number,
): LabelledSequence {
  const full = [...started(textIds, vocabulary), vocabulary.endOfText];
  const text = full.length <= length ? full : [...full.slice(0, length - 1), vocabulary.endOfText];
  return padRight(vocabulary, { ids: text, labels: text }, length);
}

/**
 * Builds the prompt that an answer continues: `mmu soi image eoi S text`; without a picture `mmu S text`.
 *
 * @param textIds The tokenised question, ending in `ASSISTANT:`.
 * @param imageIds N image ids, or none.
 * @returns The prompt, unpadded.
 */
export function mmuPrompt(
  vocabulary: Vocabulary,
  textIds: readonly number[],
  imageIds: readonly number[] = [],
): readonly number[] {
  return [...mmuFront(vocabulary, imageIds), vocabulary.endOfText, ...textIds];
}
