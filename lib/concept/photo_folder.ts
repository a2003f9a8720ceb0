/**
 * From a folder of photos and a few sentences to a concept on disk.
 *
 * @module
 */
import * as A from "fp-ts/lib/Array.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { dirname, join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { describe } from "../core/error.ts";
import { sniffImage } from "../image/image_header.ts";
import { byNumber } from "./image_paths.ts";
import { maskedPicture } from "./picture_names.ts";
import { decodeWith, readOptionalJson } from "./json_file.ts";
import { type ConceptFiles, type ConceptFolder, newConcept } from "./new_concept.ts";
import type { ExistingRoot, NewConcept, NewFact, PhotoFile } from "./new_concept_spec.ts";
import { refuse } from "../core/refuse.ts";
import { listConcepts } from "./unifybench.ts";

/** A file of the folder as a photo, or why it is none. */
const readEntry = (
  folder: string,
  name: string,
  names: readonly string[],
): Stage<HasFiles, E.Either<string, PhotoFile>> =>
({ files }) =>
async () => {
  const path = join(folder, name);
  const masked = maskedPicture(name, names);
  if (masked !== undefined) return E.right(E.left(`${path}: it is the mask of ${masked}`));
  const bytes = await files.readBytes(path)();
  if (E.isLeft(bytes)) return E.right(E.left(`${path}: it is a folder, a dead link or not readable`));
  const photo = pipe(
    sniffImage(bytes.right, path),
    E.bimap(describe, () => ({ name: path, bytes: bytes.right })),
  );
  return E.right(photo);
};

/**
 * Reads all pictures of a folder, not of the folders in it. Content decides, names do not: a JPEG may end in `.HEIC`.
 *
 * @returns The files in order of their names, not yet decoded; everything else in the folder is named in a warning with
 * its reason. Left `FileMissing`, or `InputInvalid` if there is no picture.
 */
export function readPhotoFolder(folder: string): Stage<HasFiles & HasLog, readonly PhotoFile[]> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(folder)),
    RTE.flatMap((exists): Stage<HasFiles, readonly string[]> =>
      exists
        ? ({ files }) => files.list(folder)
        : RTE.left({ _tag: "FileMissing", path: folder, remedy: "name a folder of photos" })
    ),
    RTE.flatMap((names) =>
      RTE.traverseSeqArray((name: string) => readEntry(folder, name, names))([...names].sort(byNumber))
    ),
    RTE.tap((entries) =>
      RTE.asks(({ log }: HasLog) => A.lefts([...entries]).forEach((why) => log.warn(`skipped ${why}`)))
    ),
    RTE.map((entries) => A.rights([...entries])),
    RTE.flatMapEither((photos) =>
      photos.length > 0 ? E.right(photos) : refuse(
        folder,
        "holds no picture",
        "put PNG, JPEG, WebP or GIF files into it, not into folders in it",
      )
    ),
  );
}

/**
 * Reads a fact as it is typed: the fact, a prompt that needs it, and the prompt with the fact told, with `|` between.
 *
 * @param text The text; the last part may be left out.
 * @returns The fact; left `InputInvalid` if there are not two or three parts.
 *
 * @example
 * ```ts
 * import { parseFact } from "./photo_folder.ts";
 * import assert from "node:assert/strict";
 * const fact = parseFact("<bo> wears a red hat at parties. | a photo of <bo> at a party");
 * assert.equal(fact._tag === "Right" && fact.right.reasoningPrompt, "a photo of <bo> at a party");
 * assert.equal(parseFact("<bo> likes fish")._tag, "Left");
 * ```
 */
export function parseFact(text: string): Checked<NewFact> {
  const [fact = "", reasoningPrompt = "", explicitPrompt, ...more] = text.split("|").map((part) =>
    part.trim()
  );
  if (fact === "" || reasoningPrompt === "" || explicitPrompt === "" || more.length > 0) {
    return refuse(
      JSON.stringify(text),
      "is no fact with its prompt",
      'write "<fact> | <prompt that needs it> | <the prompt with the fact told>"; the last part is optional',
    );
  }
  return E.right({
    text: fact,
    reasoningPrompt,
    ...(explicitPrompt === undefined ? {} : { explicitPrompt }),
  });
}

/**
 * Reads which concepts a data set has, and their reference photos.
 *
 * @param root The data set; it need not exist.
 * @returns What a new concept is added to; left `InputInvalid` for a damaged list.
 */
export function existingRoot(root: string): Stage<HasFiles, ExistingRoot> {
  const where = join(root, "concept", "train", "train_images.json");
  return pipe(
    RTE.Do,
    RTE.bindW("concepts", () => listConcepts(root)),
    RTE.bindW("trainImages", () =>
      pipe(
        readOptionalJson(where),
        RTE.flatMap((value) =>
          RTE.fromEither(decodeWith(t.record(t.string, t.array(t.string)), where)(value ?? {}))
        ),
      )),
  );
}

const writeAll = (root: string, content: ConceptFiles): Stage<HasFiles, void> => ({ files }) => {
  const folders = [...new Set([...content.keys()].map((path) => dirname(join(root, path))))];
  return pipe(
    folders,
    TE.traverseSeqArray(files.makeFolder),
    TE.flatMap(() =>
      pipe(
        [...content],
        TE.traverseSeqArray(([path, bytes]) => files.writeAtomic(join(root, path), bytes)),
      )
    ),
    TE.map(() => undefined),
  );
};

/**
 * Adds a concept to a data set on disk. The lists of the data set are written last: what they name is all there.
 *
 * @param root The data set; made if it is missing.
 * @returns What was written; left `InputInvalid` if the concept is there already, or as `newConcept`; then nothing is
 * written.
 */
export function addConcept(root: string, spec: NewConcept): Stage<HasFiles, ConceptFolder> {
  const folder = join(root, "concept", "train", spec.id);
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(folder)),
    RTE.flatMap((exists): Stage<HasFiles, ExistingRoot> =>
      exists && spec.id !== ""
        ? RTE.fromEither(
          refuse(folder, "exists already", "choose another --id or --out, or remove the folder"),
        )
        : existingRoot(root)
    ),
    RTE.flatMap((existing) => RTE.fromEither(newConcept(spec, existing))),
    RTE.tap(({ files }) => writeAll(root, files)),
  );
}
