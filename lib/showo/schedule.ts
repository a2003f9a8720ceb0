/**
 * How many image tokens stay unknown, and how much noise there is, at each decoding step.
 *
 * @module
 */

/** The share of unknown tokens as a function of the share of steps done. */
export type MaskSchedule = "cosine" | "linear" | "square";

const PI_SINGLE = Math.fround(Math.PI);

const CURVES: Readonly<Record<MaskSchedule, (t: number) => number>> = {
  // In 32-bit steps, as the reference: at t = 1 it is −4.37e-8, and at t = 2/3 just below 1/2.
  cosine: (t) => Math.fround(Math.cos(Math.fround(Math.fround(t * PI_SINGLE) * 0.5))),
  linear: (t) => Math.fround(1 - t),
  square: (t) => Math.fround(1 - Math.fround(t * t)),
};

/**
 * Evaluates a mask schedule in 32-bit arithmetic, `γ(t) = cos(π t / 2)` for `cosine`.
 *
 * @param t In [0, 1]; rounded to 32 bits first.
 * @returns γ(t), about 1 … 0.
 *
 * @example In 32 bits the cosine at 2/3 lies below 1/2
 * ```ts
 * import { maskRatio } from "./schedule.ts";
 * import assert from "node:assert/strict";
 * assert.equal(Math.floor(1024 * maskRatio("cosine", 2 / 3)), 511);
 * ```
 */
export function maskRatio(schedule: MaskSchedule, t: number): number {
  return CURVES[schedule](Math.fround(t));
}

/** The decoding steps of one picture. */
export interface StepOptions {
  /** S, number of steps. */
  readonly steps: number;
  readonly schedule: MaskSchedule;
}

/**
 * Counts the tokens that become unknown again after a step: `max(1, min(unknown − 1, ⌊N γ((k+1)/S)⌋))`.
 *
 * @param step k, from 0.
 * @param options.unknown Unknown tokens when the step began.
 * @param options.numTokens N.
 * @returns The count; 1 at the last step, and even if nothing was unknown.
 */
export function maskedAfter(
  step: number,
  options: StepOptions & { readonly unknown: number; readonly numTokens: number },
): number {
  const ratio = maskRatio(options.schedule, (step + 1) / options.steps);
  const wanted = Math.floor(Math.fround(options.numTokens * ratio));
  return Math.max(1, Math.min(options.unknown - 1, wanted));
}

/**
 * Cools the noise of the confidence: `T ← T (1 − (k+1)/S)`, a product over all steps so far.
 *
 * @param temperature T before step k.
 * @param step k, from 0.
 * @param steps S.
 * @returns T used at step k; 0 at the last.
 */
export function annealed(temperature: number, step: number, steps: number): number {
  return temperature * (1 - (step + 1) / steps);
}
