/**
 * The arithmetic mean.
 *
 * @module
 */

/**
 * Averages numbers.
 *
 * @param values Any number of them.
 * @returns Their mean; NaN without values.
 *
 * @example
 * ```ts
 * import { mean } from "./mean.ts";
 * import assert from "node:assert/strict";
 * assert.equal(mean([1, 2, 6]), 3);
 * ```
 */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Averages numbers of which there may be none.
 *
 * @returns Their mean; `null` without values, as files and tables write what was not measured.
 */
export function meanOrNone(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values);
}
