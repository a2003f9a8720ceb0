/**
 * Photos of a concept as the square pictures that the model reads, decoded when they are needed.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import type { RgbImage } from "../image/image.ts";
import type { Stage } from "../core/stage.ts";
import { squareTo } from "../image/crop.ts";
import { decodeImage, type ImageFile } from "../image/image_file.ts";
import { refuse } from "../core/refuse.ts";

/** A photo and where it came from. */
export interface Photo {
  readonly path: string;
  readonly image: RgbImage;
}

/** The photos of a batch that could be read, and those that could not. */
export interface PhotoBatch {
  readonly photos: readonly Photo[];
  readonly skipped: readonly string[];
}

/**
 * Loads a picture file in its own size.
 *
 * @returns The upright picture and warnings; left `FileMissing`, or `InputInvalid` with the path, what is wrong and what
 * to do.
 */
export function loadImageFile(path: string): Stage<HasFiles, ImageFile> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(path)),
    RTE.flatMap((bytes) => RTE.fromEither(decodeImage(bytes, path))),
  );
}

/**
 * Loads a photo as model input: upright RGB, shorter side scaled to `size`, middle cut out.
 *
 * @param size The side, pixels.
 * @returns `size` x `size` pixels; left as {@link loadImageFile}. Never a stand-in picture.
 */
export function loadConceptImage(path: string, size: number): Stage<HasFiles, RgbImage> {
  return pipe(loadImageFile(path), RTE.map(({ image }) => squareTo(image, size)));
}

/**
 * Loads several photos; a bad one is skipped with a warning and counted.
 *
 * @param size The side, pixels.
 * @returns The photos that could be read, in order; left `InputInvalid` if none is left, with the last problem.
 */
export function loadConceptImages(
  paths: readonly string[],
  size: number,
): Stage<HasFiles & HasLog, PhotoBatch> {
  return ({ files, log }) => async () => {
    const photos: Photo[] = [];
    const skipped: string[] = [];
    let lastProblem = "the list is empty";
    for (const path of paths) {
      const file = await loadImageFile(path)({ files })();
      if (E.isRight(file)) {
        file.right.warnings.forEach((warning) => log.warn(warning));
        photos.push({ path, image: squareTo(file.right.image, size) });
      } else {
        lastProblem = describe(file.left);
        log.warn(`skipped ${lastProblem}`);
        skipped.push(path);
      }
    }
    if (photos.length > 0) return E.right({ photos, skipped });
    return refuse(
      `${paths.length} photos`,
      `none can be used (${lastProblem})`,
      "add at least one valid photo",
    );
  };
}
