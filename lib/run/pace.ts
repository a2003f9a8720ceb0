/**
 * One line on how far a training is and how fast it goes.
 *
 * @module
 */

/** How far a training is. */
export interface Pace {
  /** Updates that are done. */
  readonly step: number;
  readonly steps: number;
  /** The step that this process began after; default 0. */
  readonly since?: number;
  /** Seconds that this process has trained. */
  readonly seconds: number;
}

/**
 * Writes the pace of a training.
 *
 * @param name What is trained.
 * @param pace How far it is.
 * @param metrics Name → number, shown behind with four digits.
 * @returns One line.
 *
 * @example
 * ```ts
 * import { paceLine } from "./pace.ts";
 * import assert from "node:assert/strict";
 * const pace = { step: 30, steps: 50, since: 10, seconds: 5 };
 * assert.equal(paceLine("tokenizer", pace, { loss: 0.5 }), "tokenizer 30/50  4.0 steps/s  ETA 5 s  loss 0.5000");
 * ```
 */
export function paceLine(name: string, pace: Pace, metrics: Readonly<Record<string, number>>): string {
  const { step, steps, since = 0, seconds } = pace;
  const rate = (step - since) / Math.max(seconds, 1e-9);
  const eta = Math.round((steps - step) / Math.max(rate, 1e-9));
  const shown = Object.entries(metrics).map(([metric, value]) => `${metric} ${value.toPrecision(4)}`);
  return [`${name} ${step}/${steps}`, `${rate.toFixed(1)} steps/s`, `ETA ${eta} s`, ...shown].join("  ");
}
