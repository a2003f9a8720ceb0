/**
 * What the names in a folder of photos tell: which may be pictures, and which are masks of others.
 *
 * @module
 */
import { basename } from "node:path";

/** Endings of pictures that are read. */
const READABLE = /\.(png|apng|jpe?g|jpe|jfif?|jif|pjpe?g|pjp|webp|gif)$/i;
/** Endings of other formats; the content may be a readable one all the same. */
const FOREIGN = /\.(hei[cf]|hif|avif|tiff?|bmp|dib|jxl|jp2|dng|cr[23]|nef|arw|orf|rw2)$/i;

/**
 * Looks at a file's ending alone.
 *
 * @param name With or without folders.
 * @returns Whether it is called like a picture that is read, like one of another kind, or neither.
 */
export function pictureEnding(name: string): "readable" | "foreign" | "none" {
  if (READABLE.test(name)) return "readable";
  return FOREIGN.test(name) ? "foreign" : "none";
}

/** The name without folder and ending. */
export function stem(name: string): string {
  return basename(name).replace(/\.[^.]*$/, "");
}

const MASK_AFTER = /^(.+?)[-_. ]?masks?$/i;
const MASK_BEFORE = /^masks?[-_. ]?(.+)$/i;

/**
 * Finds the picture that a mask belongs to: `2_mask.png` beside `2.jpg`, `mask-2.png`, `2.mask.png`.
 *
 * @param name A name in a folder.
 * @param names All names in it.
 * @returns The picture's name; `undefined` if this is no mask, such as `batmask.png` or `mask.png`.
 *
 * @example
 * ```ts
 * import { maskedPicture } from "./picture_names.ts";
 * import assert from "node:assert/strict";
 * assert.equal(maskedPicture("2_mask.png", ["2.jpg", "2_mask.png"]), "2.jpg");
 * assert.equal(maskedPicture("carnival_mask.png", ["2.jpg", "carnival_mask.png"]), undefined);
 * ```
 */
export function maskedPicture(name: string, names: readonly string[]): string | undefined {
  const own = stem(name);
  const wanted = (MASK_AFTER.exec(own) ?? MASK_BEFORE.exec(own))?.[1];
  if (wanted === undefined) return undefined;
  return names.find((other) => other !== name && pictureEnding(other) !== "none" && stem(other) === wanted);
}
