/**
 * Recognition: is the concept in the picture?
 *
 * @module
 */

/**
 * What counts as a hit: the expected word occurs as a whole word (`wordBoundary`), anywhere (`substring`: "know" says no), or is
 * the first of yes and no (`strict`).
 */
export type HitRule = "wordBoundary" | "substring" | "strict";

/** One question. */
export interface RecognitionItem {
  /** Whether the concept is in the picture. */
  readonly truth: boolean;
  readonly answer: string;
}

/** The scores of one concept; `null` where there was no question of the kind. */
export interface RecognitionScore {
  /** Hits among pictures of the concept. */
  readonly posRecall: number | null;
  /** Hits among other pictures. */
  readonly negRecall: number | null;
  /** `(posRecall + negRecall) / 2`, the Rec column; `null` unless both exist. */
  readonly weight: number | null;
  /** Hits among all questions. */
  readonly accuracy: number | null;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Decides whether an answer is right.
 *
 * @param item Truth and answer.
 * @param rule What counts; default `wordBoundary`. Only `strict` rejects "yes and no".
 * @returns Whether it is a hit; an answer without yes or no never is.
 */
export function isHit(item: RecognitionItem, rule: HitRule = "wordBoundary"): boolean {
  const expected = item.truth ? "yes" : "no";
  const answer = item.answer.toLowerCase();
  if (rule === "substring") return answer.includes(expected);
  if (rule === "wordBoundary") return new RegExp(`\\b${expected}\\b`).test(answer);
  return /\b(yes|no)\b/.exec(answer)?.[1] === expected;
}

const fraction = (hits: number, of: number): number | null => of === 0 ? null : hits / of;

/**
 * Scores all recognition questions of one concept.
 *
 * @param rule What counts as a hit.
 * @returns Recalls, their mean, accuracy and counts.
 *
 * @example
 * ```ts
 * import { recognition } from "./recognition.ts";
 * import assert from "node:assert/strict";
 * const score = recognition([
 *   { truth: true, answer: "Yes, it is." },
 *   { truth: false, answer: "No." },
 *   { truth: false, answer: "I don't know." },
 * ]);
 * assert.deepEqual([score.posRecall, score.negRecall, score.weight], [1, 0.5, 0.75]);
 * ```
 */
export function recognition(
  items: readonly RecognitionItem[],
  rule: HitRule = "wordBoundary",
): RecognitionScore {
  const positives = items.filter((item) => item.truth);
  const negatives = items.filter((item) => !item.truth);
  const hits = (of: readonly RecognitionItem[]): number => of.filter((item) => isHit(item, rule)).length;
  const posRecall = fraction(hits(positives), positives.length);
  const negRecall = fraction(hits(negatives), negatives.length);
  return {
    posRecall,
    negRecall,
    weight: posRecall === null || negRecall === null ? null : (posRecall + negRecall) / 2,
    accuracy: fraction(hits(items), items.length),
    positives: positives.length,
    negatives: negatives.length,
  };
}
