/**
 * Separable resampling as rows of weights: which input samples make one output sample.
 *
 * @module
 */

/** The resampling rules, named after the libraries whose results they reproduce. */
export type Resampling =
  /** Pillow's BICUBIC and PyTorch's antialiased bicubic: a = -0.5, wider when shrinking. */
  | "bicubic"
  /** Pillow's BILINEAR: a triangle, wider when shrinking. */
  | "bilinear"
  /** Pillow's BOX. */
  | "box"
  /** PyTorch's `interpolate(mode="bicubic", antialias=False)`: a = -0.75, always 4 taps. */
  | "bicubic-torch"
  /** PyTorch's `interpolate(mode="bilinear", antialias=False)`: always 2 taps. */
  | "bilinear-torch"
  /** PyTorch's adaptive average pooling, `interpolate(mode="area")`. */
  | "area";

/** One output sample: input samples `start`, `start + 1`, … with these weights, which sum to 1. */
export interface WeightRow {
  readonly start: number;
  readonly weights: Float64Array;
}

/** Keys' cubic kernel in the order of operations of Pillow (so that the weights agree to the last bit). */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

interface Kernel {
  readonly support: number;
  readonly at: (distance: number) => number;
}

const ANTIALIASED: Readonly<Record<"bicubic" | "bilinear" | "box", Kernel>> = {
  bicubic: { support: 2, at: (x) => cubic(x, -0.5) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  box: { support: 0.5, at: (x) => x > -0.5 && x <= 0.5 ? 1 : 0 },
};

function antialiasedRow(kernel: Kernel, index: number, from: number, to: number): WeightRow {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const centre = (index + 0.5) * scale;
  const start = Math.max(0, Math.trunc(centre - support + 0.5));
  const end = Math.min(from, Math.trunc(centre + support + 0.5));
  const step = 1 / filterScale;
  const weights = Float64Array.from(
    { length: end - start },
    (_, tap) => kernel.at((tap + start - centre + 0.5) * step),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { start, weights: total === 0 ? weights : weights.map((weight) => weight / total) };
}

const TAPS: Readonly<Record<"bicubic-torch" | "bilinear-torch", Kernel>> = {
  "bicubic-torch": { support: 2, at: (x) => cubic(x, -0.75) },
  "bilinear-torch": { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
};

/** Taps outside the input count for its border sample. */
function fixedTapsRow(kernel: Kernel, index: number, from: number, to: number): WeightRow {
  const source = (index + 0.5) * (from / to) - 0.5;
  const centre = kernel.support === 1 ? Math.max(0, source) : source;
  const base = Math.floor(centre);
  const clamp = (tap: number): number => Math.min(from - 1, Math.max(0, tap));
  const taps = Array.from({ length: 2 * kernel.support }, (_, tap) => base + tap + 1 - kernel.support);
  const start = clamp(taps[0] ?? 0);
  const weights = new Float64Array(clamp(taps[taps.length - 1] ?? 0) - start + 1);
  for (const tap of taps) {
    const slot = clamp(tap) - start;
    weights[slot] = (weights[slot] ?? 0) + kernel.at(tap - centre);
  }
  return { start, weights };
}

function areaRow(index: number, from: number, to: number): WeightRow {
  const start = Math.floor(index * from / to);
  const count = Math.ceil((index + 1) * from / to) - start;
  return { start, weights: new Float64Array(count).fill(1 / count) };
}

/**
 * Computes the weights of every output sample along one axis.
 *
 * @param rule The resampling rule.
 * @param from Input samples, ≥ 1.
 * @param to Output samples, ≥ 1.
 * @returns `to` rows.
 *
 * @example Halving with a box averages pairs
 * ```ts
 * import { weightRows } from "./resample_weights.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(weightRows("box", 4, 2)[1], { start: 2, weights: Float64Array.of(0.5, 0.5) });
 * ```
 */
export function weightRows(rule: Resampling, from: number, to: number): readonly WeightRow[] {
  return Array.from({ length: to }, (_, index) => {
    switch (rule) {
      case "area":
        return areaRow(index, from, to);
      case "bicubic-torch":
      case "bilinear-torch":
        return fixedTapsRow(TAPS[rule], index, from, to);
      default:
        return antialiasedRow(ANTIALIASED[rule], index, from, to);
    }
  });
}

/**
 * Writes the weights as a dense matrix, so that resampling an axis is one matrix product.
 *
 * @param rule The resampling rule.
 * @param from Input samples, ≥ 1.
 * @param to Output samples, ≥ 1.
 * @returns `[to, from]`, row-major.
 */
export function resampleMatrix(rule: Resampling, from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  weightRows(rule, from, to).forEach(({ start, weights }, row) => matrix.set(weights, row * from + start));
  return matrix;
}
