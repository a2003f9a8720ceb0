/**
 * FER, the face expert: is it the same person? For human concepts only.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { cosine } from "../core/cosine.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import type { RewardExpert, RewardRow } from "./expert.ts";
import { answeredAll, type FaceEncoder } from "./features.ts";
import { rememberFor } from "./remember.ts";
import { type ReferenceOptions, referenceScore } from "./similarity.ts";

/** A face vector, or `null` where no face was found. */
export type Face = Float32Array | null;

/** Options of {@link ferScore}. */
export interface FerOptions extends ReferenceOptions {
  /** Score of a generated picture without a face: `zero` (default), or `undefined` = the expert does not apply. */
  readonly noFace?: "zero" | "undefined";
}

/** Options of {@link ferExpert}. */
export interface FerExpertOptions<R> extends Omit<FerOptions, "noFace"> {
  /** As above, or `fallback`: the score of another expert for that row. */
  readonly noFace?: "zero" | "undefined" | "fallback";
  /** Used by `fallback`; the released code falls back to a CLIP image score. */
  readonly fallback?: RewardExpert<R>;
}

/**
 * Scores a face against the faces of the reference photos.
 *
 * @param face The face in the generated picture.
 * @param references The faces in the photos; photos without a face are skipped.
 * @param options Range, orientation, aggregation, and what a missing face counts.
 * @returns The score; NaN if no photo shows a face.
 *
 * @example No face in the picture scores 0, none in the photos says nothing
 * ```ts
 * import { ferScore } from "./fer.ts";
 * import assert from "node:assert/strict";
 * assert.equal(ferScore(null, [Float32Array.of(1, 0)]), 0);
 * assert.equal(ferScore(Float32Array.of(1, 0), [null]), NaN);
 * ```
 *
 * Source: UniCTokens-R1, eq 21.
 */
export function ferScore(face: Face, references: readonly Face[], options: FerOptions = {}): number {
  const known = references.filter((reference) => reference !== null);
  if (known.length === 0) return NaN;
  if (face === null) return options.noFace === "undefined" ? NaN : 0;
  return referenceScore(known.map((reference) => cosine(face, reference)), options);
}

const isHuman = (row: RewardRow): boolean => row.concept.category === "human";

/**
 * Makes the live FER from a face encoder.
 *
 * @param encoder The encoder, MTCNN with FaceNet in the paper.
 * @param options Range, orientation, aggregation, and what a missing face counts.
 * @returns The expert `fer`; NaN for concepts that are no humans, whose pictures are not looked at.
 */
export function ferExpert<R>(encoder: FaceEncoder<R>, options: FerExpertOptions<R> = {}): RewardExpert<R> {
  const photos = rememberFor((images: readonly RgbImage[]) =>
    pipe(encoder.embed(images), RTE.flatMapEither(answeredAll("fer", images.length)))
  );
  const { noFace = "zero", fallback, ...rest } = options;
  const scoreHumans = (rows: readonly RewardRow[]): Stage<R, Float32Array> =>
    pipe(
      encoder.embed(rows.map((row) => row.image)),
      RTE.flatMapEither(answeredAll("fer", rows.length)),
      RTE.bindTo("faces"),
      RTE.bindW("references", () =>
        RTE.traverseSeqArray((row: RewardRow) => photos(row.concept.references))(rows)),
      RTE.bindW("instead", ({ faces }) =>
        faceless(rows, faces)),
      RTE.map(({ faces, references, instead }) =>
        Float32Array.from(rows, (_, index) => {
          const face = faces[index] as Face;
          if (face === null && noFace === "fallback") return instead[index] as number;
          const missing = noFace === "zero" ? "zero" : "undefined";
          return ferScore(face, references[index] as readonly Face[], { ...rest, noFace: missing });
        })
      ),
    );
  const faceless = (rows: readonly RewardRow[], faces: readonly Face[]): Stage<R, Float32Array> =>
    fallback === undefined || noFace !== "fallback"
      ? RTE.right(new Float32Array(rows.length).fill(NaN))
      : scoreWhere(rows, (_, index) => faces[index] === null, fallback.score);
  return {
    name: "fer",
    comparesIdentity: true,
    score: (rows) => scoreWhere(rows, isHuman, scoreHumans),
  };
}

/** Scores the rows that fulfil a condition; the others get NaN. */
const scoreWhere = <R>(
  rows: readonly RewardRow[],
  applies: (row: RewardRow, index: number) => boolean,
  score: (rows: readonly RewardRow[]) => Stage<R, Float32Array>,
): Stage<R, Float32Array> => {
  const chosen = rows.flatMap((row, index) => applies(row, index) ? [index] : []);
  if (chosen.length === 0) return RTE.right(new Float32Array(rows.length).fill(NaN));
  return pipe(
    score(chosen.map((index) => rows[index] as RewardRow)),
    RTE.map((scores) => {
      const all = new Float32Array(rows.length).fill(NaN);
      chosen.forEach((row, index) => all[row] = scores[index] as number);
      return all;
    }),
  );
};
