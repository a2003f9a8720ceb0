/**
 * A bounded random sample of what a judge was asked, to be asked again in other ways.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { createHash } from "node:crypto";
import type { Judge, JudgedImage, JudgedText } from "./judge.ts";

/** An answer with its grade. */
export interface GradedText {
  readonly item: JudgedText;
  readonly grade: number | null;
}

/** A picture with the grades of its clauses. */
export interface GradedPicture {
  readonly image: JudgedImage;
  readonly segments: readonly string[];
  readonly grades: readonly (number | null)[];
}

/** What was kept. */
export interface CaseSample {
  readonly texts: readonly GradedText[];
  readonly pictures: readonly GradedPicture[];
}

/** A judge that is watched. */
export interface SampledJudge<R> {
  readonly judge: Judge<R>;
  readonly sample: () => CaseSample;
}

/** Keeps the cases with the smallest digests: as good as drawn, the same in whatever order they come, and never more than the limit. */
function smallest<A>(
  limit: number,
): { readonly add: (name: string, value: A) => void; readonly all: () => A[] } {
  const kept = new Map<string, A>();
  return {
    add: (name, value) => {
      kept.set(createHash("sha256").update(name).digest("hex"), value);
      if (kept.size > limit) kept.delete([...kept.keys()].reduce((a, b) => a > b ? a : b));
    },
    all: () => [...kept].sort(([a], [b]) => a < b ? -1 : 1).map(([, value]) => value),
  };
}

/**
 * Keeps some of what a judge is asked.
 *
 * @param limit Answers, and pictures, at most.
 * @returns The same judge, and a way to the sample.
 */
export function sampling<R>(judge: Judge<R>, limit: number): SampledJudge<R> {
  const texts = smallest<GradedText>(limit);
  const pictures = smallest<GradedPicture>(limit);
  return {
    sample: () => ({ texts: texts.all(), pictures: pictures.all() }),
    judge: {
      id: judge.id,
      text: (item) =>
        pipe(
          judge.text(item),
          RTE.map((grade) => {
            texts.add(JSON.stringify(item), { item, grade });
            return grade;
          }),
        ),
      segments: (image, segments) =>
        pipe(
          judge.segments(image, segments),
          RTE.map((grades) => {
            const digest = createHash("sha256").update(image.bytes).digest("hex");
            pictures.add(JSON.stringify([digest, segments]), { image, segments, grades });
            return grades;
          }),
        ),
    },
  };
}
