/**
 * How far the judge of an evaluation can be trusted, as it stands in `eval/step-000040.json`.
 *
 * @module
 */
import * as t from "io-ts";

/** A 95 % interval, where there is one. */
interface Interval {
  readonly low?: number;
  readonly high?: number;
}

/** How far two judges agree. */
export interface Agreement extends Interval {
  readonly first: string;
  readonly second: string;
  readonly what: "answers" | "clauses";
  readonly cases: number;
  readonly unscored: number;
  readonly same: number | null;
  readonly kappa: number | null;
}

/** What a change of form does to the grades of a judge. */
export interface Bias extends Interval {
  readonly probe: string;
  readonly favours: string;
  readonly cases: number;
  readonly changed: number;
  readonly shift: number;
}

/** Agreement with a second judge, and what a change of form does to the grades of the first. */
export interface Judges {
  readonly agreement: readonly Agreement[];
  readonly bias: readonly Bias[];
}

const interval: t.Type<Interval> = t.partial({ low: t.number, high: t.number });

const AgreementEntry: t.Type<Agreement> = t.intersection([
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

const BiasEntry: t.Type<Bias> = t.intersection([
  t.type({ probe: t.string, favours: t.string, cases: t.number, changed: t.number, shift: t.number }),
  interval,
]);

/** How `judges` stands in the file. */
export const JudgesEntry: t.Type<Judges> = t.type({
  agreement: t.readonlyArray(AgreementEntry),
  bias: t.readonlyArray(BiasEntry),
});
