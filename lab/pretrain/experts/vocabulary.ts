/**
 * The vocabularies of the small text encoders: every word of the world is one token, anything else falls back to letters.
 *
 * @module
 */
import { mergePair } from "../../../lib/text/bpe_trainer.ts";
import { BYTE_SYMBOLS, byteOrder, byteSymbols } from "../../../lib/text/byte_level.ts";
import type { ClipVocabulary } from "../../../lib/text/clip_tokenizer.ts";
import type { Vocabulary } from "../../../lib/text/wordpiece_tokenizer.ts";
import { vocabularyWords } from "../../../lib/world/lexicon.ts";

const SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
/** The printable ASCII characters that are left after lower-casing. */
const CHARACTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((character) => character === character.toLowerCase());
const INNER = CHARACTERS.filter((character) => /[a-z0-9]/.test(character)).map((character) =>
  `##${character}`
);
const END_OF_WORD = "</w>";

/**
 * Lists the WordPiece tokens of the world: special tokens, words, single characters, characters inside words.
 *
 * @returns The lines of a `vocab.txt`; no line twice.
 *
 * @example
 * ```ts
 * import { worldPieces } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(worldPieces().slice(0, 5), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
 * ```
 */
export function worldPieces(): readonly string[] {
  return [...new Set([...SPECIALS, ...vocabularyWords(), ...CHARACTERS, ...INNER])];
}

/**
 * Numbers the WordPiece tokens of the world.
 *
 * @returns Token → id, as the loaders read it from a `vocab.txt`.
 */
export function worldVocabulary(): Vocabulary {
  return new Map(worldPieces().map((token, id) => [token, id]));
}

/** A word as symbols, the last of which ends it. */
const symbolsOf = (word: string): readonly string[] =>
  byteSymbols(word).map((symbol, index, all) => index === all.length - 1 ? symbol + END_OF_WORD : symbol);

function mostFrequentPair(words: readonly (readonly string[])[]): readonly [string, string] | null {
  const counts = new Map<string, number>();
  for (const symbols of words) {
    symbols.slice(1).forEach((symbol, index) => {
      const pair = `${symbols[index]} ${symbol}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    });
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted[0] === undefined ? null : sorted[0][0].split(" ") as [string, string];
}

/**
 * Trains CLIP's vocabulary on the words of the world: byte symbols, the same at the end of a word, merges until every
 * word is one token, start and end of text.
 *
 * @returns Tokens and merges, as the loaders read them from `vocab.json` and `merges.txt`.
 */
export function worldClipVocabulary(): ClipVocabulary {
  let words: readonly (readonly string[])[] = vocabularyWords().map(symbolsOf);
  const merges: (readonly [string, string])[] = [];
  for (let pair = mostFrequentPair(words); pair !== null; pair = mostFrequentPair(words)) {
    const merged = pair;
    merges.push(merged);
    words = words.map((symbols) => mergePair(symbols, merged));
  }
  const bytes = byteOrder().map((byte) => BYTE_SYMBOLS[byte] as string);
  const tokens = new Set([
    ...bytes,
    ...bytes.map((symbol) => symbol + END_OF_WORD),
    ...merges.map((pair) => pair.join("")),
    "<|startoftext|>",
    "<|endoftext|>",
  ]);
  return { vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])), merges };
}

/**
 * Writes merges as a `merges.txt` holds them.
 *
 * @param merges Pairs, the first merged first.
 */
export function mergesText(merges: ClipVocabulary["merges"]): string {
  return ["#version: 0.2", ...merges.map((pair) => pair.join(" ")), ""].join("\n");
}
