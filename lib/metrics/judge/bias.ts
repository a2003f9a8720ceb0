/**
 * Whether a judge's grades hang on what they should not: the order of what it is shown, and the words of its rules.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Key } from "../../core/key.ts";
import { mean } from "../../core/mean.ts";
import type { Stage } from "../../core/stage.ts";
import { bootstrapInterval, type Interval } from "../bootstrap.ts";
import type { CaseSample, GradedPicture, GradedText } from "./case_sample.ts";
import type { Judge, JudgeProbes, Preference } from "./judge.ts";

/** What one change of form does to grades. */
export interface BiasFinding {
  readonly probe: "answer order" | "clause order" | "rules in other words" | "A and B";
  /** What a positive shift means. */
  readonly favours: string;
  /** Grades that were compared. */
  readonly cases: number;
  /** Share of them that changed, in [0, 1]. */
  readonly changed: number;
  /** Mean change, in [−1, 1]; 0 = no bias. */
  readonly shift: number;
  /** 95 % bootstrap interval of the shift over answers or pictures; `null` for fewer than two. */
  readonly interval: Interval | null;
}

/** What became of one grade. */
interface Change {
  readonly changed: boolean;
  readonly shift: number;
}

type Name = Pick<BiasFinding, "probe" | "favours">;

/** Changes by unit; nothing without a single one. */
function finding(name: Name, units: readonly (readonly Change[])[], key: Key): readonly BiasFinding[] {
  const seen = units.filter((unit) => unit.length > 0);
  const all = seen.flat();
  if (all.length === 0) return [];
  const shifts = seen.map((unit) => mean(unit.map(({ shift }) => shift)));
  return [{
    ...name,
    cases: all.length,
    changed: mean(all.map(({ changed }) => Number(changed))),
    shift: mean(shifts),
    interval: bootstrapInterval(shifts, { key }),
  }];
}

const change = (
  usual: number | null | undefined,
  other: number | null | undefined,
  sign: number,
): readonly Change[] =>
  typeof usual !== "number" || typeof other !== "number"
    ? []
    : [{ changed: usual !== other, shift: sign * (other - usual) }];

/** A clause that moves to the front should not gain; the one in the middle stays where it is. */
const clauseChanges = (
  { grades }: GradedPicture,
  swapped: readonly (number | null)[],
): readonly Change[] =>
  grades.flatMap((usual, index) =>
    change(usual, swapped[index], Math.sign(2 * index - (grades.length - 1)))
      .filter(() => 2 * index !== grades.length - 1)
  );

/** Pairs of a judged answer and that of another case, so that one is usually nearer to the reference. */
const rivalsOf = (texts: readonly GradedText[]) =>
  texts.flatMap(({ item: { question, reference, prediction: a } }, index) => {
    const b = texts[(index + 1) % texts.length]?.item.prediction ?? a;
    return a.trim() === b.trim() ? [] : [{ question, reference, a, b }];
  });

const FIRST: Readonly<Record<Preference, number>> = { A: 1, B: -1, tie: 0 };

/** Shown as A and B, then as B and A: the second verdict should be the mirror of the first. */
const preferenceChange = (there: Preference | null, back: Preference | null): readonly Change[] =>
  there === null || back === null
    ? []
    : [{ changed: FIRST[there] !== -FIRST[back], shift: (FIRST[there] + FIRST[back]) / 2 }];

/** What a judge says in the other ways, in the order of the sample. */
interface AskedAgain {
  readonly swapped: readonly (number | null)[];
  readonly reversed: readonly (readonly (number | null)[])[];
  readonly reworded: readonly (number | null)[];
  readonly rewordedClauses: readonly (readonly (number | null)[])[];
  readonly there: readonly (Preference | null)[];
  readonly back: readonly (Preference | null)[];
}

function askAgain<R>(
  { swapped, reworded, prefer }: JudgeProbes<R>,
  { texts, pictures }: CaseSample,
): Stage<R, AskedAgain> {
  const text = (judge: Judge<R>) => RTE.traverseArray(({ item }: GradedText) => judge.text(item))(texts);
  const clauses = (judge: Judge<R>) =>
    RTE.traverseArray(({ image, segments }: GradedPicture) => judge.segments(image, segments))(pictures);
  const rivals = rivalsOf(texts);
  return pipe(
    RTE.Do,
    RTE.bindW("swapped", () => text(swapped)),
    RTE.bindW("reversed", () => clauses(swapped)),
    RTE.bindW("reworded", () => text(reworded)),
    RTE.bindW("rewordedClauses", () => clauses(reworded)),
    RTE.bindW("there", () => RTE.traverseArray(prefer)(rivals)),
    RTE.bindW(
      "back",
      () => RTE.traverseArray(prefer)(rivals.map((each) => ({ ...each, a: each.b, b: each.a }))),
    ),
  );
}

/**
 * Asks a judge again in other ways and compares.
 *
 * @param probes The judge in other ways.
 * @param sample What it graded in the usual way.
 * @param key Draws the resamples.
 * @returns One finding per probe that had cases: the prediction in front of the reference, clauses in reversed order, rules in
 * other words, and two answers as A and B and the other way round.
 *
 * Source: Zheng et al., "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", 2023, §3.3 (position bias by swapping).
 */
export function judgeBias<R>(
  probes: JudgeProbes<R>,
  sample: CaseSample,
  key: Key,
): Stage<R, readonly BiasFinding[]> {
  const { texts, pictures } = sample;
  const ofTexts = (other: readonly (number | null)[]) =>
    texts.map(({ grade }, index) => change(grade, other[index], 1));
  return pipe(
    askAgain(probes, sample),
    RTE.map(({ swapped, reversed, reworded, rewordedClauses, there, back }) => [
      ...finding(
        { probe: "answer order", favours: "predictions in front of the reference" },
        ofTexts(swapped),
        key,
      ),
      ...finding(
        { probe: "clause order", favours: "early clauses" },
        pictures.map((picture, index) => clauseChanges(picture, reversed[index] ?? [])),
        key,
      ),
      ...finding({ probe: "rules in other words", favours: "the other words" }, [
        ...ofTexts(reworded),
        ...pictures.map(({ grades }, index) =>
          grades.flatMap((grade, clause) => change(grade, rewordedClauses[index]?.[clause], 1))
        ),
      ], key),
      ...finding(
        { probe: "A and B", favours: "the answer shown first" },
        there.map((verdict, index) => preferenceChange(verdict, back[index] ?? null)),
        key,
      ),
    ]),
  );
}
