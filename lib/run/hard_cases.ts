/**
 * The scores of hard cases, as they stand in `eval/step-000040.json`: look-alikes and what cannot be known, apart from all others.
 *
 * @module
 */
import * as t from "io-ts";

const ScoreEntry = t.intersection([
  t.type({ value: t.union([t.number, t.null]), cases: t.number }),
  t.partial({ low: t.number, high: t.number }),
]);

/** How `hardCases` stands in the file. */
export const HardCasesEntry = t.type({
  lookAlikes: t.string,
  scores: t.record(t.string, ScoreEntry),
});

/** Where the look-alikes come from, and the scores by name. */
export type HardCases = t.TypeOf<typeof HardCasesEntry>;
