/**
 * Picture files to pixels: PNG, JPEG, WebP and the first frame of a GIF.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { RgbImage } from "./image.ts";
import type { Checked } from "../core/stage.ts";
import { decodeGif } from "./decode_gif.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePng } from "./decode_png.ts";
import { decodeWebp } from "./decode_webp.ts";
import type { Decoded } from "./decoded.ts";
import { upright } from "./exif.ts";
import { type ImageKind, readHeader } from "./image_header.ts";

/** An upright, opaque picture, and what the user should know about it. */
export interface ImageFile {
  readonly image: RgbImage;
  readonly warnings: readonly string[];
}

const DECODERS: Readonly<Record<ImageKind, (bytes: Uint8Array, name: string) => Checked<Decoded>>> = {
  png: decodePng,
  jpeg: decodeJpeg,
  gif: decodeGif,
  webp: decodeWebp,
};

const EXTENSIONS: Readonly<Record<string, ImageKind>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  jpe: "jpeg",
  gif: "gif",
  webp: "webp",
};

function nameWarnings(kind: ImageKind, name: string): readonly string[] {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const claimed = EXTENSIONS[extension];
  return claimed === undefined || claimed === kind
    ? []
    : [`${name}: content is ${kind.toUpperCase()}, not ${claimed.toUpperCase()}`];
}

/**
 * Decodes a picture file to upright 8-bit RGB.
 *
 * The content decides the format, never the name. The declared size is checked against 64 megapixels before decoding.
 * Transparency is laid over white, 16 bits are scaled to 8, CMYK becomes RGB, EXIF orientation is applied.
 *
 * @param name Used in messages.
 * @returns The picture with warnings (wrong name, frames left out); left `InputInvalid` with the file's name, the
 * problem and a remedy if it is empty, no picture, too large, truncated, damaged or of a kind that is not supported.
 *
 * @example
 * ```ts
 * import { decodeImage } from "./image_file.ts";
 * import { describe } from "../core/error.ts";
 * import assert from "node:assert/strict";
 * const outcome = decodeImage(new Uint8Array(0), "photo.png");
 * assert.equal(outcome._tag === "Left" && describe(outcome.left), "photo.png: file is empty; copy the picture again");
 * ```
 */
export function decodeImage(bytes: Uint8Array, name: string): Checked<ImageFile> {
  const header = readHeader(bytes, name);
  if (E.isLeft(header)) return header;
  const { kind } = header.right;
  return E.map(({ image, orientation, warnings }: Decoded) => ({
    image: upright(image, orientation),
    warnings: [...nameWarnings(kind, name), ...warnings],
  }))(DECODERS[kind](bytes, name));
}
