/**
 * Image paths as the datasets store them, found again under the user's own root folder.
 *
 * @module
 */
import { basename, join, normalize } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe } from "../core/error.ts";
import { sniffImage } from "../image/image_header.ts";
import { maskedPicture, pictureEnding, stem } from "./picture_names.ts";
import type { Stage } from "../core/stage.ts";
import { refuse } from "../core/refuse.ts";

/** What a stored path is resolved against. */
export interface PathContext {
  readonly root: string;
  /** Folders in which a bare file name is looked for first. */
  readonly folders?: readonly string[];
  /** Whether only the base name counts: it is looked for in `folders` and nowhere else. */
  readonly byName?: boolean;
}

const after = (path: string, part: string): readonly string[] => {
  const at = path.lastIndexOf(`/${part}`);
  return at === -1 ? [] : [path.slice(at + 1)];
};

/** Whether a relative path names something below the folder that it starts from. */
const isInside = (path: string): boolean => {
  const plain = normalize(path);
  return !plain.startsWith("..") && !plain.startsWith("/") && plain !== "." && plain !== "./";
};

/**
 * Lists where a stored image path may lie under a root, most likely first.
 *
 * As stored; cut after `unictokens_data/`; cut at `concept/` or `random_images/`; its base name in the root. A bare file
 * name is looked for in `folders` before the root. Never leaves the root.
 *
 * @param stored The path in the file, possibly absolute and of another machine.
 * @param context Root and folders.
 * @returns Paths that begin with the root.
 *
 * @example
 * ```ts
 * import { pathCandidates } from "./image_paths.ts";
 * import assert from "node:assert/strict";
 * const found = pathCandidates("/home/x/data/concept/train/bo/0.png", { root: "r" });
 * assert.deepEqual(found, ["r/concept/train/bo/0.png", "r/0.png"]);
 * ```
 */
export function pathCandidates(stored: string, context: PathContext): readonly string[] {
  const path = stored.replaceAll("\\", "/");
  if (context.byName === true) {
    return isInside(basename(path))
      ? (context.folders ?? []).map((folder) => join(folder, basename(path)))
      : [];
  }
  const marker = path.indexOf("unictokens_data/");
  const inside = [
    path,
    ...(marker === -1 ? [] : [path.slice(marker + "unictokens_data/".length)]),
    ...after(path, "concept/"),
    ...after(path, "random_images/"),
    basename(path),
  ].filter(isInside).map((relative) => join(context.root, relative));
  const underRoot = path.startsWith(`${context.root}/`) && isInside(path.slice(context.root.length + 1))
    ? [normalize(path)]
    : [];
  const isBare = !path.includes("/") && isInside(path);
  const bare = isBare ? (context.folders ?? []).map((folder) => join(folder, path)) : [];
  return [...new Set([...underRoot, ...bare, ...inside])];
}

/**
 * Finds a stored image path under the root.
 *
 * @param stored The path in the file.
 * @param options Root, folders, and `where`: file and field for the message.
 * @returns The first candidate that exists; left `InputInvalid` naming file and field. Never a stand-in image.
 */
export function resolveImage(
  stored: string,
  options: PathContext & { readonly where: string },
): Stage<HasFiles, string> {
  const candidates = pathCandidates(stored, options);
  const missing = RTE.fromEither(refuse(
    options.where,
    `no image file for ${JSON.stringify(stored)} (looked for ${candidates.join(", ")})`,
    "add the image or correct the path",
  ));
  return candidates.reduceRight<Stage<HasFiles, string>>(
    (otherwise, candidate) =>
      pipe(
        RTE.asks(({ files }: HasFiles) => files),
        RTE.flatMapTaskEither((files) => files.exists(candidate)),
        RTE.flatMap((exists) => exists ? RTE.right(candidate) : otherwise),
      ),
    missing,
  );
}

/** Numeric stems first, by number; the rest by name. */
export function byNumber(a: string, b: string): number {
  const [first, second] = [stem(a), stem(b)];
  const [x, y] = [/^\d+$/.test(first), /^\d+$/.test(second)];
  if (x && y && Number(first) !== Number(second)) return Number(first) - Number(second);
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether an entry is a file whose content may be a picture; a folder, a dead link and a foreign format are named. */
const usable = (path: string): Stage<HasFiles & HasLog, boolean> => ({ files, log }) => async () => {
  const bytes = await files.readBytes(path)();
  if (E.isLeft(bytes)) {
    log.warn(`skipped ${path}: it is called like a picture, but is a folder, a dead link or not readable`);
    return E.right(false);
  }
  const kind = pictureEnding(path) === "foreign" ? sniffImage(bytes.right, path) : E.right(undefined);
  if (E.isLeft(kind)) log.warn(`skipped ${describe(kind.left)}`);
  return E.right(E.isRight(kind));
};

/**
 * Lists the pictures in a folder, `2.png` before `10.png`; masks of other pictures are left out.
 *
 * @param folder The folder; empty if it is missing.
 * @returns Paths of files. What is called like a picture and is none that can be read is left out with a warning.
 */
export function listImages(folder: string): Stage<HasFiles & HasLog, readonly string[]> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.list(folder)),
    RTE.map((names) => {
      const called = names.filter((name) => pictureEnding(name) !== "none");
      return called.filter((name) => maskedPicture(name, called) === undefined).sort(byNumber);
    }),
    RTE.flatMap(RTE.traverseSeqArray((name) => {
      const path = join(folder, name);
      return pipe(usable(path), RTE.map((use) => use ? [path] : []));
    })),
    RTE.map((paths) => paths.flat()),
  );
}

/** A picture that a key of `conversations.json` names, and whether the key names it loosely. */
export interface KeyMatch {
  readonly image: string;
  readonly loose: boolean;
}

/**
 * Finds the image that a key of a dialogue file names: exact file name, then stem, then substring of the path.
 *
 * The original takes the first image whose path contains the key, so that `0.png` may name `10.png`.
 *
 * @param images Paths.
 * @returns The match, `loose` if only the last rule found it; null if there is none.
 */
export function matchImage(key: string, images: readonly string[]): KeyMatch | null {
  const name = basename(key.replaceAll("\\", "/"));
  const exact = images.find((image) => basename(image) === name) ??
    images.find((image) => stem(image) === stem(name));
  if (exact !== undefined) return { image: exact, loose: false };
  const containing = images.find((image) => image.includes(key));
  return containing === undefined ? null : { image: containing, loose: true };
}
