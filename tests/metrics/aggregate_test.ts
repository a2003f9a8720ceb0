import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed } from "../../lib/core/key.ts";
import {
  aggregate,
  benchmarkScore,
  type ConceptScore,
  conceptScores,
  type MetricItem,
} from "../../lib/metrics/aggregate.ts";

const options = { key: keyFromSeed(1), resamples: 100 };
const categories = { bo: "animal", ann: "human", cup: "object" } as const;
const item: fc.Arbitrary<MetricItem> = fc.record({
  concept: fc.constantFrom("bo", "ann", "cup"),
  prompt: fc.constantFrom("p1", "p2", "p3"),
  value: fc.option(fc.integer({ min: 0, max: 4 }).map((quarters) => quarters / 4), { nil: null }),
}).map((fields) => ({ ...fields, category: categories[fields.concept as "bo"] }));
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
const same = (a: number | null, b: number | null): void =>
  assert.ok(a === b || (a !== null && b !== null && Math.abs(a - b) < 1e-12), `${a} ${b}`);

describe("aggregate()", () => {
  it("equals nested loops over concept, prompt and picture", () =>
    fc.assert(fc.property(fc.array(item, { maxLength: 30 }), (items) => {
      const concepts: number[] = [];
      for (const concept of ["bo", "ann", "cup"]) {
        const prompts: number[] = [];
        for (const prompt of ["p1", "p2", "p3"]) {
          const of = items.filter((one) => one.concept === concept && one.prompt === prompt);
          const score = mean(of.map((one) => one.value).filter((value) => value !== null));
          if (score !== null) prompts.push(score);
        }
        const score = mean(prompts);
        if (score !== null) concepts.push(score);
      }
      const found = aggregate(items, options);
      same(found.mean, mean(concepts));
      assert.equal(found.concepts, concepts.length);
      const scored = items.filter((one) => one.value !== null).length;
      same(found.coverage, items.length === 0 ? 1 : scored / items.length);
    })));

  it("does not depend on the order of items", () =>
    fc.assert(fc.property(fc.array(item, { maxLength: 20 }), (items) => {
      same(aggregate(items, options).mean, aggregate(items.toReversed(), options).mean);
    })));

  it("pools to the same number as all pictures at once if every concept has as many", () => {
    const items = ["bo", "ann"].flatMap((concept) =>
      [0, 0.25, 1, 0.5].map((value, index): MetricItem => ({
        concept,
        category: categories[concept as "bo"],
        prompt: `p${index % 2}`,
        value: concept === "bo" ? value : 1 - value / 2,
      }))
    );
    same(aggregate(items, options).mean, mean(items.map((one) => one.value as number)));
  });

  it("reports means per category and an interval over concepts", () => {
    const items: readonly MetricItem[] = [
      { concept: "bo", category: "animal", prompt: "p", value: 0.25 },
      { concept: "ann", category: "human", prompt: "p", value: 0.75 },
      { concept: "mo", category: "animal", prompt: "p", value: null },
    ];
    const score = aggregate(items, options);
    assert.deepEqual(score.byCategory, {
      animal: { mean: 0.25, concepts: 1 },
      human: { mean: 0.75, concepts: 1 },
    });
    assert.deepEqual(score.interval, { low: 0.25, high: 0.75 });
    assert.equal(score.byConcept.find((one) => one.concept === "mo")?.value, null);
  });

  it("is undefined without a single score", () => {
    const score = aggregate([], options);
    assert.deepEqual([score.mean, score.interval, score.coverage], [null, null, 1]);
  });
});

describe("benchmarkScore()", () => {
  it("averages per-concept metrics such as recognition's weight", () => {
    const scores: readonly ConceptScore[] = [
      { concept: "bo", category: "animal", value: 0.5, scored: 10, items: 10 },
      { concept: "ann", category: "human", value: 1, scored: 5, items: 10 },
    ];
    const score = benchmarkScore(scores, options);
    assert.deepEqual([score.mean, score.coverage, score.items], [0.75, 0.75, 20]);
  });
});

describe("conceptScores()", () => {
  it("keeps the order of first appearance", () => {
    const items: readonly MetricItem[] = ["cup", "bo", "cup"].map((concept) => ({
      concept,
      category: categories[concept as "bo"],
      prompt: "p",
      value: 1,
    }));
    assert.deepEqual(conceptScores(items).map((score) => score.concept), ["cup", "bo"]);
  });
});
