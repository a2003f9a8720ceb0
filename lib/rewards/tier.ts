/**
 * TIER, the text expert: is the answer the fact that the prompt needs, and none of the others?
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { cosine } from "../core/cosine.ts";
import type { Stage } from "../core/stage.ts";
import type { RewardExpert, RewardRow } from "./expert.ts";
import { answeredAll, type TextEncoder } from "./features.ts";
import { rememberTexts } from "./remember.ts";
import { aboveHalf } from "./similarity.ts";

/** What is compared with the one-hot truth: the cosines, the cosines divided by their sum, or their softmax. */
export type TierScores = "raw" | "sumNormalised" | "softmax";

/** Options of {@link tierScore}. */
export interface TierOptions {
  /** Default `raw`. A single candidate is always raw: a distribution over one is constant. */
  readonly scores?: TierScores;
  /** Temperature of `softmax`, > 0; default 0.1. */
  readonly temperature?: number;
  /** Default `euclidean`; `squared` is its square, whose largest value for distributions is exactly 2. */
  readonly distance?: "euclidean" | "squared";
  /** Map scores up to 0.5 to 0, as the released code does; default false. */
  readonly postThreshold?: boolean;
}

const sumNormalised = (values: readonly number[]): readonly number[] => {
  const positive = values.map((value) => Math.max(0, value));
  const sum = positive.reduce((a, b) => a + b, 0);
  return sum === 0 ? positive : positive.map((value) => value / sum);
};

const softmax = (values: readonly number[], temperature: number): readonly number[] => {
  const largest = Math.max(...values);
  const weights = values.map((value) => Math.exp((value - largest) / temperature));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};

const prepared = (similarities: readonly number[], options: TierOptions): readonly number[] => {
  if (similarities.length === 1) return similarities;
  if (options.scores === "sumNormalised") return sumNormalised(similarities);
  if (options.scores === "softmax") return softmax(similarities, options.temperature ?? 0.1);
  return similarities;
};

/**
 * Scores an answer by its similarities to all candidate facts.
 *
 * `TIER = (2 − ‖c − onehot(k)‖₂) / 2`, clamped to [0, 1]: raw cosines can lie further than 2 from a one-hot vector.
 *
 * @param similarities c, cosine of the answer and each candidate.
 * @param truthIndex k, the candidate that is right.
 * @param options How to compare.
 * @returns The score in [0, 1]; with one candidate `(1 + c)/2`. NaN if there is no such candidate.
 *
 * @example The right fact, and a wrong one
 * ```ts
 * import { tierScore } from "./tier.ts";
 * import assert from "node:assert/strict";
 * assert.equal(tierScore([1, 0, 0, 0], 0), 1);
 * assert.equal(tierScore([0, 1, 0, 0], 0).toFixed(4), "0.2929");
 * ```
 *
 * Source: UniCTokens-R1, eq 13–17.
 */
export function tierScore(
  similarities: ArrayLike<number>,
  truthIndex: number,
  options: TierOptions = {},
): number {
  if (!(truthIndex >= 0 && truthIndex < similarities.length)) return NaN;
  const squared = prepared(Array.from(similarities), options)
    .reduce((sum, value, index) => sum + (value - (index === truthIndex ? 1 : 0)) ** 2, 0);
  const distance = options.distance === "squared" ? squared : Math.sqrt(squared);
  const score = Math.min(1, Math.max(0, (2 - distance) / 2));
  return options.postThreshold === true ? aboveHalf(score) : score;
}

/**
 * Makes the live TIER from a text encoder.
 *
 * An empty answer scores 0. Vectors of candidates are computed once; answers are encoded in one batch.
 *
 * @param encoder The encoder, ERNIE in the paper.
 * @param options How to compare.
 * @returns The expert `tier`; NaN for rows without a right candidate.
 */
export function tierExpert<R>(encoder: TextEncoder<R>, options: TierOptions = {}): RewardExpert<R> {
  const facts = rememberTexts(encoder, "tier");
  const scoreRow = (row: RewardRow, answer: Float32Array, candidates: readonly Float32Array[]): number =>
    row.reasoning.trim() === "" && row.truthIndex >= 0 && row.truthIndex < candidates.length
      ? 0
      : tierScore(candidates.map((candidate) => cosine(answer, candidate)), row.truthIndex, options);
  const score = (rows: readonly RewardRow[]): Stage<R, Float32Array> =>
    pipe(
      encoder.embed(rows.map((row) => row.reasoning)),
      RTE.flatMapEither(answeredAll("tier", rows.length)),
      RTE.bindTo("answers"),
      RTE.bindW("candidates", () => RTE.traverseSeqArray((row: RewardRow) => facts(row.candidates))(rows)),
      RTE.map(({ answers, candidates }) =>
        Float32Array.from(rows, (row, index) =>
          scoreRow(row, answers[index] as Float32Array, candidates[index] as readonly Float32Array[]))
      ),
    );
  return { name: "tier", readsAnswerAlone: true, score };
}
