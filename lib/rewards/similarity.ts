/**
 * From a cosine to a score, and from several references to one number.
 *
 * @module
 */

/** `similarity`: higher for closer pictures; `distance`: the complement, as printed in the paper, for ablation only. */
export type Orientation = "similarity" | "distance";

/**
 * How a cosine in [−1, 1] becomes a score: `clip01` max(0, c) · `raw` c · `affine` (1 + c)/2 · `threshold` 0 up to 0.5, then
 * 2(c − 0.5).
 */
export type SimilarityRange = "clip01" | "raw" | "affine" | "threshold";

/** How the scores against several references become one. */
export type ReferenceAggregation = "mean" | "max";

/** How a similarity is turned into a score. */
export interface SimilarityOptions {
  /** Default `similarity`. */
  readonly orientation?: Orientation;
  /** Default `clip01`. */
  readonly range?: SimilarityRange;
}

/** The same, for several references. */
export interface ReferenceOptions extends SimilarityOptions {
  /** Default `mean`. */
  readonly aggregation?: ReferenceAggregation;
}

const inRange = (cosine: number, range: SimilarityRange): number => {
  if (range === "raw") return cosine;
  if (range === "affine") return (1 + cosine) / 2;
  if (range === "threshold") return aboveHalf(cosine);
  return Math.max(0, cosine);
};

/**
 * Maps [0, 0.5] to 0 and (0.5, 1] linearly onto (0, 1], as the released code does.
 *
 * @returns `0 if score ≤ 0.5 else 2(score − 0.5)`.
 */
export function aboveHalf(score: number): number {
  return score <= 0.5 ? 0 : 2 * (score - 0.5);
}

/**
 * Turns a cosine into a score.
 *
 * `distance` is `1 − range(c)`: with `raw` exactly the printed `1 − cos`.
 *
 * @param similarity A cosine in [−1, 1]; NaN stays NaN.
 * @param options Orientation and range.
 * @returns The score, higher is better under `similarity`.
 *
 * @example
 * ```ts
 * import { similarityScore } from "./similarity.ts";
 * import assert from "node:assert/strict";
 * assert.equal(similarityScore(-0.2), 0);
 * assert.equal(similarityScore(0.5, { range: "affine" }), 0.75);
 * assert.equal(similarityScore(0.25, { orientation: "distance", range: "raw" }), 0.75);
 * ```
 *
 * Source: the formulas of BER, DER and FER, which print `1 − cos` yet describe and add it as a score; see `orientation`.
 */
export function similarityScore(similarity: number, options: SimilarityOptions = {}): number {
  const { orientation = "similarity", range = "clip01" } = options;
  const score = inRange(similarity, range);
  return orientation === "similarity" ? score : 1 - score;
}

/**
 * Scores one picture against the reference pictures of its concept.
 *
 * @param cosines One cosine per reference.
 * @param options Each cosine is mapped first, then the scores are aggregated.
 * @returns The score; NaN without references.
 */
export function referenceScore(cosines: ArrayLike<number>, options: ReferenceOptions = {}): number {
  const scores = Array.from(cosines, (value) => similarityScore(value, options));
  if (scores.length === 0) return NaN;
  if (options.aggregation === "max") return Math.max(...scores);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
