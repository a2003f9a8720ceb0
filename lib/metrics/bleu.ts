/**
 * BLEU as the personalisation benchmarks use it: on characters, unigrams and bigrams only.
 *
 * @module
 */

/** Weights and smoothing of {@link sentenceBleu}. */
export interface BleuOptions {
  /** Weight of 1-grams, 2-grams, …; sum to 1. Default (0.7, 0.3). */
  readonly weights?: readonly number[];
  /** ε of NLTK's smoothing method 1: the matches of an order without any. Default 0.1. */
  readonly epsilon?: number;
}

/** The weights of the benchmarks. */
const BENCHMARK_WEIGHTS: readonly number[] = [0.7, 0.3];

const countNgrams = (tokens: readonly string[], order: number): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    const ngram = JSON.stringify(tokens.slice(start, start + order));
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
};

/** Matches of one order, each n-gram counted at most as often as the reference holds it. */
const clippedMatches = (
  reference: readonly string[],
  candidate: readonly string[],
  order: number,
): number => {
  const wanted = countNgrams(reference, order);
  let matches = 0;
  for (const [ngram, count] of countNgrams(candidate, order)) {
    matches += Math.min(count, wanted.get(ngram) ?? 0);
  }
  return matches;
};

const brevityPenalty = (reference: number, candidate: number): number =>
  candidate > reference ? 1 : Math.exp(1 - reference / candidate);

/**
 * Scores a candidate against one reference.
 *
 * `BLEU = BP · exp(Σ w_n ln p_n)`, `p_n` = clipped matches / max(1, candidate n-grams), ε in place of 0 matches.
 *
 * @param reference Tokens of the right answer.
 * @param candidate Tokens of the answer.
 * @param options Weights and ε.
 * @returns In [0, 1]; 0 for an empty candidate or without a common token.
 *
 * Source: NLTK's `sentence_bleu` with `SmoothingFunction().method1`, reproduced number by number.
 */
export function sentenceBleu(
  reference: readonly string[],
  candidate: readonly string[],
  options: BleuOptions = {},
): number {
  const { weights = BENCHMARK_WEIGHTS, epsilon = 0.1 } = options;
  if (candidate.length === 0 || clippedMatches(reference, candidate, 1) === 0) return 0;
  const logarithms = weights.reduce((sum, weight, index) => {
    const order = index + 1;
    const matches = clippedMatches(reference, candidate, order);
    const ngrams = Math.max(1, candidate.length - order + 1);
    return sum + weight * Math.log((matches === 0 ? epsilon : matches) / ngrams);
  }, 0);
  return brevityPenalty(reference.length, candidate.length) * Math.exp(logarithms);
}

/**
 * Scores an answer on its characters: the BLEU of UnifyBench, MC-LLaVA and the paper's tables.
 *
 * Tokens are the Unicode code points of the raw text: no lower-casing, no trimming; spaces and punctuation count. Wrong answers
 * score high on it (0.3 to 0.6 between unrelated sentences), so a judge's score belongs beside it.
 *
 * @param reference The right answer.
 * @returns In [0, 1].
 *
 * @example
 * ```ts
 * import { characterBleu } from "./bleu.ts";
 * import assert from "node:assert/strict";
 * assert.equal(characterBleu("a red hat", "blue cap").toFixed(6), "0.124167");
 * assert.equal(characterBleu("a red hat", ""), 0);
 * ```
 */
export function characterBleu(reference: string, candidate: string): number {
  return sentenceBleu(Array.from(reference), Array.from(candidate));
}

/**
 * Scores an answer on its words, split at white space.
 *
 * @param reference The right answer.
 * @param options Weights and ε; four weights of 0.25 give the usual BLEU-4.
 * @returns In [0, 1].
 */
export function wordBleu(reference: string, candidate: string, options: BleuOptions = {}): number {
  const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");
  return sentenceBleu(words(reference), words(candidate), options);
}
