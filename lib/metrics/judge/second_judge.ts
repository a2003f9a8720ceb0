/**
 * A second judge beside the first: its grades are compared, never used.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { createHash } from "node:crypto";
import type { GradePair } from "../agreement.ts";
import type { Judge } from "./judge.ts";

/** Grades of two judges, answers and clauses apart. */
export interface JudgedTwice {
  readonly answers: readonly GradePair[];
  readonly clauses: readonly GradePair[];
}

/** A judge that is compared with a second one. */
export interface ComparedJudge<R> {
  /** Gives the grades of the first. */
  readonly judge: Judge<R>;
  /** What both said so far. */
  readonly pairs: () => JudgedTwice;
}

/**
 * Lets a second judge grade all that a first one grades.
 *
 * @param first Its grades count.
 * @param second Its grades are only kept; where it fails, the whole fails.
 * @returns The first judge, and the grades of both.
 */
export function withSecondJudge<R, S>(first: Judge<R>, second: Judge<S>): ComparedJudge<R & S> {
  const answers: GradePair[] = [];
  const clauses: GradePair[] = [];
  return {
    pairs: () => ({ answers: [...answers], clauses: [...clauses] }),
    judge: {
      id: first.id,
      text: (item) =>
        pipe(
          RTE.Do,
          RTE.bindW("first", () => first.text(item)),
          RTE.bindW("second", () => second.text(item)),
          RTE.map((grades) => {
            answers.push({ unit: JSON.stringify([item.question, item.prediction]), ...grades });
            return grades.first;
          }),
        ),
      segments: (image, segments) =>
        pipe(
          RTE.Do,
          RTE.bindW("first", () => first.segments(image, segments)),
          RTE.bindW("second", () => second.segments(image, segments)),
          RTE.map((grades) => {
            const unit = createHash("sha256").update(image.bytes).digest("hex");
            segments.forEach((_, index) =>
              clauses.push({
                unit,
                first: grades.first[index] ?? null,
                second: grades.second[index] ?? null,
              })
            );
            return grades.first;
          }),
        ),
    },
  };
}
