/**
 * Photos as image codes: each is read once, in one or several views, and encoded once.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import type { RgbImage } from "../image/image.ts";
import { fold, integer, type Key, uniforms } from "../core/key.ts";
import { attempt, type Stage } from "../core/stage.ts";
import { cut, shortestEdge, squareTo } from "../image/crop.ts";
import { loadImageFile } from "../concept/photo.ts";
import { resize } from "../image/resize.ts";
import type { PictureCodec } from "../method/picture_codec.ts";

/** How photos vary. */
export interface ViewOptions {
  /** Side of a view in pixels. */
  readonly size: number;
  /** Probability that a view is mirrored. */
  readonly flip: number;
  /** Scale before a random crop; 1: the middle is cut out. */
  readonly crop: number;
  /** Views of a photo where they differ. */
  readonly views: number;
}

/** Codes of all views of each photo that could be read, by path. */
export type CodedPictures = ReadonlyMap<string, readonly Int32Array[]>;

/**
 * Mirrors a picture, left to right.
 *
 * @returns A new picture.
 */
export function mirrored({ width, height, data }: RgbImage): RgbImage {
  const flipped = new Uint8Array(data.length);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = pixel % width;
    const from = (pixel - x + width - 1 - x) * 3;
    flipped.set(data.subarray(from, from + 3), pixel * 3);
  }
  return { width, height, data: flipped };
}

function randomCrop(key: Key, image: RgbImage, { size, crop }: ViewOptions): RgbImage {
  const large = resize(image, shortestEdge(image, Math.floor(size * crop)));
  const left = integer(fold(key, "left"), large.width - size + 1);
  const top = integer(fold(key, "top"), large.height - size + 1);
  return cut(large, { left, top, width: size, height: size });
}

/**
 * Makes the views of a photo as the model reads them.
 *
 * @param key The randomness of this photo.
 * @param image The photo in its own size.
 * @param options Mirroring and cropping.
 * @returns One view if all would be equal, else `views` of them.
 *
 * Source: UniCTokens' transforms.
 */
export function viewsOf(key: Key, image: RgbImage, options: ViewOptions): readonly RgbImage[] {
  const { size, flip, crop, views } = options;
  const square = crop > 1 ? null : squareTo(image, size);
  const count = flip === 0 && square !== null ? 1 : views;
  return Array.from({ length: count }, (_, index) => {
    const own = fold(key, index);
    const view = square ?? randomCrop(fold(own, "crop"), image, options);
    return (uniforms(fold(own, "flip"), 1)[0] as number) < flip ? mirrored(view) : view;
  });
}

/**
 * Reads and encodes photos. One that can't be read is left out with a warning.
 *
 * @param paths The files, each once.
 * @param options.codec The image tokenizer.
 * @param options.key The randomness of the views.
 * @param options.view Mirroring and cropping.
 * @returns Codes by path.
 */
export function codePictures(
  paths: readonly string[],
  options: { readonly codec: PictureCodec; readonly key: Key; readonly view: ViewOptions },
): Stage<HasFiles & HasLog, CodedPictures> {
  const { codec, key, view } = options;
  return ({ files, log }) => async () => {
    const views: { readonly path: string; readonly image: RgbImage }[] = [];
    for (const path of paths) {
      const file = await loadImageFile(path)({ files })();
      if (E.isLeft(file)) {
        log.warn(`skipped ${describe(file.left)}`);
        continue;
      }
      file.right.warnings.forEach((warning) => log.warn(warning));
      for (const image of viewsOf(fold(key, path), file.right.image, view)) views.push({ path, image });
    }
    const codes = attempt(
      (problem) => ({ _tag: "TensorFailure", operation: "pictures to codes", problem }),
      () => codec.encode(views.map(({ image }) => image)),
    );
    if (E.isLeft(codes)) return codes;
    const coded = new Map<string, Int32Array[]>();
    codes.right.forEach((row, index) => {
      const { path } = views[index] as { readonly path: string };
      coded.set(path, [...coded.get(path) ?? [], row]);
    });
    return E.right(coded);
  };
}
