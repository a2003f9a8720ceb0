/**
 * The ids of a unified vocabulary: text, special tokens, concept rows, image codes, image mask.
 *
 * ```
 * 0 … textSize−1 | special | concept rows | image codes            | mask
 *                          ^ firstConceptRow ^ firstImageId (F)     ^ maskTokenId = size − 1
 * ```
 *
 * A concept is inserted before the image codes and pushes them up.
 *
 * @module
 */
import { MARKERS, PAD_TOKEN } from "../text/markers.ts";

/** Names of the special tokens, in the order in which they follow the text. */
export const SPECIAL_TOKENS = [PAD_TOKEN, ...MARKERS] as const;

/** Name of a special token. */
export type SpecialToken = (typeof SPECIAL_TOKENS)[number];

/** What a vocabulary is made of. */
export interface VocabularySizes {
  /** Rows of the text tokenizer without the special tokens. */
  readonly textSize: number;
  /** The id that begins and ends a text (sot = eot = S). */
  readonly endOfText: number;
  /** Image codes, without the mask token. */
  readonly codebookSize: number;
  /** Rows inserted for a concept; default 0. */
  readonly conceptRows?: number;
  /** Number of rows between text and concept; default: one per special token. */
  readonly specialRows?: number;
  /** Special ids, if they are not `textSize + index in SPECIAL_TOKENS`. */
  readonly special?: Readonly<Partial<Record<SpecialToken, number>>>;
}

/** Ids and sizes of a vocabulary; plain data. */
export interface Vocabulary extends Required<VocabularySizes> {
  readonly special: Readonly<Record<SpecialToken, number>>;
  /** Id of the first concept row; the tokenizer's length before a concept is added. */
  readonly firstConceptRow: number;
  /** F: id of image code 0. */
  readonly firstImageId: number;
  /** Id of an unknown image token; the last id. */
  readonly maskTokenId: number;
  /** V: number of ids. */
  readonly size: number;
}

/**
 * Completes a vocabulary from its sizes.
 *
 * @param sizes Sizes, each ≥ 0.
 * @returns Sizes, special ids and everything derived from them.
 *
 * @example The published one, with the 25 rows of a stage-2 concept
 * ```ts
 * import { makeVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const sizes = { textSize: 50295, endOfText: 50256, codebookSize: 8192, conceptRows: 25 };
 * const vocabulary = makeVocabulary(sizes);
 * assert.equal(vocabulary.special["<|soi|>"], 50296);
 * assert.deepEqual([vocabulary.firstImageId, vocabulary.maskTokenId, vocabulary.size], [50330, 58522, 58523]);
 * ```
 *
 * Source: Show-o's prompting utilities.
 */
export function makeVocabulary(sizes: VocabularySizes): Vocabulary {
  const { textSize, endOfText, codebookSize, conceptRows = 0, specialRows = SPECIAL_TOKENS.length } = sizes;
  const special = Object.fromEntries(
    SPECIAL_TOKENS.map((name, index) => [name, sizes.special?.[name] ?? textSize + index]),
  ) as Record<SpecialToken, number>;
  const firstConceptRow = textSize + specialRows;
  const firstImageId = firstConceptRow + conceptRows;
  const maskTokenId = firstImageId + codebookSize;
  return {
    textSize,
    endOfText,
    codebookSize,
    conceptRows,
    specialRows,
    special,
    firstConceptRow,
    firstImageId,
    maskTokenId,
    size: maskTokenId + 1,
  };
}

/**
 * Changes how many rows belong to a concept.
 *
 * @param conceptRows The number of rows, ≥ 0.
 * @returns The same text and codes; image ids start after the rows.
 */
export function withConceptRows(vocabulary: Vocabulary, conceptRows: number): Vocabulary {
  return makeVocabulary({ ...vocabulary, conceptRows });
}

/**
 * Moves image codes into the vocabulary.
 *
 * @param codes Codes in [0, codebookSize); a negative one is unknown.
 * @returns `F + code`, or the mask id where unknown.
 */
export function imageIdsOf(vocabulary: Vocabulary, codes: ArrayLike<number>): readonly number[] {
  return Array.from(codes, (code) => code < 0 ? vocabulary.maskTokenId : vocabulary.firstImageId + code);
}

/**
 * Moves image ids back to codes.
 *
 * @param ids Image ids or the mask id.
 * @returns Codes; −1 for the mask id.
 */
export function codesOfIds(vocabulary: Vocabulary, ids: ArrayLike<number>): Int32Array {
  const { maskTokenId, firstImageId } = vocabulary;
  return Int32Array.from(ids, (id) => id === maskTokenId ? -1 : id - firstImageId);
}
