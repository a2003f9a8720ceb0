/**
 * Training of a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes as in GPT-2).
 *
 * @module
 */
import { BYTE_SYMBOLS, byteOrder, byteSymbols, WORD_PATTERN } from "./byte_level.ts";
import { byteLevelTokenizerJson, type TokenizerJson } from "./tokenizer_json.ts";

/** How large the vocabulary gets. */
export interface BpeTrainerOptions {
  /** Merges at most; training ends early once every word is one token. */
  readonly merges: number;
  /** Special tokens that follow the merges, the end of text first. */
  readonly specialTokens?: readonly string[];
}

/** A word of the corpus as its current symbols. */
interface Word {
  readonly symbols: readonly string[];
  readonly count: number;
}

type Pair = readonly [string, string];

/**
 * Learns merges from texts: again and again the most frequent adjacent pair becomes one symbol.
 *
 * Ties go to the pair that sorts first, so equal corpora give equal vocabularies.
 *
 * @param corpus Texts or words; how often a word occurs is its weight. A word inside a sentence has its space in front.
 * @param options Merges and special tokens.
 * @returns A `tokenizer.json`: 256 bytes, one token a merge, special tokens. Unknown words fall back to smaller pieces,
 * in the end to bytes.
 *
 * @example
 * ```ts
 * import { trainBpe } from "./bpe_trainer.ts";
 * import assert from "node:assert/strict";
 * const json = trainBpe(["a red hat", "a red ball"], { merges: 3, specialTokens: ["<|endoftext|>"] });
 * assert.deepEqual(json.model.merges[0], ["e", "d"]);
 * assert.equal(json.model.vocab["<|endoftext|>"], 259);
 * ```
 */
export function trainBpe(corpus: readonly string[], options: BpeTrainerOptions): TokenizerJson {
  let words = countWords(corpus);
  const merges: Pair[] = [];
  const tokens = new Set(byteOrder().map((byte) => BYTE_SYMBOLS[byte] as string));
  while (merges.length < options.merges) {
    const pair = mostFrequentPair(words);
    if (pair === null) break;
    merges.push(pair);
    tokens.add(pair.join(""));
    words = words.map((word) => ({ ...word, symbols: mergePair(word.symbols, pair) }));
  }
  const vocab = Object.fromEntries([...tokens].map((token, id) => [token, id]));
  const special = (options.specialTokens ?? []).map((token, index) => [token, tokens.size + index] as const);
  return byteLevelTokenizerJson(vocab, merges, Object.fromEntries(special));
}

function countWords(corpus: readonly string[]): readonly Word[] {
  const counts = new Map<string, number>();
  for (const word of corpus.flatMap((text) => text.match(WORD_PATTERN) ?? [])) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({ symbols: byteSymbols(word), count }));
}

function mostFrequentPair(words: readonly Word[]): Pair | null {
  const counts = new Map<string, number>();
  for (const { symbols, count } of words) {
    for (let index = 1; index < symbols.length; index++) {
      const pair = `${symbols[index - 1]} ${symbols[index]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: string | null = null;
  for (const [pair, count] of counts) {
    const most = best === null ? 0 : counts.get(best) as number;
    if (best === null || count > most || (count === most && pair < best)) best = pair;
  }
  return best === null ? null : best.split(" ") as [string, string];
}

/**
 * Joins every occurrence of a pair, from the left.
 *
 * @param pair Two symbols that become one.
 * @returns The word with fewer symbols.
 */
export function mergePair(symbols: readonly string[], pair: Pair): readonly string[] {
  const merged: string[] = [];
  for (let index = 0; index < symbols.length; index++) {
    const isPair = symbols[index] === pair[0] && symbols[index + 1] === pair[1];
    merged.push(isPair ? pair.join("") : symbols[index] as string);
    if (isPair) index++;
  }
  return merged;
}
