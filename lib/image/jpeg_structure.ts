/**
 * The marker segments of a JPEG: size, colour model, EXIF block, and whether the data is complete.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import { refuse } from "../core/refuse.ts";

/** What the segments of a JPEG say. */
export interface JpegStructure {
  readonly width: number;
  readonly height: number;
  readonly precision: number;
  readonly componentIds: readonly number[];
  /** SOF0, SOF1 and SOF2 are Huffman-coded DCT; the others are lossless, hierarchical or arithmetic. */
  readonly frameType: number;
  /** Colour transform of Adobe's APP14 segment: 0 none, 1 YCbCr, 2 YCCK. */
  readonly adobeTransform: number | null;
  readonly jfif: boolean;
  /** The TIFF block of the EXIF segment. */
  readonly exif: Uint8Array | null;
}

const RETRY = "copy or download the picture again";
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/** The position of the marker that ends the entropy-coded data from `from` on; the length if there is none. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at + 1 < bytes.length) {
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !isRestart(next)) return at;
    at += 1;
  }
  return bytes.length;
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  Array.from(text).every((character, index) => bytes[index] === character.charCodeAt(0));

/** Adds what one segment says; `payload` is what follows its length. */
function readSegment(
  found: Partial<JpegStructure>,
  marker: number,
  payload: Uint8Array,
): Partial<JpegStructure> {
  const byte = (at: number): number => payload[at] ?? 0;
  if (isFrame(marker) && found.frameType === undefined) {
    const componentIds = Array.from({ length: byte(5) }, (_, index) => byte(6 + index * 3));
    const size = { height: (byte(1) << 8) | byte(2), width: (byte(3) << 8) | byte(4) };
    return { ...found, ...size, componentIds, precision: byte(0), frameType: marker };
  }
  if (marker === 0xe0 && startsWith(payload, "JFIF\0")) return { ...found, jfif: true };
  if (marker === 0xe1 && startsWith(payload, "Exif\0\0") && found.exif === undefined) {
    return { ...found, exif: payload.subarray(6) };
  }
  return marker === 0xee && startsWith(payload, "Adobe") ? { ...found, adobeTransform: byte(11) } : found;
}

/**
 * Walks the segments of a JPEG up to its end marker.
 *
 * @param bytes The file; what follows the end marker is ignored.
 * @param name Used in messages.
 * @returns The structure; left `InputInvalid` if the data ends before the end marker or has no frame header.
 */
export function readJpegStructure(bytes: Uint8Array, name: string): Checked<JpegStructure> {
  let found: Partial<JpegStructure> = {};
  let at = 2;
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) return refuse(name, "JPEG data is damaged", RETRY);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return finished(found, name);
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (end > bytes.length) break;
    found = readSegment(found, marker, bytes.subarray(at + 4, end));
    at = marker === 0xda ? endOfScan(bytes, end) : end;
  }
  return refuse(name, "JPEG data ends early", RETRY);
}

function finished(found: Partial<JpegStructure>, name: string): Checked<JpegStructure> {
  const { width, height, precision, componentIds, frameType } = found;
  if (
    width === undefined || height === undefined || precision === undefined || componentIds === undefined ||
    frameType === undefined
  ) return refuse(name, "JPEG without a frame header", RETRY);
  const adobeTransform = found.adobeTransform ?? null;
  const jfif = found.jfif ?? false;
  return E.right({
    width,
    height,
    precision,
    componentIds,
    frameType,
    adobeTransform,
    jfif,
    exif: found.exif ?? null,
  });
}
