/**
 * The photos of a new concept, checked and sorted into train, test and negatives.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { describe } from "../core/error.ts";
import type { Checked } from "../core/stage.ts";
import { decodeImage } from "../image/image_file.ts";
import { type ImageKind, sniffImage } from "../image/image_header.ts";
import type { NewConcept, PhotoFile } from "./new_concept_spec.ts";
import { fileHash } from "./overlap.ts";
import { refuse } from "../core/refuse.ts";

const EXTENSION: Readonly<Record<ImageKind, string>> = { png: "png", jpeg: "jpg", gif: "gif", webp: "webp" };

/** A photo with the path that it gets. */
export interface Placed {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The photos of a new concept by their use. */
export interface SortedPhotos {
  readonly train: readonly Placed[];
  readonly test: readonly Placed[];
  readonly hard: readonly Placed[];
  readonly easy: readonly Placed[];
}

/** Drops bad and repeated photos; says so. */
function usable(photos: readonly PhotoFile[], seen: Set<string>, warnings: string[]): readonly PhotoFile[] {
  return photos.filter(({ name, bytes }) => {
    const decoded = decodeImage(bytes, name);
    if (E.isLeft(decoded)) {
      warnings.push(`skipped ${describe(decoded.left)}`);
      return false;
    }
    warnings.push(...decoded.right.warnings);
    const hash = fileHash(bytes);
    if (seen.has(hash)) warnings.push(`skipped ${name}: the same file as another photo`);
    return !seen.has(hash) && seen.add(hash) !== undefined;
  });
}

const place = (photos: readonly PhotoFile[], prefix: string): readonly Placed[] =>
  photos.map(({ name, bytes }, index) => {
    const kind = sniffImage(bytes, name);
    return { path: `${prefix}${index}.${E.isRight(kind) ? EXTENSION[kind.right] : "png"}`, bytes };
  });

/** One photo in four is held out, none of fewer than three. */
const heldOut = (count: number): number => count < 3 ? 0 : Math.max(1, Math.floor(count / 4));

/**
 * Checks the photos, drops bad and repeated ones with a warning, and gives each its path.
 *
 * @param warnings Receives a line for each photo left out.
 * @returns The photos by use; left `InputInvalid` if no train photo is valid.
 */
export function sortPhotos(spec: NewConcept, warnings: string[]): Checked<SortedPhotos> {
  const seen = new Set<string>();
  const own = usable(spec.photos, seen, warnings);
  const cut = spec.testPhotos === undefined ? own.length - heldOut(own.length) : own.length;
  const test = spec.testPhotos === undefined ? own.slice(cut) : usable(spec.testPhotos, seen, warnings);
  const train = own.slice(0, cut);
  if (train.length === 0) {
    return refuse(
      spec.id,
      `no valid train photo among ${spec.photos.length}`,
      "add at least one PNG, JPEG or WebP file",
    );
  }
  if (test.length === 0) warnings.push(`${spec.id}: no test photo; recognition can't be measured`);
  const hard = usable(spec.lookAlikes ?? [], seen, warnings);
  const easy = usable(spec.otherPhotos ?? [], seen, warnings);
  if (easy.length === 0) {
    warnings.push(`${spec.id}: no photos of other things; the answer No can't be learned`);
  }
  return E.right({
    train: place(train, `concept/train/${spec.id}/`),
    test: place(test, `concept/test/${spec.id}/`),
    hard: place(hard, `concept/train/${spec.id}/negative_example/`),
    easy: place(easy, `random_images/${spec.id}_`),
  });
}
