/**
 * Spearman's rank correlation, over a list and inside classes of it.
 *
 * @module
 */

/** 0-based ranks; equal values share the mean of theirs. */
const ranks = (values: readonly number[]): readonly number[] =>
  values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });

/**
 * Spearman's rank correlation of two lists; equal values share the mean of their ranks.
 *
 * @param a Values.
 * @param b As many values; pairs with a NaN are left out.
 * @returns In [−1, 1]; `null` for fewer than two pairs, or if all values of a list are equal.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const pairs = a.map((value, index) => [value, b[index] as number] as const)
    .filter(([x, y]) => !Number.isNaN(x) && !Number.isNaN(y));
  const centre = (pairs.length - 1) / 2;
  const [left, right] = [ranks(pairs.map(([x]) => x)), ranks(pairs.map(([, y]) => y))];
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, rank, index) => sum + (rank - centre) * ((y[index] as number) - centre), 0);
  const size = Math.sqrt(product(left, left) * product(right, right));
  return size === 0 ? null : product(left, right) / size;
}

/** Fewer pairs than this have no correlation worth the name. */
const FEWEST = 3;

/**
 * Rank correlation inside classes: what differs between them, such as the prompt, has no part in it.
 *
 * @param classes The class of each pair.
 * @param a Values.
 * @param b As many values.
 * @returns The mean over classes of at least three pairs, weighted by their size; `null` if no class has one.
 *
 * @example Classes differ in both values, and inside each they run against each other
 * ```ts
 * import { rankCorrelation, rankCorrelationWithin } from "./rank_correlation.ts";
 * import assert from "node:assert/strict";
 * const [a, b] = [[1, 2, 3, 11, 12, 13], [3, 2, 1, 13, 12, 11]];
 * assert.ok((rankCorrelation(a, b) as number) > 0.5);
 * assert.equal(rankCorrelationWithin(["x", "x", "x", "y", "y", "y"], a, b), -1);
 * ```
 */
export function rankCorrelationWithin(
  classes: readonly string[],
  a: readonly number[],
  b: readonly number[],
): number | null {
  const members = [...Map.groupBy(classes.keys(), (index) => classes[index]).values()];
  const found = members.filter(({ length }) => length >= FEWEST).flatMap((indices) => {
    const of = (values: readonly number[]) => indices.map((index) => values[index] as number);
    const value = rankCorrelation(of(a), of(b));
    return value === null ? [] : [{ value, size: indices.length }];
  });
  const total = found.reduce((sum, { size }) => sum + size, 0);
  return total === 0 ? null : found.reduce((sum, { value, size }) => sum + value * size, 0) / total;
}
