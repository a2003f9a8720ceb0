/**
 * Percentile bootstrap intervals of a mean.
 *
 * @module
 */
import { type Key, uniforms } from "../core/key.ts";

/** A confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How to bootstrap. */
export interface BootstrapOptions {
  readonly key: Key;
  /** Default 2000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly level?: number;
}

const quantile = (sorted: Float64Array, at: number): number => {
  const position = (sorted.length - 1) * at;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
};

/**
 * Estimates how far a mean could lie from the true one, by resampling with replacement.
 *
 * @param values One value per independent unit: concepts, not pictures of the same concept.
 * @param options Key, resamples and level.
 * @returns The interval between the outer quantiles of the resampled means; `null` for fewer than two values.
 *
 * @example
 * ```ts
 * import { bootstrapInterval } from "./bootstrap.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const interval = bootstrapInterval([0.2, 0.4, 0.6, 0.8], { key: keyFromSeed(1) });
 * assert.ok(interval !== null && interval.low < 0.5 && interval.high > 0.5);
 * ```
 */
export function bootstrapInterval(values: readonly number[], options: BootstrapOptions): Interval | null {
  const { key, resamples = 2000, level = 0.95 } = options;
  const count = values.length;
  if (count < 2) return null;
  const draws = uniforms(key, resamples * count);
  const means = Float64Array.from({ length: resamples }, (_, resample) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += values[Math.floor((draws[resample * count + i] as number) * count)] as number;
    }
    return sum / count;
  }).sort();
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) };
}
