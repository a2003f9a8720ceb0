/**
 * WebP pixels, lossy and lossless, with or without transparency.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import makeDecoder from "@jsquash/webp/codec/dec/webp_dec.js";
import { attempt, type Checked } from "../core/stage.ts";
import { orientationOf } from "./exif.ts";
import type { Decoded } from "./decoded.ts";
import { overWhite, type RgbaImage } from "./over_white.ts";
import { refuse } from "../core/refuse.ts";
// @ts-types="./webp_codec.d.ts"
import wasm from "./webp_codec.js";

interface WebpDecoder {
  readonly decode: (file: ArrayBuffer) => RgbaImage | null;
}

const RETRY = "copy or download the picture again";

/** libwebp, instantiated from the imported module: no file is read and no permission is needed. */
const decoder = await (makeDecoder as (options: unknown) => Promise<WebpDecoder>)({
  noInitialRun: true,
  instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    done(instance);
    return instance.exports;
  },
});

/** The chunks of the RIFF container, by name; of repeated ones the first. */
function readChunks(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 12; at + 8 <= bytes.length;) {
    const kind = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    if (!chunks.has(kind)) chunks.set(kind, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/**
 * Decodes a WebP picture; transparency is laid over white.
 *
 * @param bytes The file; its header has been checked.
 * @param name Used in messages.
 * @returns Opaque pixels and the orientation; left `InputInvalid` if it is animated, damaged or ends early.
 */
export function decodeWebp(bytes: Uint8Array, name: string): Checked<Decoded> {
  const chunks = readChunks(bytes);
  if (chunks.has("ANIM")) {
    return refuse(name, "animated WebP is not supported", "save its first frame as PNG, JPEG or WebP");
  }
  const decoded = attempt(
    (message) => ({
      _tag: "InputInvalid",
      where: name,
      problem: `WebP data is damaged (${message})`,
      remedy: RETRY,
    }),
    () => decoder.decode(bytes.slice().buffer),
  );
  if (E.isLeft(decoded)) return decoded;
  if (decoded.right === null) return refuse(name, "WebP data is damaged or ends early", RETRY);
  const exif = chunks.get("EXIF");
  const orientation = exif === undefined ? 1 : orientationOf(exif);
  return E.right({ image: overWhite(decoded.right), orientation, warnings: [] });
}
