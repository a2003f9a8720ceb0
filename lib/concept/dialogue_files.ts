/**
 * The dialogue files of a concept: conversations, recognitions and visual questions, with their images found.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { Exchange, PhotoDialogue } from "./concept.ts";
import { type KeyedExchanges, readExchanges } from "./exchanges.ts";
import { matchImage, type PathContext, resolveImage } from "./image_paths.ts";
import { readOptionalJson } from "./json_file.ts";
import { refuse } from "../core/refuse.ts";

/** Key of the dialogues that have no image. */
const TEXT_ONLY = "text_only";

/** `conversations.json`, split by whether there is a photo. */
export interface Conversations {
  readonly photo: readonly PhotoDialogue[];
  readonly text: readonly Exchange[];
  readonly warnings: readonly string[];
}

const isTextOnly = ({ key }: KeyedExchanges): boolean => key === null || key === TEXT_ONLY;

/**
 * Reads `conversations.json`, whose keys are names of train images.
 *
 * @param value Parsed JSON; undefined if the file is absent.
 * @param options The train images, and the file name for messages.
 * @returns Dialogues in file order, a warning for each key that matched only as part of a path; left `InputInvalid`
 * naming the key that matches no image.
 */
export function readConversations(
  value: unknown,
  options: { readonly images: readonly string[]; readonly where: string },
): Checked<Conversations> {
  const { images, where } = options;
  if (value === undefined) return E.right({ photo: [], text: [], warnings: [] });
  return pipe(
    readExchanges(value, where),
    E.flatMap((groups) => {
      const photo: PhotoDialogue[] = [];
      const warnings: string[] = [];
      for (const { key, field, exchanges } of groups.filter((group) => !isTextOnly(group))) {
        const match = matchImage(key ?? "", images);
        if (match === null) {
          return refuse(`${where}: ${field}`, "names no train image", "correct the key or add the image");
        }
        if (match.loose) warnings.push(`${where}: ${field} matches ${match.image} only in part`);
        photo.push({ image: match.image, exchanges });
      }
      const text = groups.filter(isTextOnly).flatMap(({ exchanges }) => exchanges);
      return E.right({ photo, text, warnings });
    }),
  );
}

/**
 * Finds the images of several stored paths; each different path is looked for once.
 *
 * @param stored Paths as in the file, with the field of each for messages.
 * @param options File name, root and folders.
 * @returns Stored path → path; left `InputInvalid` naming file and field of the first that is missing.
 */
export function resolveImages(
  stored: readonly { readonly path: string; readonly field: string }[],
  options: PathContext & { readonly where: string },
): Stage<HasFiles, ReadonlyMap<string, string>> {
  const distinct = new Map([...stored].reverse().map(({ path, field }) => [path, field]));
  return pipe(
    [...distinct].reverse(),
    RTE.traverseSeqArray(([path, field]) =>
      pipe(
        resolveImage(path, { ...options, where: `${options.where}: ${field}` }),
        RTE.map((found) => [path, found] as const),
      )
    ),
    RTE.map((pairs) => new Map(pairs)),
  );
}

/**
 * Loads a file of questions keyed by image path: `vqa.json`, `positive_recognitions.json`, `random_recognitions.json`.
 *
 * @param path The file; an absent one gives no dialogues.
 * @param context Root, and the folders for bare names.
 * @returns Dialogues in file order; left `InputInvalid` naming file and field.
 */
export function loadPhotoDialogues(
  path: string,
  context: PathContext,
): Stage<HasFiles, readonly PhotoDialogue[]> {
  return pipe(
    readOptionalJson(path),
    RTE.flatMap((value) => RTE.fromEither(value === undefined ? E.right([]) : readExchanges(value, path))),
    RTE.flatMap((groups) =>
      groups.some(({ key }) => key === null)
        ? RTE.fromEither(
          refuse(path, "expected a record from image paths to questions", 'write {"0.jpg": [{"query": …}]}'),
        )
        : RTE.right(groups.map((group) => ({ ...group, path: group.key ?? "" })))
    ),
    RTE.flatMap((groups) =>
      pipe(
        resolveImages(groups, { ...context, where: path }),
        RTE.map((found) =>
          groups.map(({ path: stored, exchanges }) => ({ image: found.get(stored) ?? stored, exchanges }))
        ),
      )
    ),
  );
}

/**
 * Loads a file of questions without images: `text_only.json`.
 *
 * @param path The file; an absent one gives none.
 * @returns Exchanges in file order; left `InputInvalid` naming file and field.
 */
export function loadTextExchanges(path: string): Stage<HasFiles, readonly Exchange[]> {
  return pipe(
    readOptionalJson(path),
    RTE.flatMap((value) => RTE.fromEither(value === undefined ? E.right([]) : readExchanges(value, path))),
    RTE.map((groups) => groups.flatMap(({ exchanges }) => exchanges)),
  );
}
