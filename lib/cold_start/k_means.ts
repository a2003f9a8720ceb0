/**
 * k-means of weighted points, for rows that begin as centres of picture codes.
 *
 * @module
 */
import { fold, type Key, uniforms } from "../core/key.ts";

/** A point and how often it occurs. */
export interface WeightedPoint {
  readonly at: Float32Array;
  readonly weight: number;
}

const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
};

/** Index of the first element at which the running sum exceeds a share of the total. */
function draw(uniform: number, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = uniform * total;
  const found = weights.findIndex((weight) => (rest -= weight) < 0);
  return Math.max(0, found);
}

/** k-means++: each next centre is drawn in proportion to weight · squared distance to the nearest so far. */
function seeds(key: Key, points: readonly WeightedPoint[], count: number): Float32Array[] {
  const draws = uniforms(fold(key, "seeds"), count);
  const centres: Float32Array[] = [];
  let distances = points.map(() => 1);
  for (let index = 0; index < count; index++) {
    const chosen = draw(
      draws[index] as number,
      points.map(({ weight }, i) => weight * (distances[i] as number)),
    );
    const { at } = points[chosen] as WeightedPoint;
    centres.push(at);
    const fresh = points.map((point) => squaredDistance(point.at, at));
    distances = fresh.map((distance, i) =>
      index === 0 ? distance : Math.min(distance, distances[i] as number)
    );
  }
  return centres;
}

const nearest = (point: Float32Array, centres: readonly Float32Array[]): number => {
  let best = 0;
  let least = Infinity;
  centres.forEach((centre, index) => {
    const distance = squaredDistance(point, centre);
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
};

function moved(points: readonly WeightedPoint[], centres: readonly Float32Array[]): Float32Array[] {
  const width = centres[0]?.length ?? 0;
  const sums = centres.map(() => new Float64Array(width));
  const totals = centres.map(() => 0);
  for (const { at, weight } of points) {
    const owner = nearest(at, centres);
    const sum = sums[owner] as Float64Array;
    for (let i = 0; i < width; i++) sum[i] = (sum[i] as number) + weight * (at[i] as number);
    totals[owner] = (totals[owner] as number) + weight;
  }
  return centres.map((centre, index) => {
    const total = totals[index] as number;
    return total === 0 ? centre : Float32Array.from(sums[index] as Float64Array, (value) => value / total);
  });
}

/** Mean variance of the coordinates: what a tolerance is relative to. */
function spread(points: readonly WeightedPoint[]): number {
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const width = points[0]?.at.length ?? 1;
  const mean = new Float64Array(width);
  points.forEach(({ at, weight }) =>
    at.forEach((value, i) => mean[i] = (mean[i] as number) + weight * value)
  );
  const centre = mean.map((value) => value / total);
  return points.reduce((sum, { at, weight }) => sum + weight * squaredDistance(at, centre), 0) / total /
    width;
}

/**
 * Finds cluster centres: k-means++ seeding, then Lloyd's steps until the centres rest.
 *
 * @param points The points, at least one; weights > 0.
 * @param options.clusters How many centres; with fewer different points some centres coincide.
 * @param options.key The randomness of the seeding.
 * @param options.iterations Steps at most; default 300.
 * @param options.tolerance Rest: summed squared movement ≤ tolerance · mean variance; default 1e-4.
 *
 * @example
 * ```ts
 * import { kMeans } from "./k_means.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const points = [0, 2, 100].map((x, index) => ({ at: Float32Array.of(x), weight: index === 0 ? 3 : 1 }));
 * const centres = kMeans(points, { clusters: 2, key: keyFromSeed(1) }).map(([x]) => x ?? NaN);
 * assert.deepEqual(centres.sort((a, b) => a - b), [0.5, 100]);
 * ```
 */
export function kMeans(
  points: readonly WeightedPoint[],
  options: {
    readonly clusters: number;
    readonly key: Key;
    readonly iterations?: number;
    readonly tolerance?: number;
  },
): readonly Float32Array[] {
  const { clusters, key, iterations = 300, tolerance = 1e-4 } = options;
  const limit = tolerance * spread(points);
  let centres = seeds(key, points, clusters);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = moved(points, centres);
    const shift = next.reduce((sum, at, i) => sum + squaredDistance(at, centres[i] as Float32Array), 0);
    centres = next;
    if (shift <= limit) break;
  }
  return centres;
}
