/**
 * Pictures on their way into a model: prepared, padded to few sizes of batch, and the answers to padding dropped.
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import { bucket, IMAGE_BATCHES } from "./batches.ts";
import { type Pixels, preparePictures, type Preprocess } from "./preprocess.ts";

/**
 * Prepares a batch of pictures.
 *
 * @param images Pictures that have one size after the cut.
 * @returns Rows of pixels, as many as the smallest of the common sizes that holds all; the last may be empty.
 */
export function pictureBatch(images: readonly RgbImage[], preprocess: Preprocess): Pixels {
  return preparePictures(images, preprocess, bucket(images.length, IMAGE_BATCHES));
}

/**
 * Lets a model that reads pixels read pictures.
 *
 * @param read Answers a batch of pixels, one result a row.
 * @returns Answers a batch of pictures, one result a picture.
 */
export function onPictures<A>(
  preprocess: Preprocess,
  read: (pixels: Pixels) => Promise<readonly A[]>,
): (images: readonly RgbImage[]) => Promise<readonly A[]> {
  return async (images) => (await read(pictureBatch(images, preprocess))).slice(0, images.length);
}
