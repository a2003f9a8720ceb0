/**
 * Face similarity of human concepts, with the rate at which faces were found.
 *
 * @module
 */
import { cosine } from "../core/cosine.ts";

/** A face vector, or `null` where none was found. */
type Face = ArrayLike<number> | null;

/** The scores of one concept. */
export interface FaceScore {
  /** Mean cosine over all pairs of a photo and a picture that both show a face; `null` if there is none. */
  readonly faceSim: number | null;
  /** The same with 0 for each picture without a face; `null` if no photo shows one or there is no picture. */
  readonly faceSimZeroFill: number | null;
  /** Pictures with a face over pictures; `null` without pictures. */
  readonly detectionRate: number | null;
}

/**
 * Scores the faces in generated pictures against those in the photos.
 *
 * @param references One face per photo; photos without a face are skipped.
 * @param generated One face per picture.
 * @returns The scores; the published definition drops pictures without a face in silence, so the rate belongs beside it.
 *
 * @example
 * ```ts
 * import { faceSimilarity } from "./face_similarity.ts";
 * import assert from "node:assert/strict";
 * const { faceSim, faceSimZeroFill, detectionRate } = faceSimilarity([[1, 0], null], [[1, 0], null]);
 * assert.deepEqual([faceSim, faceSimZeroFill, detectionRate], [1, 0.5, 0.5]);
 * ```
 */
export function faceSimilarity(references: readonly Face[], generated: readonly Face[]): FaceScore {
  const known = references.filter((face) => face !== null);
  const found = generated.filter((face) => face !== null);
  const sum = known.flatMap((photo) => found.map((face) => cosine(photo, face))).reduce((a, b) => a + b, 0);
  const over = (pictures: number): number | null =>
    known.length * pictures === 0 ? null : sum / (known.length * pictures);
  return {
    faceSim: over(found.length),
    faceSimZeroFill: over(generated.length),
    detectionRate: generated.length === 0 ? null : found.length / generated.length,
  };
}
