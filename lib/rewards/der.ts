/**
 * DER, the identity expert: does the picture look like the reference photos, patch by patch?
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { cosine } from "../core/cosine.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import type { RewardExpert, RewardRow } from "./expert.ts";
import { answeredAll, type ImageEncoder, type ImageFeatures } from "./features.ts";
import { rememberFor } from "./remember.ts";
import { type ReferenceOptions, referenceScore } from "./similarity.ts";

/**
 * How two sets of patches become one cosine: `patchMean` compares their means · `cls` the class tokens · `patchBestMatch` each
 * patch with its best partner, both ways · `patchAligned` patches in the same place.
 */
export type PatchComparison = "patchMean" | "cls" | "patchBestMatch" | "patchAligned";

/** Options of {@link derExpert}. */
export interface DerOptions extends ReferenceOptions {
  /** Default `patchMean`. */
  readonly comparison?: PatchComparison;
}

const patchesOf = ({ cls, patches }: ImageFeatures): readonly Float32Array[] =>
  Array.from(
    { length: patches.length / cls.length },
    (_, p) => patches.subarray(p * cls.length, (p + 1) * cls.length),
  );

const meanPatch = (features: ImageFeatures): Float64Array => {
  const width = features.cls.length;
  const sum = new Float64Array(width);
  features.patches.forEach((value, index) => sum[index % width] = (sum[index % width] as number) + value);
  return sum; // The cosine does not see the length, so the sum serves as the mean.
};

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const bestMatch = (a: ImageFeatures, b: ImageFeatures): number => {
  const [left, right] = [patchesOf(a), patchesOf(b)];
  const rows = left.map((x) => right.map((y) => cosine(x, y)));
  const forth = rows.map((row) => Math.max(...row));
  const back = right.map((_, j) => Math.max(...rows.map((row) => row[j] as number)));
  return (meanOf(forth) + meanOf(back)) / 2;
};

/**
 * Compares two pictures by their features.
 *
 * @param a Features of one picture.
 * @param b Features of another, of the same width; `patchAligned` needs as many patches.
 * @param comparison Which features, and how.
 * @returns A cosine in [−1, 1], symmetric; 1 for equal features.
 *
 * @example
 * ```ts
 * import { patchSimilarity } from "./der.ts";
 * import assert from "node:assert/strict";
 * const left = { cls: Float32Array.of(1, 0), patches: Float32Array.of(1, 0, 0, 1) };
 * const swapped = { cls: Float32Array.of(1, 0), patches: Float32Array.of(0, 1, 1, 0) };
 * assert.equal(patchSimilarity(left, swapped, "patchBestMatch"), 1);
 * assert.equal(patchSimilarity(left, swapped, "patchAligned"), 0);
 * ```
 *
 * Source: UniCTokens-R1, eq 20, which prints one cosine of patch-level features.
 */
export function patchSimilarity(
  a: ImageFeatures,
  b: ImageFeatures,
  comparison: PatchComparison = "patchMean",
): number {
  if (comparison === "cls") return cosine(a.cls, b.cls);
  if (comparison === "patchMean") return cosine(meanPatch(a), meanPatch(b));
  if (comparison === "patchBestMatch") return bestMatch(a, b);
  const right = patchesOf(b);
  return meanOf(patchesOf(a).map((patch, index) => cosine(patch, right[index] as Float32Array)));
}

/**
 * Scores a picture against the reference photos of its concept.
 *
 * @param image Features of the generated picture.
 * @param references Features of the photos.
 * @param options Comparison, range, orientation, aggregation.
 * @returns The score; NaN without references.
 */
export function derScore(
  image: ImageFeatures,
  references: readonly ImageFeatures[],
  options: DerOptions = {},
): number {
  return referenceScore(
    references.map((photo) => patchSimilarity(image, photo, options.comparison)),
    options,
  );
}

/**
 * Makes the live DER from an image encoder.
 *
 * @param encoder The encoder, DINOv2 in the paper.
 * @param options Comparison, range, orientation, aggregation.
 * @returns The expert `der`; features of reference photos are computed once per concept.
 */
export function derExpert<R>(encoder: ImageEncoder<R>, options: DerOptions = {}): RewardExpert<R> {
  const photos = rememberFor((images: readonly RgbImage[]) =>
    pipe(encoder.embed(images), RTE.flatMapEither(answeredAll("der", images.length)))
  );
  const score = (rows: readonly RewardRow[]): Stage<R, Float32Array> =>
    pipe(
      encoder.embed(rows.map((row) => row.image)),
      RTE.flatMapEither(answeredAll("der", rows.length)),
      RTE.bindTo("images"),
      RTE.bindW("references", () =>
        RTE.traverseSeqArray((row: RewardRow) => photos(row.concept.references))(rows)),
      RTE.map(({ images, references }) =>
        Float32Array.from(rows, (_, index) =>
          derScore(images[index] as ImageFeatures, references[index] as readonly ImageFeatures[], options))
      ),
    );
  return { name: "der", comparesIdentity: true, score };
}
