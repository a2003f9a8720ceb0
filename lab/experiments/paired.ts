/**
 * Scores of repeated runs: means with intervals over concepts, and differences between runs of the same concept and seed.
 *
 * @module
 */
import { mean } from "../../lib/core/mean.ts";
import { fold, type Key } from "../../lib/core/key.ts";
import { bootstrapInterval, type Interval } from "../../lib/metrics/bootstrap.ts";
import type { MetricTable, TableCell, TableRow } from "../../lib/metrics/table.ts";
import { inTableOrder, metricTitle } from "../../lib/evaluation/metrics.ts";

/** Metric → score; `null` = could not be scored. */
export type Scores = Readonly<Record<string, number | null>>;

/** The scores of one run's state. */
export interface Sample {
  readonly concept: string;
  readonly seed: number;
  readonly scores: Scores;
}

/** A method with all its samples. */
export interface Method {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** One number of one run. */
export interface Value {
  readonly concept: string;
  readonly value: number;
}

/**
 * Averages numbers over seeds, then over concepts.
 *
 * Seeds of one concept are no independent units, so the interval resamples concepts, with the mean over seeds of each; with a
 * single concept it resamples the seeds and says nothing about other concepts.
 *
 * @param values One number per concept and seed.
 * @param key The randomness of the bootstrap.
 * @returns Mean and 95 % interval; the interval is `null` for a single value. `null` without values.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../../lib/core/key.ts";
 * import { clusterMean } from "./paired.ts";
 * import assert from "node:assert/strict";
 * const values = [{ concept: "a", value: 0 }, { concept: "a", value: 1 }, { concept: "b", value: 1 }];
 * assert.equal(clusterMean(values, keyFromSeed(1))?.mean, 0.75);
 * ```
 */
export function clusterMean(
  values: readonly Value[],
  key: Key,
): { readonly mean: number; readonly interval: Interval | null } | null {
  if (values.length === 0) return null;
  const byConcept = [...Map.groupBy(values, ({ concept }) => concept).values()]
    .map((group) => mean(group.map(({ value }) => value)));
  const units = byConcept.length > 1 ? byConcept : values.map(({ value }) => value);
  return { mean: mean(byConcept), interval: bootstrapInterval(units, { key }) };
}

const isNumber = (value: number | null | undefined): value is number => typeof value === "number";

const cellOf = (values: readonly Value[], key: Key): TableCell => {
  const found = clusterMean(values, key);
  return { value: found?.mean ?? null, interval: found?.interval ?? null, marks: [] };
};

const valuesOf = (samples: readonly Sample[], metric: string): readonly Value[] =>
  samples.flatMap(({ concept, scores }) => {
    const value = scores[metric];
    return isNumber(value) ? [{ concept, value }] : [];
  });

/** Differences between samples of the same concept and seed, where both have the metric. */
const differencesOf = (method: Method, reference: Method, metric: string): readonly Value[] => {
  const before = new Map(
    reference.samples.map((each) => [`${each.concept}/${each.seed}`, each.scores[metric]]),
  );
  return method.samples.flatMap(({ concept, seed, scores }) => {
    const [from, to] = [before.get(`${concept}/${seed}`), scores[metric]];
    return isNumber(from) && isNumber(to) ? [{ concept, value: to - from }] : [];
  });
};

/**
 * Lists the metrics that any sample has.
 *
 * @returns Metrics as tables show them.
 */
export function metricsOf(methods: readonly Method[]): readonly string[] {
  return inTableOrder(methods.flatMap(({ samples }) => samples.flatMap(({ scores }) => Object.keys(scores))));
}

const row = (name: string, metrics: readonly string[], cell: (metric: string) => TableCell): TableRow => ({
  method: name,
  group: "",
  origin: "measured",
  cells: Object.fromEntries(metrics.map((metric) => [metric, cell(metric)])),
});

const countNote = (methods: readonly Method[]): string => {
  const samples = methods.flatMap((method) => method.samples);
  const concepts = [...new Set(samples.map(({ concept }) => concept))].sort();
  const seeds = [...new Set(samples.map(({ seed }) => seed))].sort((a, b) => a - b);
  const runs = methods.map(({ name, samples: own }) => `${name} ${own.length}`).join(", ");
  return `concepts ${concepts.join(", ")}; seeds ${seeds.join(", ")}; runs: ${runs}`;
};

const intervalNote = (methods: readonly Method[]): string => {
  const concepts = new Set(methods.flatMap(({ samples }) => samples.map(({ concept }) => concept))).size;
  const over = concepts > 1
    ? `over ${concepts} concepts, seeds averaged first`
    : "over the seeds of one concept";
  return `intervals: 95 %, percentile bootstrap ${over}; differences are paired by concept and seed`;
};

/**
 * Makes a table of methods and of their paired differences from a reference.
 *
 * @param methods The methods, in order.
 * @param options.reference The method that the others are compared with; default the first.
 * @param options.key The randomness of the bootstrap.
 * @returns One row per method, then one row `method − reference` per other method.
 */
export function pairedTable(
  methods: readonly Method[],
  options: {
    readonly title: string;
    readonly key: Key;
    readonly reference?: string;
    readonly notes?: readonly string[];
  },
): MetricTable {
  const metrics = metricsOf(methods);
  const reference = methods.find(({ name }) => name === options.reference) ?? methods[0];
  const keyOf = (name: string, metric: string): Key => fold(fold(options.key, name), metric);
  const rows = methods.map((method) =>
    row(
      method.name,
      metrics,
      (metric) => cellOf(valuesOf(method.samples, metric), keyOf(method.name, metric)),
    )
  );
  const differences = reference === undefined ? [] : methods
    .filter((method) => method !== reference)
    .map((method) => {
      const name = `${method.name} − ${reference.name}`;
      return row(
        name,
        metrics,
        (metric) => cellOf(differencesOf(method, reference, metric), keyOf(name, metric)),
      );
    });
  return {
    title: options.title,
    columns: metrics.map((key) => ({ key, title: metricTitle(key) })),
    rows: [...rows, ...differences],
    notes: [countNote(methods), intervalNote(methods), ...options.notes ?? []],
  };
}
