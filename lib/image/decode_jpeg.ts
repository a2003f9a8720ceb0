/**
 * JPEG pixels: grey, YCbCr, RGB, and Adobe's CMYK and YCCK.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { decode } from "jpeg-js";
import { attempt, type Checked } from "../core/stage.ts";
import { orientationOf } from "./exif.ts";
import { type JpegStructure, readJpegStructure } from "./jpeg_structure.ts";
import type { Decoded } from "./decoded.ts";
import { refuse } from "../core/refuse.ts";

const MEMORY_LIMIT_MB = 4096;

/** The feature that the decoder lacks, in words, or null. */
function unsupported(structure: JpegStructure): string | null {
  if (structure.frameType > 0xc2) return "lossless or arithmetic-coded JPEG";
  if (structure.precision !== 8) return `${structure.precision}-bit JPEG`;
  const components = structure.componentIds.length;
  if (components === 4 && structure.adobeTransform === null) return "CMYK JPEG without an Adobe marker";
  return components === 1 || components === 3 || components === 4 ? null : `JPEG with ${components} channels`;
}

/** Whether three channels hold RGB as it is: Adobe says so, or nothing but the channels' names does. */
function isPlainRgb(structure: JpegStructure): boolean {
  if (structure.componentIds.length !== 3) return false;
  if (structure.adobeTransform !== null) return structure.adobeTransform === 0;
  return !structure.jfif && String.fromCharCode(...structure.componentIds) === "RGB";
}

/**
 * Decodes a JPEG.
 *
 * @param name Used in messages.
 * @returns Opaque pixels and the orientation; left `InputInvalid` if the data ends early, is damaged or of a kind that
 * is not supported.
 */
export function decodeJpeg(bytes: Uint8Array, name: string): Checked<Decoded> {
  const structure = readJpegStructure(bytes, name);
  if (E.isLeft(structure)) return structure;
  const lacking = unsupported(structure.right);
  if (lacking !== null) return refuse(name, `${lacking} is not supported`, "save it as PNG or RGB JPEG");
  const colour = isPlainRgb(structure.right) ? { colorTransform: false } : {};
  const limits = { maxResolutionInMP: Infinity, maxMemoryUsageInMB: MEMORY_LIMIT_MB };
  const decoded = attempt(
    (message) => ({
      _tag: "InputInvalid",
      where: name,
      problem: `JPEG data is damaged (${message})`,
      remedy: "copy or download the picture again",
    }),
    () => decode(bytes, { useTArray: true, formatAsRGBA: false, ...colour, ...limits }),
  );
  if (E.isLeft(decoded)) return decoded;
  const { width, height, data } = decoded.right;
  const orientation = structure.right.exif === null ? 1 : orientationOf(structure.right.exif);
  return E.right({ image: { width, height, data }, orientation, warnings: [] });
}
