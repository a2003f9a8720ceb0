/**
 * What the drawn images of a concept look like, next to its training photos.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { perceptualHash } from "../image/perceptual_hash.ts";
import { loadImageFile } from "../concept/photo.ts";
import type { HasFiles } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import { nearestPhoto, type TrainingPhotos, trainingPhotos } from "../metrics/copies.ts";
import {
  groupDiversity,
  type ImageStatistics,
  imageStatistics,
  meanStatistics,
} from "../metrics/image_statistics.ts";
import type { ImageLook, ScoredItem } from "./scored.ts";

/** Training photos that images are compared with. */
export interface PhotoLooks extends TrainingPhotos {
  /** Mean statistics of the photos; `null` without photos. */
  readonly statistics: ImageStatistics | null;
}

/** What is known of an image alone. */
export interface ImageFacts {
  readonly look: Omit<ImageLook, "diversity">;
  readonly features: Float32Array | null;
}

/**
 * Loads the training photos that images are compared with.
 *
 * @param embed Gives their features, or nothing.
 * @returns Prints and statistics; Left naming a photo that cannot be read.
 */
export function loadPhotoLooks<R>(
  paths: readonly string[],
  embed: (images: readonly RgbImage[]) => Stage<R, readonly Float32Array[]>,
): Stage<R & HasFiles, PhotoLooks> {
  return pipe(
    RTE.Do,
    RTE.bindW(
      "images",
      () =>
        pipe(paths, RTE.traverseSeqArray((path) => pipe(loadImageFile(path), RTE.map(({ image }) => image)))),
    ),
    RTE.bindW("features", ({ images }) => embed(images)),
    RTE.map(({ images, features }) => ({
      ...trainingPhotos(
        images.map((image, index) => ({
          image,
          photo: paths[index] as string,
          features: features[index] ?? null,
        })),
      ),
      statistics: images.length === 0 ? null : meanStatistics(images.map(imageStatistics)),
    })),
  );
}

/**
 * Measures an image.
 *
 * @param features Its class token of DINOv2; `null` = not known.
 * @param photos The training photos.
 * @returns Statistics and nearest photo.
 */
export function lookAt(image: RgbImage, features: Float32Array | null, photos: TrainingPhotos): ImageFacts {
  const nearest = nearestPhoto({ hash: perceptualHash(image), features }, photos);
  return { look: { ...imageStatistics(image), nearest }, features };
}

/**
 * Adds the looks of images to their scores; the images of one prompt share their diversity.
 *
 * @param images The scored images of one concept.
 * @returns The items, in order.
 */
export function withLooks(
  images: readonly (ImageFacts & { readonly item: ScoredItem })[],
): readonly ScoredItem[] {
  const prompt = ({ item }: { readonly item: ScoredItem }): string => `${item.task}/${item.item}`;
  const diversity = new Map(
    [...Map.groupBy(images, prompt)].map(([name, group]) => [
      name,
      groupDiversity(group.flatMap(({ features }) => features ?? [])),
    ]),
  );
  return images.map((each) => ({
    ...each.item,
    look: { ...each.look, diversity: diversity.get(prompt(each)) ?? null },
  }));
}
