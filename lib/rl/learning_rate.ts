/**
 * The learning rate of each update: warm-up, then a schedule.
 *
 * @module
 */

/** How the rate goes on after the warm-up: as it is, straight to 0, or along half a cosine to 0. */
export type LearningRateSchedule = "constant" | "linear" | "cosine";

const AFTER_WARM_UP: Readonly<Record<LearningRateSchedule, (progress: number) => number>> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
};

/**
 * The factor of the learning rate at an update.
 *
 * @param step Updates done before, ≥ 0.
 * @param options.schedule How it goes on after the warm-up.
 * @param options.warmupSteps Updates over which it rises to 1; the first has `1 / (warmupSteps + 1)`.
 * @param options.maxSteps Updates of the run: where `linear` and `cosine` would reach 0.
 * @returns In [0, 1], and above 0 for every step below `maxSteps`.
 *
 * @example
 * ```ts
 * import { learningRateFactor } from "./learning_rate.ts";
 * import assert from "node:assert/strict";
 * const at = (step: number) => learningRateFactor(step, { schedule: "linear", warmupSteps: 1, maxSteps: 5 });
 * assert.deepEqual([0, 1, 2, 3, 4].map(at), [0.5, 1, 0.75, 0.5, 0.25]);
 * ```
 */
export function learningRateFactor(
  step: number,
  options: {
    readonly schedule: LearningRateSchedule;
    readonly warmupSteps: number;
    readonly maxSteps: number;
  },
): number {
  const { schedule, warmupSteps, maxSteps } = options;
  if (step < warmupSteps) return (step + 1) / (warmupSteps + 1);
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, maxSteps - warmupSteps));
  return AFTER_WARM_UP[schedule](progress);
}
