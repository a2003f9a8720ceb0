/**
 * What a picture file is and how large it is, read from its first bytes and before anything is decoded.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import { readJpegStructure } from "./jpeg_structure.ts";
import { refuse } from "../core/refuse.ts";

/** The picture formats that can be read. */
export type ImageKind = "png" | "jpeg" | "gif" | "webp";

/** Kind and declared size of a picture. */
export interface ImageHeader {
  readonly kind: ImageKind;
  readonly width: number;
  readonly height: number;
}

/** The most pixels a picture may declare: 64 megapixels. */
export const MAX_PIXELS = 64_000_000;

const SAVE_AS = "save it as PNG, JPEG or WebP";

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

const isText = (bytes: Uint8Array): boolean => {
  const head = bytes.subarray(0, 512);
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
};

/** The first line of a Git LFS pointer file. */
export const LFS_POINTER = "version https://git-lfs.github.com/spec/";

const foreignFormat = (bytes: Uint8Array): string | null => {
  const head = ascii(bytes, 0, 4);
  const brand = ascii(bytes, 4, 8) === "ftyp" ? ascii(bytes, 8, 12) : "";
  if (brand !== "") return brand.startsWith("avi") ? "AVIF" : brand.startsWith("he") ? "HEIC" : "video";
  if (head.startsWith("BM")) return "BMP";
  if (head === "II*\0" || head === "MM\0*") return "TIFF";
  if (head === "%PDF") return "PDF";
  return head.startsWith("PK") ? "a ZIP archive" : null;
};

/**
 * Tells from the content what kind of picture a file holds; its name counts for nothing.
 *
 * @param name Used in messages.
 * @returns The kind; left `InputInvalid` if the file is empty, text, a Git LFS pointer or another format.
 */
export function sniffImage(bytes: Uint8Array, name: string): Checked<ImageKind> {
  if (bytes.length === 0) return refuse(name, "file is empty", "copy the picture again");
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return E.right("png");
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return E.right("jpeg");
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return E.right("gif");
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return E.right("webp");
  if (ascii(bytes, 0, LFS_POINTER.length) === LFS_POINTER) {
    return refuse(
      name,
      "is a Git LFS pointer, not the picture itself",
      "run `git lfs pull` in that repository",
    );
  }
  const foreign = foreignFormat(bytes);
  if (foreign !== null) return refuse(name, `format not supported (content is ${foreign})`, SAVE_AS);
  const content = isText(bytes) ? "text" : "unknown data";
  return refuse(name, `not an image (content is ${content})`, "give a PNG, JPEG, WebP or GIF file");
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const u16le = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
const u24le = (bytes: Uint8Array, at: number): number => u16le(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
const u32be = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>> 0;

function webpSize(bytes: Uint8Array): Size | null {
  switch (ascii(bytes, 12, 16)) {
    case "VP8 ":
      return { width: u16le(bytes, 26) & 0x3fff, height: u16le(bytes, 28) & 0x3fff };
    case "VP8L": {
      const packed = (u24le(bytes, 21) | ((bytes[24] ?? 0) << 24)) >>> 0;
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: u24le(bytes, 24) + 1, height: u24le(bytes, 27) + 1 };
    default:
      return null;
  }
}

function declaredSize(kind: ImageKind, bytes: Uint8Array, name: string): Checked<Size> {
  const tooShort = (format: string): Checked<never> =>
    refuse(name, `${format} data ends early`, "copy or download the picture again");
  switch (kind) {
    case "png":
      if (bytes.length < 33) return tooShort("PNG");
      return ascii(bytes, 12, 16) === "IHDR"
        ? E.right({ width: u32be(bytes, 16), height: u32be(bytes, 20) })
        : refuse(name, "PNG without a header", "copy or download the picture again");
    case "gif":
      return bytes.length < 13
        ? tooShort("GIF")
        : E.right({ width: u16le(bytes, 6), height: u16le(bytes, 8) });
    case "webp": {
      const size = bytes.length < 30 ? null : webpSize(bytes);
      return size === null ? tooShort("WebP") : E.right(size);
    }
    case "jpeg":
      return E.map(({ width, height }: Size) => ({ width, height }))(readJpegStructure(bytes, name));
  }
}

/**
 * Reads kind and size of a picture and checks them against the limit, before any memory for pixels is taken.
 *
 * @param name Used in messages.
 * @returns The header; left `InputInvalid` if it is no picture, empty, or above {@link MAX_PIXELS}.
 *
 * @example
 * ```ts
 * import { readHeader } from "./image_header.ts";
 * import assert from "node:assert/strict";
 * const found = readHeader(new TextEncoder().encode("hello, world"), "a.jpg");
 * assert.equal(found._tag === "Left" && found.left._tag, "InputInvalid");
 * ```
 */
export function readHeader(bytes: Uint8Array, name: string): Checked<ImageHeader> {
  const kind = sniffImage(bytes, name);
  if (E.isLeft(kind)) return kind;
  const size = declaredSize(kind.right, bytes, name);
  if (E.isLeft(size)) return size;
  const { width, height } = size.right;
  if (width === 0 || height === 0) {
    return refuse(name, `declares ${width} x ${height} pixels`, "copy or download the picture again");
  }
  if (width * height > MAX_PIXELS) {
    const megapixels = Math.round(width * height / 1e6);
    const limit = MAX_PIXELS / 1e6;
    return refuse(
      name,
      `declares ${width} x ${height} pixels = ${megapixels} megapixels, the limit is ${limit}`,
      "make the picture smaller",
    );
  }
  return E.right({ kind: kind.right, width, height });
}
