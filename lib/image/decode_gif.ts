/**
 * The first frame of a GIF.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import type { Decoded } from "./decoded.ts";
import { expandGifCodes } from "./gif_lzw.ts";
import { overWhite } from "./over_white.ts";
import { refuse } from "../core/refuse.ts";

const RETRY = "copy or download the picture again";
const [EXTENSION, IMAGE, TRAILER, GRAPHIC_CONTROL] = [0x21, 0x2c, 0x3b, 0xf9];
/** First row and row step of the four passes of an interlaced frame. */
const PASSES = [[0, 8], [4, 8], [2, 4], [1, 2]] as const;

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly transparent: number | null;
  readonly minCodeSize: number;
  readonly codes: Uint8Array;
}

interface Structure {
  readonly width: number;
  readonly height: number;
  readonly first: Frame | null;
  readonly frames: number;
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
const paletteBytes = (flags: number): number => flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;

/** The sub-blocks from `at` on, and where they end; null if the data ends first. */
function subBlocks(
  bytes: Uint8Array,
  at: number,
): { readonly parts: Uint8Array[]; readonly end: number } | null {
  const parts: Uint8Array[] = [];
  let from = at;
  for (;;) {
    const length = bytes[from];
    if (length === undefined || from + 1 + length > bytes.length) return null;
    if (length === 0) return { parts, end: from + 1 };
    parts.push(bytes.subarray(from + 1, from + 1 + length));
    from += 1 + length;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Reads a frame whose descriptor is at `at`; null if the data ends first. */
function readFrame(
  bytes: Uint8Array,
  at: number,
  inherited: Pick<Frame, "palette" | "transparent">,
): { readonly frame: Frame; readonly end: number } | null {
  const flags = bytes[at + 8] ?? 0;
  const data = at + 9 + paletteBytes(flags);
  const blocks = subBlocks(bytes, data + 1);
  if (blocks === null) return null;
  const frame: Frame = {
    left: u16(bytes, at),
    top: u16(bytes, at + 2),
    width: u16(bytes, at + 4),
    height: u16(bytes, at + 6),
    interlaced: (flags & 0x40) !== 0,
    palette: flags & 0x80 ? bytes.subarray(at + 9, data) : inherited.palette,
    transparent: inherited.transparent,
    minCodeSize: bytes[data] ?? 0,
    codes: joined(blocks.parts),
  };
  return { frame, end: blocks.end };
}

/** Walks all blocks; null if the data ends inside one or a block is of no known kind. */
function readStructure(bytes: Uint8Array): Structure | null {
  const size = { width: u16(bytes, 6), height: u16(bytes, 8) };
  const start = 13 + paletteBytes(bytes[10] ?? 0);
  const palette = bytes.subarray(13, start);
  let [first, frames, transparent]: [Frame | null, number, number | null] = [null, 0, null];
  for (let at = start; at < bytes.length && bytes[at] !== TRAILER;) {
    if (bytes[at] === EXTENSION) {
      const blocks = subBlocks(bytes, at + 2);
      if (blocks === null) return null;
      const control = bytes[at + 1] === GRAPHIC_CONTROL ? blocks.parts[0] : undefined;
      if (control !== undefined) transparent = ((control[0] ?? 0) & 1) === 1 ? control[3] ?? null : null;
      at = blocks.end;
    } else {
      const read = bytes[at] === IMAGE ? readFrame(bytes, at + 1, { palette, transparent }) : null;
      if (read === null) return null;
      first ??= read.frame;
      frames += 1;
      at = read.end;
    }
  }
  return { ...size, first, frames };
}

function rowsOf(frame: Frame): readonly number[] {
  return frame.interlaced
    ? PASSES.flatMap(([from, step]) =>
      Array.from({ length: Math.ceil(Math.max(0, frame.height - from) / step) }, (_, n) => from + n * step)
    )
    : Array.from({ length: frame.height }, (_, row) => row);
}

/** Draws the frame on its transparent canvas; false if an index has no colour. */
function draw(
  frame: Frame,
  indices: Uint8Array,
  canvas: { readonly width: number; readonly data: Uint8Array },
): boolean {
  let from = 0;
  for (const row of rowsOf(frame)) {
    for (let column = 0; column < frame.width; column++, from++) {
      const index = indices[from] as number;
      if (index === frame.transparent) continue;
      if (index * 3 + 2 >= frame.palette.length) return false;
      const to = ((frame.top + row) * canvas.width + frame.left + column) * 4;
      canvas.data[to] = frame.palette[index * 3] as number;
      canvas.data[to + 1] = frame.palette[index * 3 + 1] as number;
      canvas.data[to + 2] = frame.palette[index * 3 + 2] as number;
      canvas.data[to + 3] = 255;
    }
  }
  return true;
}

/**
 * Decodes the first frame of a GIF; transparency is laid over white.
 *
 * Own code, because the decoders on npm hang on damaged files or fill what is missing with the first colour.
 *
 * @param bytes The file; its header has been checked.
 * @param name Used in messages.
 * @returns Opaque pixels, with a warning if there are more frames; left `InputInvalid` if the data is damaged.
 */
export function decodeGif(bytes: Uint8Array, name: string): Checked<Decoded> {
  const structure = readStructure(bytes);
  if (structure === null) return refuse(name, "GIF data is damaged or ends early", RETRY);
  const { width, height, first, frames } = structure;
  if (first === null) return refuse(name, "GIF without a picture", RETRY);
  if (first.left + first.width > width || first.top + first.height > height) {
    return refuse(name, "GIF frame lies outside its canvas", RETRY);
  }
  const size = first.minCodeSize;
  const indices = size < 1 || size > 8 ? null : expandGifCodes(first.codes, size, first.width * first.height);
  const data = new Uint8Array(width * height * 4);
  if (indices === null || !draw(first, indices, { width, data })) {
    return refuse(name, "GIF data is damaged or ends early", RETRY);
  }
  const warnings = frames === 1 ? [] : [`${name}: GIF with ${frames} frames, only the first is used`];
  return E.right({ image: overWhite({ width, height, data }), orientation: 1, warnings });
}
