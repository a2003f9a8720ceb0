/**
 * Bootstrap intervals inside one concept, where there are no concepts to resample.
 *
 * @module
 */
import { mean } from "../core/mean.ts";
import { fold, type Key, uniforms } from "../core/key.ts";
import type { Interval } from "../metrics/bootstrap.ts";

const resampledMean = (values: readonly number[], key: Key): number => {
  const draws = uniforms(key, values.length);
  return mean(
    values.map((_, index) => values[Math.floor((draws[index] as number) * values.length)] as number),
  );
};

const quantile = (sorted: Float64Array, at: number): number => {
  const position = (sorted.length - 1) * at;
  const [below, above] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number];
  return below + (above - below) * (position - Math.floor(position));
};

/**
 * Estimates how far the mean of group means could lie from the true one, by resampling inside each group.
 *
 * One group is the plain bootstrap over prompts; recognition has two, questions with and without the concept.
 *
 * @param groups Values of each group.
 * @param options.resamples Default 1000.
 * @param options.level Default 0.95.
 * @returns The percentile interval; `null` if there is no group or one has fewer than two values.
 *
 * @example
 * ```ts
 * import { groupedInterval } from "./intervals.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(groupedInterval([[1, 1], [0, 0]], { key: keyFromSeed(1) }), { low: 0.5, high: 0.5 });
 * assert.equal(groupedInterval([[1]], { key: keyFromSeed(1) }), null);
 * ```
 */
export function groupedInterval(
  groups: readonly (readonly number[])[],
  options: { readonly key: Key; readonly resamples?: number; readonly level?: number },
): Interval | null {
  const { key, resamples = 1000, level = 0.95 } = options;
  if (groups.length === 0 || groups.some((group) => group.length < 2)) return null;
  const means = Float64Array.from({ length: resamples }, (_, resample) => {
    const sampleKey = fold(key, resample);
    return mean(groups.map((group, index) => resampledMean(group, fold(sampleKey, index))));
  }).sort();
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) };
}
