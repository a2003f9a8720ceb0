/**
 * PNG pixels: 1 to 16 bits, grey, colour, palette, with or without transparency.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
// @ts-types="./pngjs.d.ts"
import { PNG } from "pngjs";
import { attempt, type Checked } from "../core/stage.ts";
import { orientationOf } from "./exif.ts";
import type { Decoded } from "./decoded.ts";
import { overWhite } from "./over_white.ts";
import { refuse } from "../core/refuse.ts";

const RETRY = "copy or download the picture again";
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** First column, first row, column step, row step of Adam7's seven passes. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]];

interface Chunks {
  readonly data: readonly Uint8Array[];
  readonly exif: Uint8Array | null;
  readonly animated: boolean;
}

/** Collects the chunks; null if the file ends before its end chunk. */
function readChunks(bytes: Uint8Array): Chunks | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let exif: Uint8Array | null = null;
  let animated = false;
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return null;
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const payload = bytes.subarray(at + 8, end - 4);
    if (kind === "IDAT") data.push(payload);
    if (kind === "eXIf") exif = payload;
    if (kind === "acTL") animated = true;
    if (kind === "IEND") return { data, exif, animated };
    at = end;
  }
  return null;
}

/** The bytes that the header promises: every row with its filter byte. */
function promisedBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const bits = (bytes[24] ?? 8) * (CHANNELS[bytes[25] ?? 6] ?? 4);
  const rows = (columns: number, lines: number): number =>
    columns === 0 ? 0 : lines * (1 + Math.ceil(columns * bits / 8));
  if (bytes[28] !== 1) return rows(width, height);
  return ADAM7.reduce(
    (total, [x = 0, y = 0, dx = 1, dy = 1]) =>
      total + rows(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)),
    0,
  );
}

/** Whether the compressed data holds exactly what the header promises; never takes more memory than promised. */
function isComplete(bytes: Uint8Array, chunks: Chunks): boolean {
  const promised = promisedBytes(bytes);
  return inflateSync(Buffer.concat(chunks.data), { maxOutputLength: promised + 65536 }).length >= promised;
}

/**
 * Decodes a PNG; 16 bits are scaled to 8 (`round(v * 255 / 65535)`), transparency is laid over white.
 *
 * @param bytes The file; its header has been checked.
 * @param name Used in messages.
 * @returns Opaque pixels and the orientation; left `InputInvalid` if the data ends early or is damaged.
 */
export function decodePng(bytes: Uint8Array, name: string): Checked<Decoded> {
  const chunks = readChunks(bytes);
  if (chunks === null) return refuse(name, "PNG data ends early", RETRY);
  const decoded = attempt(
    (message) => ({
      _tag: "InputInvalid",
      where: name,
      problem: `PNG data is damaged (${message})`,
      remedy: RETRY,
    }),
    () => isComplete(bytes, chunks) ? PNG.sync.read(Buffer.from(bytes)) : null,
  );
  if (E.isLeft(decoded)) return decoded;
  if (decoded.right === null) return refuse(name, "PNG data ends early", RETRY);
  const orientation = chunks.exif === null ? 1 : orientationOf(chunks.exif);
  const warnings = chunks.animated ? [`${name}: animated PNG, only its still picture is used`] : [];
  return E.right({ image: overWhite(decoded.right), orientation, warnings });
}
