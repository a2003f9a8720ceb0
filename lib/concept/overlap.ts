/**
 * Whether train and test photos are really different.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { createHash } from "node:crypto";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { nearDuplicates, type NearPair, perceptualHash } from "../image/perceptual_hash.ts";
import { loadImageFile } from "./photo.ts";
import { refuse } from "../core/refuse.ts";

/**
 * Hashes the content of a file.
 *
 * @returns SHA-256, 64 hexadecimal digits.
 */
export function fileHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hashes(paths: readonly string[]): Stage<HasFiles, ReadonlyMap<string, string>> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMap((files) =>
      pipe(
        paths,
        RTE.traverseSeqArray((path) =>
          pipe(
            RTE.fromTaskEither(files.readBytes(path)),
            RTE.map((bytes) => [fileHash(bytes), path] as const),
          )
        ),
      )
    ),
    RTE.map((pairs) => new Map(pairs)),
  );
}

/**
 * Refuses photos that are in the training and in the test set, by content.
 *
 * @param photos Paths of both sets.
 * @returns Nothing; left `InputInvalid` naming the first pair of equal files.
 */
export function refuseOverlap(
  photos: { readonly trainImages: readonly string[]; readonly testImages: readonly string[] },
): Stage<HasFiles, void> {
  return pipe(
    RTE.Do,
    RTE.bindW("train", () => hashes(photos.trainImages)),
    RTE.bindW("test", () => hashes(photos.testImages)),
    RTE.flatMap(({ train, test }) => {
      const shared = [...test].find(([hash]) => train.has(hash));
      return shared === undefined ? DONE : RTE.fromEither(refuse(
        shared[1],
        `test photo is the same file as train photo ${train.get(shared[0])}`,
        "keep each photo in one of the two sets",
      ));
    }),
  );
}

interface HashedPhoto {
  readonly path: string;
  readonly hash: bigint;
}

/** The hash of the whole picture; a bad file is left out with a warning. */
function hashPhoto(path: string): Stage<HasFiles & HasLog, readonly HashedPhoto[]> {
  return pipe(
    loadImageFile(path),
    RTE.map(({ image }) => [{ path, hash: perceptualHash(image) }]),
    RTE.orElseW((error) =>
      RTE.asks(({ log }: HasLog) => {
        log.warn(`skipped ${describe(error)}`);
        return [];
      })
    ),
  );
}

const hashPhotos = (paths: readonly string[]): Stage<HasFiles & HasLog, readonly HashedPhoto[]> =>
  pipe(paths, RTE.traverseSeqArray(hashPhoto), RTE.map((photos) => photos.flat()));

/**
 * Warns of test photos that look like a train photo: resized, recompressed or of the same moment.
 *
 * @param photos Paths of both sets; every photo is decoded, a bad one is left out with a warning.
 * @returns The pairs, each logged as a warning.
 */
export function warnNearDuplicates(
  photos: { readonly trainImages: readonly string[]; readonly testImages: readonly string[] },
): Stage<HasFiles & HasLog, readonly NearPair[]> {
  if (photos.testImages.length === 0) return RTE.right([]);
  return pipe(
    RTE.Do,
    RTE.bindW("train", () => hashPhotos(photos.trainImages)),
    RTE.bindW("test", () => hashPhotos(photos.testImages)),
    RTE.map(({ train, test }) => nearDuplicates(train, test)),
    RTE.tap((pairs) =>
      RTE.asks(({ log }: HasLog) =>
        pairs.forEach(({ train, test, bits }) =>
          log.warn(
            `${test}: looks like train photo ${train} (${bits} of 64 bits differ); scores may be too good`,
          )
        )
      )
    ),
  );
}
