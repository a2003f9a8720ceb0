/**
 * How far two judges agree beyond chance.
 *
 * @module
 */
import { fold, integer, type Key } from "../core/key.ts";
import type { Interval } from "./bootstrap.ts";

/** Two grades of the same thing; `null` = that judge gave none. */
export interface GradePair {
  /** What is resampled together: an answer, or all clauses of a picture. */
  readonly unit: string;
  readonly first: number | null;
  readonly second: number | null;
}

/** How far two judges agree. */
export interface Agreement {
  /** Pairs in which both gave a grade. */
  readonly cases: number;
  /** Pairs in which one of them gave none; they count nowhere else. */
  readonly unscored: number;
  /** Share of equal grades, in [0, 1]; NaN without cases. */
  readonly same: number;
  /** 1 = always the same, 0 = as by chance, below = worse; `null` if both always give one and the same grade. */
  readonly kappa: number | null;
  /** Bootstrap interval of kappa over units; `null` for fewer than two units. */
  readonly interval: Interval | null;
}

/** Sums from which kappa follows; those of a resample are the sums of its units. */
interface Sums {
  readonly n: number;
  readonly same: number;
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

const ZERO: Sums = { n: 0, same: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };

const plus = (a: Sums, b: Sums): Sums => ({
  ...{ n: a.n + b.n, same: a.same + b.same, x: a.x + b.x, y: a.y + b.y },
  ...{ xx: a.xx + b.xx, yy: a.yy + b.yy, xy: a.xy + b.xy },
});

/** Grades are 0, 0.5 or 1; what lies between counts as the nearest. In halves, so that sums are exact. */
const halves = (grade: number): number => Math.round(grade * 2);

const sumsOf = (first: number, second: number): Sums => {
  const [x, y] = [halves(first), halves(second)];
  return { n: 1, same: Number(x === y), x, y, xx: x * x, yy: y * y, xy: x * y };
};

/** `1 − Σ (x_i − y_i)² / n ÷ Σ (x_i − y_j)² / n²`. */
function kappaOf({ n, x, y, xx, yy, xy }: Sums): number | null {
  const observed = n * (xx + yy - 2 * xy);
  const expected = n * (xx + yy) - 2 * x * y;
  return expected === 0 ? null : 1 - observed / expected;
}

const quantile = (sorted: readonly number[], at: number): number => {
  const position = (sorted.length - 1) * at;
  const [below, above] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number];
  return below + (above - below) * (position - Math.floor(position));
};

function intervalOf(units: readonly Sums[], key: Key): Interval | null {
  if (units.length < 2) return null;
  const kappas = Array.from({ length: 1000 }, (_, resample) => {
    const own = fold(key, resample);
    return kappaOf(
      units.map((_, draw) => units[integer(fold(own, draw), units.length)] as Sums).reduce(plus, ZERO),
    );
  }).flatMap((kappa) => kappa ?? []).sort((a, b) => a - b);
  return kappas.length === 0 ? null : { low: quantile(kappas, 0.025), high: quantile(kappas, 0.975) };
}

/**
 * Measures agreement as Cohen's kappa with quadratic weights: half a grade apart costs a quarter of a whole one.
 *
 * `κ = 1 − mean_i (x_i − y_i)² / mean_ij (x_i − y_j)²`
 *
 * @param pairs The grades, in [0, 1]; each counts as the nearest of 0, 0.5 and 1.
 * @param key Draws the resamples.
 * @returns Kappa with its 95 % interval, and the share of equal grades.
 *
 * @example
 * ```ts
 * import { agreement } from "./agreement.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const pairs = [[1, 1], [0, 0], [1, 0], [0, 0]].map(([first = 0, second = 0], i) => ({ unit: `${i}`, first, second }));
 * const found = agreement(pairs, keyFromSeed(1));
 * assert.deepEqual([found.cases, found.same, found.kappa], [4, 0.75, 0.5]);
 * ```
 *
 * Source: Cohen, "Weighted kappa", 1968.
 */
export function agreement(pairs: readonly GradePair[], key: Key): Agreement {
  const scored = pairs.flatMap(({ unit, first, second }) =>
    first === null || second === null ? [] : [{ unit, sums: sumsOf(first, second) }]
  );
  const all = scored.reduce((total, { sums }) => plus(total, sums), ZERO);
  const units = [...Map.groupBy(scored, ({ unit }) => unit).values()]
    .map((group) => group.reduce((total, { sums }) => plus(total, sums), ZERO));
  return {
    cases: all.n,
    unscored: pairs.length - all.n,
    same: all.same / all.n,
    kappa: kappaOf(all),
    interval: intervalOf(units, key),
  };
}
