/**
 * From single scores to a benchmark's number: picture → prompt → concept → benchmark, each an unweighted mean.
 *
 * @module
 */
import type { Category } from "../concept/concept.ts";
import { bootstrapInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";

/** One score. */
export interface MetricItem {
  readonly concept: string;
  readonly category: Category;
  /** The prompt or question; pictures of one prompt share it. */
  readonly prompt: string;
  /** `null`: missing, or the judge gave none. Left out of means, and counted. */
  readonly value: number | null;
}

/** The score of one concept. */
export interface ConceptScore {
  readonly concept: string;
  readonly category: Category;
  /** `null` if nothing of the concept has a score. */
  readonly value: number | null;
  /** Single scores that exist. */
  readonly scored: number;
  /** Single scores that should exist. */
  readonly items: number;
}

/** Mean and number of concepts of one category. */
export interface CategoryMean {
  readonly mean: number;
  readonly concepts: number;
}

/** The score of a benchmark. */
export interface BenchmarkScore {
  /** Mean over the concepts that have a score; `null` if none has. */
  readonly mean: number | null;
  /** Bootstrap interval over concepts; `null` for fewer than two. */
  readonly interval: Interval | null;
  /** Concepts with a score. */
  readonly concepts: number;
  readonly items: number;
  /** Single scores that exist over those that should; 1 without items. */
  readonly coverage: number;
  readonly byCategory: Readonly<Partial<Record<Category, CategoryMean>>>;
  readonly byConcept: readonly ConceptScore[];
}

/** Below this coverage a number is marked. */
export const FULL_COVERAGE = 0.95;

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

const known = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);

const conceptScore = (items: readonly MetricItem[]): ConceptScore => {
  const { concept, category } = items[0] as MetricItem;
  const prompts = Map.groupBy(items, (item) => item.prompt);
  const means = [...prompts.values()].map((group) => meanOf(known(group.map((item) => item.value))));
  const scored = items.filter((item) => item.value !== null).length;
  return { concept, category, value: meanOf(known(means)), scored, items: items.length };
};

/**
 * Averages single scores per prompt, then per concept.
 *
 * @param items The scores, in any order.
 * @returns One score per concept, in the order of first appearance.
 */
export function conceptScores(items: readonly MetricItem[]): readonly ConceptScore[] {
  return [...Map.groupBy(items, (item) => item.concept).values()].map(conceptScore);
}

const categoryMeans = (scores: readonly ConceptScore[]): BenchmarkScore["byCategory"] =>
  Object.fromEntries(
    [...Map.groupBy(scores, (score) => score.category)].flatMap(([category, group]) => {
      const values = known(group.map((score) => score.value));
      const mean = meanOf(values);
      return mean === null ? [] : [[category, { mean, concepts: values.length }]];
    }),
  );

/**
 * Averages the scores of concepts, for metrics that are defined per concept (recognition's weight) or came from
 * {@link conceptScores}.
 *
 * @param scores One per concept.
 * @param options The key of the bootstrap.
 * @returns Mean, interval, coverage and means per category.
 */
export function benchmarkScore(scores: readonly ConceptScore[], options: BootstrapOptions): BenchmarkScore {
  const values = known(scores.map((score) => score.value));
  const count = (of: (score: ConceptScore) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0);
  const items = count((score) => score.items);
  return {
    mean: meanOf(values),
    interval: bootstrapInterval(values, options),
    concepts: values.length,
    items,
    coverage: items === 0 ? 1 : count((score) => score.scored) / items,
    byCategory: categoryMeans(scores),
    byConcept: scores,
  };
}

/**
 * Averages single scores to the number of a benchmark.
 *
 * @param options The key of the bootstrap.
 * @returns Mean, interval, coverage and means per category.
 *
 * @example A prompt with two pictures counts as much as one with a single picture; a missing score is counted
 * ```ts
 * import { aggregate } from "./aggregate.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const item = { concept: "bo", category: "animal" } as const;
 * const score = aggregate([
 *   { ...item, prompt: "p1", value: 1 },
 *   { ...item, prompt: "p1", value: 0 },
 *   { ...item, prompt: "p2", value: 1 },
 *   { ...item, prompt: "p3", value: null },
 * ], { key: keyFromSeed(0) });
 * assert.deepEqual([score.mean, score.coverage], [0.75, 0.75]);
 * ```
 */
export function aggregate(items: readonly MetricItem[], options: BootstrapOptions): BenchmarkScore {
  return benchmarkScore(conceptScores(items), options);
}
