/**
 * What the images of a group look like: watched beside the rewards, never one of them.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { perceptualHash } from "../image/perceptual_hash.ts";
import type { RgbImage } from "../image/image.ts";
import { meanOrNone } from "../core/mean.ts";
import type { Stage } from "../core/stage.ts";
import { nearestPhoto, type TrainingPhotos, trainingPhotos } from "../metrics/copies.ts";
import {
  groupDiversity,
  type ImageStatistics,
  imageStatistics,
  meanStatistics,
  STATISTICS,
} from "../metrics/image_statistics.ts";
import { answeredAll, type ImageEncoder } from "../rewards/features.ts";
import { rememberFor } from "../rewards/remember.ts";

/** The looks of a group. */
export interface GroupLook extends ImageStatistics {
  /** Mean of 1 − cos of DINOv2 features over all pairs; `null` without features. */
  readonly diversity: number | null;
  /** Share of copies of training photos; `null` without photos. */
  readonly copies: number | null;
  /** Mean cosine to the nearest training photo; `null` without features. */
  readonly nearest_cosine: number | null;
}

/** Names of the metrics of a group's looks, in the order of the log. */
export const LOOK_METRICS: readonly string[] = [...STATISTICS, "diversity", "copies", "nearest_cosine"].map(
  (name) => `images/${name}`,
);

/** Measures groups; features of the training photos are computed once. */
export type ImageWatch = (images: readonly RgbImage[]) => Stage<unknown, GroupLook>;

type Embed = (images: readonly RgbImage[]) => Stage<unknown, readonly (Float32Array | null)[]>;

const embedding = (encoder: ImageEncoder<unknown> | null): Embed => (images) =>
  encoder === null ? RTE.right(images.map(() => null)) : pipe(
    encoder.embed(images),
    RTE.flatMapEither(answeredAll("images", images.length)),
    RTE.map((features) => features.map(({ cls }) => cls)),
  );

function lookOf(
  images: readonly RgbImage[],
  features: readonly (Float32Array | null)[],
  photos: TrainingPhotos,
): GroupLook {
  const nearest = images.flatMap((image, index) =>
    nearestPhoto({ hash: perceptualHash(image), features: features[index] ?? null }, photos) ?? []
  );
  return {
    ...meanStatistics(images.map(imageStatistics)),
    diversity: groupDiversity(features.filter((vector) => vector !== null)),
    copies: meanOrNone(nearest.map(({ copy }) => Number(copy))),
    nearest_cosine: meanOrNone(nearest.flatMap(({ byFeatures }) => byFeatures?.cosine ?? [])),
  };
}

/**
 * Makes a watch over the images of a run.
 *
 * @param references The training photos, as rewards see them.
 * @param encoder DINOv2; `null` = none, then only pixels are compared.
 * @returns The watch; Left `RewardFailed` if the network gives another number of features than images.
 */
export function imageWatch(
  references: readonly RgbImage[],
  encoder: ImageEncoder<unknown> | null,
): ImageWatch {
  const embed = embedding(encoder);
  const known = rememberFor((photos: readonly RgbImage[]) =>
    pipe(
      embed(photos),
      RTE.map((features) =>
        trainingPhotos(
          photos.map((image, index) => ({ photo: `${index}`, image, features: features[index] ?? null })),
        )
      ),
    )
  );
  return (images) =>
    pipe(
      RTE.Do,
      RTE.bindW("photos", () => known(references)),
      RTE.bindW("features", () => embed(images)),
      RTE.map(({ photos, features }) => lookOf(images, features, photos)),
    );
}

/**
 * Writes the looks of a group as metrics.
 *
 * @returns `images/<name>` → number; `null` where it was not measured.
 */
export function lookMetrics(look: GroupLook): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.entries(look).map(([name, value]) => [`images/${name}`, value]));
}
