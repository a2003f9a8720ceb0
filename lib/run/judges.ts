/**
 * How far the judge of an evaluation can be trusted, as it stands in `eval/step-000040.json`.
 *
 * @module
 */
import * as t from "io-ts";

const interval = t.partial({ low: t.number, high: t.number });

const AgreementEntry = t.intersection([
  t.type({
    first: t.string,
    second: t.string,
    what: t.union([t.literal("answers"), t.literal("clauses")]),
    cases: t.number,
    unscored: t.number,
    same: t.union([t.number, t.null]),
    kappa: t.union([t.number, t.null]),
  }),
  interval,
]);

const BiasEntry = t.intersection([
  t.type({ probe: t.string, favours: t.string, cases: t.number, changed: t.number, shift: t.number }),
  interval,
]);

/** How `judges` stands in the file. */
export const JudgesEntry = t.type({ agreement: t.array(AgreementEntry), bias: t.array(BiasEntry) });

/** Agreement with a second judge, and what a change of form does to the grades of the first. */
export type Judges = t.TypeOf<typeof JudgesEntry>;
