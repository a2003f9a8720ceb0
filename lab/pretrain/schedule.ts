/**
 * Learning-rate schedules.
 *
 * @module
 */

/** Warm-up, plateau, cosine decay. */
export interface Schedule {
  /** Largest learning rate. */
  readonly peak: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** Share of the steps at the end over which the rate falls along a cosine, in [0, 1]. */
  readonly decay: number;
  /** Rate at the end as a share of the peak. */
  readonly floor: number;
}

/** The schedule that a section of the settings describes. */
export function scheduleOf(
  part: {
    readonly learningRate: number;
    readonly warmup: number;
    readonly decay: number;
    readonly floor: number;
  },
): Schedule {
  return { peak: part.learningRate, warmup: part.warmup, decay: part.decay, floor: part.floor };
}

/**
 * Learning rate of a step.
 *
 * @param step 0-based step.
 * @param steps Steps in all.
 * @returns The rate, in (0, peak].
 *
 * @example
 * ```ts
 * import { learningRateAt } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * const schedule = { peak: 1, warmup: 2, decay: 0.5, floor: 0 };
 * assert.deepEqual([0, 1, 2, 4, 7].map((step) => learningRateAt(schedule, step, 8)).slice(0, 4), [0.5, 1, 1, 1]);
 * ```
 */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  const warm = Math.min(1, (step + 1) / Math.max(1, schedule.warmup));
  const start = steps * (1 - schedule.decay);
  const progress = step < start ? 0 : (step - start) / Math.max(1, steps - start);
  const cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  return schedule.peak * warm * (schedule.floor + (1 - schedule.floor) * cosine);
}
