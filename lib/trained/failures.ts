/**
 * Failures of an evaluation, drawn by chance and not by hand, so that a reader sees what a model usually gets wrong.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { type Key, shuffle } from "../core/key.ts";

const nullable = t.union([t.string, t.null]);

const LineCodec = t.intersection([
  t.type({
    ...{ task: t.string, item: t.string, prompt: t.string },
    ...{ reference: nullable, prediction: nullable, image: nullable, reasoning: nullable },
    scores: t.record(t.string, t.union([t.number, t.null])),
  }),
  t.partial({ sample: t.union([t.number, t.null]) }),
]);

/** A line of `scores.jsonl`. */
export type ScoredLine = t.TypeOf<typeof LineCodec>;

/** What was drawn among what failed. */
export interface Failures {
  /** Items with a verdict. */
  readonly judged: number;
  /** Items that failed. */
  readonly failed: number;
  readonly shown: readonly ScoredLine[];
}

/** Scores that say right or wrong, and below which an item failed. */
const VERDICTS: readonly (readonly [RegExp, number])[] = [
  [/_(accuracy|exact)$/, 1],
  [/_judge$/, 0.5],
];

/**
 * Tells whether an item failed.
 *
 * @returns True if a hit or exact match is below 1 or a judge's grade below 0.5; `null` if nothing says right or wrong.
 */
export function hasFailed(scores: ScoredLine["scores"]): boolean | null {
  const verdicts = Object.entries(scores).flatMap(([name, value]) =>
    value === null ? [] : VERDICTS.filter(([kind]) => kind.test(name)).map(([, bound]) => value < bound)
  );
  return verdicts.length === 0 ? null : verdicts.some((failed) => failed);
}

/**
 * Reads the lines of `scores.jsonl`.
 *
 * @returns Its items; lines of another form are left out.
 */
export function scoredLines(text: string): readonly ScoredLine[] {
  return text.split("\n").flatMap((line) => {
    const parsed = E.tryCatch(() => JSON.parse(line) as unknown, () => null);
    const decoded = E.isLeft(parsed) ? parsed : LineCodec.decode(parsed.right);
    return E.isLeft(decoded) ? [] : [decoded.right];
  });
}

/**
 * Draws failures.
 *
 * @param lines The scored items.
 * @param options.count How many; 5 if left out.
 * @returns The drawn ones in the order of the draw, and how many there are.
 *
 * @example
 * ```ts
 * import { drawFailures } from "./failures.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const line = { task: "rec", item: "rec_000", prompt: "is this <c> ?", reference: "No.", prediction: "yes ." };
 * const wrong = { ...line, image: null, reasoning: null, scores: { rec_accuracy: 0 } };
 * const found = drawFailures([wrong, { ...wrong, scores: { rec_accuracy: 1 } }], { key: keyFromSeed(1) });
 * assert.deepEqual([found.judged, found.failed, found.shown], [2, 1, [wrong]]);
 * ```
 */
export function drawFailures(
  lines: readonly ScoredLine[],
  options: { readonly key: Key; readonly count?: number },
): Failures {
  const verdicts = lines.map((line) => hasFailed(line.scores));
  const failed = lines.filter((_, index) => verdicts[index] === true);
  return {
    judged: verdicts.filter((verdict) => verdict !== null).length,
    failed: failed.length,
    shown: shuffle(options.key, failed).slice(0, options.count ?? 5),
  };
}
