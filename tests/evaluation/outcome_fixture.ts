/** An evaluation and an item to vary. */
import type { Evaluation } from "../../lib/evaluation/evaluation.ts";
import { protocolOf } from "../../lib/evaluation/evaluate.ts";
import type { ScoredItem } from "../../lib/evaluation/scored.ts";
import type { MetricScore } from "../../lib/evaluation/summarise.ts";

/** A scored answer. */
export function itemFixture(changes: Partial<ScoredItem>): ScoredItem {
  return {
    ...{ concept: "mip", category: "human", task: "rea", item: "rea_000", sample: null, prompt: "p" },
    ...{ reference: "r", prediction: "a", image: null, promptUsed: null, reasoning: null },
    scores: { rea_bleu: 0.5 },
    segments: [],
    look: null,
    ...changes,
  };
}

/** A score of one concept with an interval. */
export function scoreFixture(value: number | null, changes: Partial<MetricScore> = {}): MetricScore {
  return {
    ...{ value, low: 0.4, high: 0.6, scored: 2, items: 2, coverage: 1, intervalOver: "items" },
    byConcept: { mip: value },
    byCategory: {},
    ...changes,
  };
}

/** An evaluation with one score. */
export function evaluationFixture(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    ...{ v: 1, step: 3, bench: "unifybench++", model: "ours", concepts: ["mip"] },
    protocol: protocolOf({}, null),
    scores: { rea_bleu: scoreFixture(0.5) },
    titles: { rea_bleu: "Rea BLEU" },
    notes: ["judge: none"],
    realImages: {},
    ...changes,
  };
}
