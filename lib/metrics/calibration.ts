/**
 * Whether reported probabilities hold: of all answers given with 80 %, four of five should be right.
 *
 * @module
 */
import { mean } from "../core/mean.ts";

/** An answer with its reported probability. */
export interface Forecast {
  /** In [0, 1]. */
  readonly confidence: number;
  readonly right: boolean;
}

/** Answers of similar confidence. */
export interface CalibrationBin {
  readonly count: number;
  /** Mean confidence. */
  readonly confidence: number;
  /** Share that is right. */
  readonly accuracy: number;
}

/** How well probabilities hold. */
export interface Calibration {
  readonly count: number;
  readonly accuracy: number;
  readonly confidence: number;
  /** Expected calibration error, in [0, 1]; 0 = every probability holds. */
  readonly ece: number;
  /** Mean squared error of the probabilities, in [0, 1]. */
  readonly brier: number;
  /** Bins that hold an answer, least confident first. */
  readonly bins: readonly CalibrationBin[];
}

const binOf = (forecasts: readonly Forecast[]): CalibrationBin => ({
  count: forecasts.length,
  confidence: mean(forecasts.map(({ confidence }) => confidence)),
  accuracy: mean(forecasts.map(({ right }) => Number(right))),
});

/**
 * Measures calibration: `ECE = Σ_b (n_b / n) · |accuracy_b − confidence_b|` over bins of equal width.
 *
 * @param forecasts Answers with probabilities.
 * @param options.bins Default 15.
 * @returns The numbers; `null` without answers.
 *
 * @example Sure of itself, right half of the time
 * ```ts
 * import { calibration } from "./calibration.ts";
 * import assert from "node:assert/strict";
 * const found = calibration([{ confidence: 1, right: true }, { confidence: 1, right: false }]);
 * assert.deepEqual([found?.accuracy, found?.ece, found?.brier], [0.5, 0.5, 0.5]);
 * ```
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, eq. 3.
 */
export function calibration(
  forecasts: readonly Forecast[],
  options: { readonly bins?: number } = {},
): Calibration | null {
  const { bins: wanted = 15 } = options;
  if (forecasts.length === 0) return null;
  const place = ({ confidence }: Forecast): number => Math.min(wanted - 1, Math.floor(confidence * wanted));
  const bins = [...Map.groupBy(forecasts, place)].sort(([a], [b]) => a - b).map(([, own]) => binOf(own));
  const all = binOf(forecasts);
  const gaps = bins.map((bin) => bin.count * Math.abs(bin.accuracy - bin.confidence));
  return {
    ...all,
    ece: gaps.reduce((a, b) => a + b, 0) / forecasts.length,
    brier: mean(forecasts.map(({ confidence, right }) => (confidence - Number(right)) ** 2)),
    bins,
  };
}
