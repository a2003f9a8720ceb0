/**
 * From scored items to the numbers of a benchmark.
 *
 * @module
 */
import { mean } from "../core/mean.ts";
import type { Category } from "../concept/concept.ts";
import { fold, type Key, keyFromSeed } from "../core/key.ts";
import {
  aggregate,
  type BenchmarkScore,
  benchmarkScore,
  type CategoryMean,
  type ConceptScore,
  type MetricItem,
} from "../metrics/aggregate.ts";
import { type HitRule, isHit, recognition } from "../metrics/recognition.ts";
import type { Score } from "../run/evaluation.ts";
import { groupedInterval } from "./intervals.ts";
import { inTableOrder } from "./metrics.ts";
import { showsConcept } from "./score_answers.ts";
import type { ScoredItem } from "./scored.ts";

/** One metric of an evaluation. */
export interface MetricScore extends Score {
  /** Single scores that exist, and that should exist. */
  readonly scored: number;
  readonly items: number;
  /** Their ratio; below 0.95 tables mark the number. */
  readonly coverage: number;
  /** What was resampled for the interval: concepts, or with one concept its prompts. */
  readonly intervalOver: "concepts" | "items" | null;
  readonly byConcept: Readonly<Record<string, number | null>>;
  readonly byCategory: Readonly<Partial<Record<Category, CategoryMean>>>;
}

/** How scores are summarised. */
export interface SummaryOptions {
  /** Of the bootstrap. */
  readonly seed: number;
  readonly hitRule: HitRule;
}

const known = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);

function metricScore(score: BenchmarkScore, groups: readonly (readonly number[])[], key: Key): MetricScore {
  const over = score.byConcept.length > 1 ? "concepts" : "items";
  const interval = over === "concepts" ? score.interval : groupedInterval(groups, { key });
  return {
    value: score.mean,
    ...(interval === null ? {} : interval),
    scored: score.byConcept.reduce((sum, { scored }) => sum + scored, 0),
    items: score.items,
    coverage: score.coverage,
    intervalOver: interval === null ? null : over,
    byConcept: Object.fromEntries(score.byConcept.map(({ concept, value }) => [concept, value])),
    byCategory: score.byCategory,
  };
}

function itemMetric(metric: string, items: readonly ScoredItem[], key: Key): MetricScore {
  const values = items.filter(({ scores }) => metric in scores).map((
    { concept, category, task, item, scores },
  ): MetricItem => ({
    concept,
    category,
    prompt: `${task}/${item}`,
    value: scores[metric] ?? null,
  }));
  const byPrompt = [...Map.groupBy(values, ({ concept, prompt }) => `${concept}/${prompt}`).values()];
  const prompts = byPrompt.map((group) => known(group.map(({ value }) => value)))
    .filter((group) => group.length > 0).map(mean);
  return metricScore(aggregate(values, { key }), [prompts], key);
}

const recItem = ({ reference, prediction }: ScoredItem) => ({
  truth: showsConcept(reference ?? ""),
  answer: prediction ?? "",
});

function recConcept(items: readonly ScoredItem[], hitRule: HitRule): ConceptScore {
  const { concept, category } = items[0] as ScoredItem;
  const answered = items.filter(({ scores }) => scores["rec_accuracy"] !== null);
  const { weight } = recognition(answered.map(recItem), hitRule);
  return { concept, category, value: weight, scored: answered.length, items: items.length };
}

/** Rec weight: per concept the mean of two recalls, so not a mean over items. */
function recMetric(items: readonly ScoredItem[], { hitRule }: SummaryOptions, key: Key): MetricScore {
  const concepts = [...Map.groupBy(items, ({ concept }) => concept).values()];
  const answered = items.filter(({ scores }) => scores["rec_accuracy"] !== null).map(recItem);
  const groups = [true, false].map((truth) =>
    answered.filter((item) => item.truth === truth).map((item) => Number(isHit(item, hitRule)))
  );
  const scores = concepts.map((group) => recConcept(group, hitRule));
  return metricScore(benchmarkScore(scores, { key }), groups, key);
}

/**
 * Averages scored items: picture → prompt → concept → benchmark.
 *
 * Intervals come from resampling concepts; with a single concept from resampling its prompts, which says nothing about other
 * concepts.
 *
 * @param items Scored items of one or more concepts.
 * @param options Seed of the bootstrap and the rule for yes and no.
 * @returns Metric → score, in the order of tables; a metric for which no item asks is absent.
 */
export function summarise(
  items: readonly ScoredItem[],
  options: SummaryOptions,
): Readonly<Record<string, MetricScore>> {
  const root = fold(keyFromSeed(options.seed), "bootstrap");
  const measured = new Set(items.flatMap(({ scores }) => Object.keys(scores)));
  const rec = items.filter(({ task }) => task === "rec");
  if (rec.length > 0) measured.add("rec_weight");
  return Object.fromEntries(
    inTableOrder(measured).map((metric) => {
      const key = fold(root, metric);
      return [
        metric,
        metric === "rec_weight" ? recMetric(rec, options, key) : itemMetric(metric, items, key),
      ];
    }),
  );
}
