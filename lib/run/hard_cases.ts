/**
 * The scores of hard cases, as they stand in `eval/step-000040.json`: look-alikes and what cannot be known, apart from all others.
 *
 * @module
 */
import * as t from "io-ts";

/** A score of hard cases. */
export interface HardScore {
  /** `null` where nothing could be scored. */
  readonly value: number | null;
  readonly cases: number;
  readonly low?: number;
  readonly high?: number;
}

/** Where the look-alikes come from, and the scores by name. */
export interface HardCases {
  readonly lookAlikes: string;
  readonly scores: Readonly<Record<string, HardScore>>;
}

const ScoreEntry: t.Type<HardScore> = t.intersection([
  t.type({ value: t.union([t.number, t.null]), cases: t.number }),
  t.partial({ low: t.number, high: t.number }),
]);

/** How `hardCases` stands in the file. */
export const HardCasesEntry: t.Type<HardCases> = t.type({
  lookAlikes: t.string,
  scores: t.record(t.string, ScoreEntry),
});
