/**
 * Bytes of a text file as text: UTF-8, and what other systems call Unicode.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { refuse } from "./refuse.ts";
import type { Checked } from "./stage.ts";

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";

/** Byte-order marks; the longer one first where one begins the other. */
const MARKS: readonly (readonly [readonly number[], Encoding])[] = [
  [[0xff, 0xfe, 0, 0], "utf-32le"],
  [[0, 0, 0xfe, 0xff], "utf-32be"],
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** Bytes that are looked at where there is no mark. */
const SAMPLE = 4096;

/** Without a mark the zero bytes tell: Latin letters have one, always on the same side. */
function guess(bytes: Uint8Array): Encoding {
  const sample = bytes.subarray(0, SAMPLE);
  const zeros = [0, 0, 0, 0];
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 4] = (zeros[at % 4] as number) + 1;
  });
  const quarter = sample.length / 4;
  const [a = 0, b = 0, c = 0, d = 0] = zeros.map((count) => count / quarter);
  if (bytes.length % 4 === 0 && d > 0.9 && c > 0.9 && a < 0.1) return "utf-32le";
  if (bytes.length % 4 === 0 && a > 0.9 && b > 0.9 && d < 0.1) return "utf-32be";
  if (bytes.length % 2 === 0 && b + d > 0.8 && a + c < 0.1) return "utf-16le";
  return bytes.length % 2 === 0 && a + c > 0.8 && b + d < 0.1 ? "utf-16be" : "utf-8";
}

function utf32(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length % 4 !== 0) throw new RangeError("the last sign is cut");
  const signs = Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at, little));
  return signs.map((sign) => String.fromCodePoint(sign)).join("");
}

const decodeAs = (bytes: Uint8Array, encoding: Encoding): string =>
  encoding === "utf-32le" || encoding === "utf-32be"
    ? utf32(bytes, encoding === "utf-32le")
    : new TextDecoder(encoding, { fatal: true }).decode(bytes);

/** Bytes at the end of a file that a crash may have left of one sign. */
const CUT_SIGN = 3;

/** Text of a log whose last sign was being written when the process ended. */
function withoutCutSign(bytes: Uint8Array): string | null {
  for (let cut = 1; cut <= Math.min(CUT_SIGN, bytes.length); cut++) {
    if ((bytes.at(-cut) as number) < 0xc0) continue;
    try {
      return `${decodeAs(bytes.subarray(0, bytes.length - cut), "utf-8")}\ufffd`;
    } catch {
      return null;
    }
  }
  return null;
}

const REMEDY = "save it as UTF-8";
/** Files that grow while a process lives. */
const LOG_FILE = /\.jsonl$|log\.txt$/;
const NEWLINE = 10;

/** The first line that is no UTF-8, from 1. */
function wrongLine(bytes: Uint8Array): number {
  let line = 1;
  for (let begin = 0; begin < bytes.length; line++) {
    const found = bytes.indexOf(NEWLINE, begin);
    const end = found < 0 ? bytes.length : found;
    try {
      decodeAs(bytes.subarray(begin, end), "utf-8");
    } catch {
      return line;
    }
    begin = end + 1;
  }
  return line;
}

/**
 * Decodes a text file.
 *
 * UTF-8, UTF-16 and UTF-32 are read, with a byte-order mark (which is dropped) or without. A last sign that is cut
 * at the end of a log, as after a crash, becomes U+FFFD.
 *
 * @param where Its name, for messages.
 * @returns The text; left `InputInvalid` with the line if it is in another encoding or no text.
 *
 * @example
 * ```ts
 * import { decodeText } from "./text_encoding.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0), "a.yaml"), { _tag: "Right", right: "a" });
 * assert.equal(decodeText(Uint8Array.of(0xe9, 0x61), "a.yaml")._tag, "Left");
 * ```
 */
export function decodeText(bytes: Uint8Array, where: string): Checked<string> {
  const [mark, marked] = MARKS.find(([start]) => start.every((byte, at) => bytes[at] === byte)) ?? [[], null];
  const encoding = marked ?? guess(bytes);
  const body = bytes.subarray(mark.length);
  try {
    const text = decodeAs(body, encoding);
    return text.includes("\0") ? refuse(where, "is no text (it holds NUL signs)", REMEDY) : E.right(text);
  } catch {
    if (encoding !== "utf-8") return refuse(where, `is damaged ${encoding.toUpperCase()} text`, REMEDY);
  }
  const logged = LOG_FILE.test(where) ? withoutCutSign(body) : null;
  if (logged !== null) return E.right(logged);
  return refuse(where, `is no UTF-8 text (line ${wrongLine(body)})`, REMEDY);
}
