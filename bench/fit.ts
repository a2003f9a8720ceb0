/**
 * Straight lines and power laws through measured points.
 *
 * @module
 */
import { mean } from "../lib/core/mean.ts";

/** A measured point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `y = slope · x + start`, and the share of the variance that it explains. */
export interface Line {
  readonly slope: number;
  readonly start: number;
  /** R², 1 for points on a line. */
  readonly explained: number;
}

/**
 * Fits a line by least squares.
 *
 * @param points At least two different x.
 *
 * @example
 * ```ts
 * import { linearFit } from "./fit.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(linearFit([{ x: 1, y: 3 }, { x: 2, y: 5 }]), { slope: 2, start: 1, explained: 1 });
 * ```
 */
export function linearFit(points: readonly Point[]): Line {
  const [x0, y0] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const sum = (term: (dx: number, dy: number) => number): number =>
    points.reduce((all, { x, y }) => all + term(x - x0, y - y0), 0);
  const slope = sum((dx, dy) => dx * dy) / sum((dx) => dx * dx);
  const start = y0 - slope * x0;
  const spread = sum((_, dy) => dy * dy);
  const rest = points.reduce((all, { x, y }) => all + (y - start - slope * x) ** 2, 0);
  return { slope, start, explained: spread === 0 ? 1 : 1 - rest / spread };
}

/**
 * Fits `y = c · x^p` by least squares of the logarithms.
 *
 * @param points At least two different x > 0, all y > 0.
 * @returns p: 1 is linear growth, 2 quadratic.
 */
export function growthExponent(points: readonly Point[]): number {
  return linearFit(points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }))).slope;
}
