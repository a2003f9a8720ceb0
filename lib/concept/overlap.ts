/**
 * Whether train and test photos are really different.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { createHash } from "node:crypto";
import type { HasFiles } from "../core/capability.ts";
import { fromChecked, type Stage } from "../core/stage.ts";
import { refuse } from "./refuse.ts";

/**
 * Hashes the content of a file.
 *
 * @param bytes The file.
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
    RTE.bind("train", () => hashes(photos.trainImages)),
    RTE.bind("test", () => hashes(photos.testImages)),
    RTE.flatMap(({ train, test }) => {
      const shared = [...test].find(([hash]) => train.has(hash));
      return shared === undefined ? RTE.right(undefined) : fromChecked(refuse(
        shared[1],
        `test photo is the same file as train photo ${train.get(shared[0])}`,
        "keep each photo in one of the two sets",
      ));
    }),
  );
}
