/**
 * The safetensors container: `u64 n`, `n` bytes of JSON, tensor bytes.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as t from "io-ts";
import type { PipelineError } from "../../core/error.ts";
import { attempt, type Checked } from "../../core/stage.ts";
import {
  elementCount,
  isDtype,
  ITEM_SIZE,
  type NamedArray,
  type TensorInfo,
  toArray,
  toBytes,
} from "./dtype.ts";

/** Where a tensor lies: `[begin, end)` in bytes from the start of the file. */
export interface TensorSpan extends TensorInfo {
  readonly begin: number;
  readonly end: number;
}

/** Free text beside the tensors. */
export type Metadata = Readonly<Record<string, string>>;

/** What the header of a file says. */
export interface SafetensorsIndex {
  readonly tensors: ReadonlyMap<string, TensorSpan>;
  readonly metadata: Metadata;
}

/** A file in memory. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, NamedArray>;
  readonly metadata: Metadata;
}

/** Which file is being read and how long it is. */
export interface FileFacts {
  /** For error messages. */
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Longest header that is read; checked before anything is allocated. */
export const MAX_HEADER_BYTES = 100_000_000;

const corrupt = (path: string) => (problem: string): PipelineError => ({
  _tag: "CheckpointCorrupt",
  path,
  problem,
});

interface CountBrand {
  readonly Count: unique symbol;
}
const Count = t.brand(
  t.number,
  (value): value is t.Branded<number, CountBrand> => Number.isSafeInteger(value) && value >= 0,
  "Count",
);
const Entry = t.type({ dtype: t.string, shape: t.array(Count), data_offsets: t.tuple([Count, Count]) });
const Header = t.record(t.string, t.unknown);
const MetadataEntry = t.union([t.record(t.string, t.string), t.null]);

/**
 * Reads the length of the header from the first eight bytes.
 *
 * @param prefix At least the first 8 bytes of the file.
 * @param file Path for messages, and size.
 * @returns Bytes of JSON that follow. Left `CheckpointCorrupt` above 100 MB or beyond the end of the file.
 */
export function headerLength(prefix: Uint8Array, file: FileFacts): Checked<number> {
  return attempt(corrupt(file.path), () => {
    if (prefix.byteLength < 8) throw new Error("shorter than the 8 bytes that begin a safetensors file");
    const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
    if (length > BigInt(MAX_HEADER_BYTES)) {
      throw new Error(`the header claims ${length} bytes, more than 100 MB`);
    }
    if (8 + Number(length) > file.size) throw new Error(`the file ends inside its header of ${length} bytes`);
    return Number(length);
  });
}

/**
 * Reads and checks the header: every dtype known, every span as long as its shape says, spans without gap or overlap
 * from the end of the header to the end of the file.
 *
 * @param header The JSON bytes.
 * @param file Path for messages, and size.
 * @returns The tensors in the order of the header, with absolute offsets. Left `CheckpointCorrupt` naming the tensor.
 */
export function parseHeader(header: Uint8Array, file: FileFacts): Checked<SafetensorsIndex> {
  return attempt(corrupt(file.path), () => {
    const entries = Object.entries(
      expect(Header.decode(headerJson(header)), "the header is not a JSON object"),
    );
    const start = 8 + header.byteLength;
    const tensors = new Map<string, TensorSpan>();
    let metadata: Metadata = {};
    for (const [name, entry] of entries) {
      if (name === "__metadata__") {
        metadata = expect(MetadataEntry.decode(entry), "__metadata__ must map names to texts") ?? {};
      } else tensors.set(name, spanOf(name, entry, start));
    }
    checkCover([...tensors], start, file.size);
    return { tensors, metadata };
  });
}

const expect = <A>(decoded: t.Validation<A>, problem: string): A => {
  if (E.isLeft(decoded)) throw new Error(problem);
  return decoded.right;
};

const headerJson = (header: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
  } catch {
    throw new Error("the header is not JSON");
  }
};

function spanOf(name: string, value: unknown, start: number): TensorSpan {
  const entry = expect(
    Entry.decode(value),
    `${name}: needs dtype, shape and data_offsets, whole numbers ≥ 0`,
  );
  const [from, to] = entry.data_offsets;
  if (!isDtype(entry.dtype)) throw new Error(`${name}: unknown dtype ${entry.dtype}`);
  const size = elementCount(entry.shape) * ITEM_SIZE[entry.dtype];
  if (to - from !== size) {
    throw new Error(
      `${name}: ${entry.dtype} [${entry.shape}] needs ${size} bytes, its offsets span ${to - from}`,
    );
  }
  return { dtype: entry.dtype, shape: entry.shape, begin: start + from, end: start + to };
}

function checkCover(tensors: readonly (readonly [string, TensorSpan])[], start: number, size: number): void {
  const ordered = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let end = start;
  for (const [name, span] of ordered) {
    if (span.begin < end) throw new Error(`${name}: overlaps another tensor`);
    if (span.begin > end) throw new Error(`${name}: ${span.begin - end} bytes before it belong to no tensor`);
    end = span.end;
  }
  if (end !== size) throw new Error(`the header describes ${end} bytes, the file has ${size}`);
}

/**
 * Reads a whole file in memory.
 *
 * @param path For messages.
 * @returns Tensors and metadata, copied out of `bytes`. Left `CheckpointCorrupt` if anything is wrong with the file.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
 * import assert from "node:assert/strict";
 * const file = encodeSafetensors(new Map([["w", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }]]));
 * const content = decodeSafetensors(file, "w.safetensors");
 * assert(content._tag === "Right");
 * assert.deepEqual(content.right.tensors.get("w")?.data, Float32Array.of(1, 2));
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): Checked<SafetensorsContent> {
  const file = { path, size: bytes.byteLength };
  return pipe(
    headerLength(bytes, file),
    E.flatMap((length) => parseHeader(bytes.subarray(8, 8 + length), file)),
    E.map(({ tensors, metadata }) => ({
      tensors: new Map(
        [...tensors].map(([name, { dtype, shape, begin, end }]) =>
          [name, toArray({ dtype, shape, bytes: bytes.slice(begin, end) })] as const
        ),
      ),
      metadata,
    })),
  );
}

/** A file before its tensors are written. */
export interface SafetensorsLayout {
  /** Length, JSON and padding: the first bytes of the file. */
  readonly head: Uint8Array;
  /** The tensors in the order in which their bytes follow the head. */
  readonly order: readonly string[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Plans a file: wide elements first, then by name, so that every tensor is aligned and equal content gives equal files.
 *
 * @param tensors Names with dtype and shape.
 * @param metadata Free text for the header.
 * @returns The head of the file and the order of the bytes after it.
 * @throws RangeError for a tensor called `__metadata__` or a header above 100 MB.
 */
export function layoutSafetensors(
  tensors: ReadonlyMap<string, TensorInfo>,
  metadata: Metadata = {},
): SafetensorsLayout {
  if (tensors.has("__metadata__")) throw new RangeError("a tensor cannot be called __metadata__");
  const ordered = [...tensors].sort(([nameA, a], [nameB, b]) =>
    ITEM_SIZE[b.dtype] - ITEM_SIZE[a.dtype] || (nameA < nameB ? -1 : 1)
  );
  let end = 0;
  const entries = ordered.map(([name, { dtype, shape }]) => {
    const begin = end;
    end += elementCount(shape) * ITEM_SIZE[dtype];
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const texts = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  const notes = texts.length === 0 ? [] : [["__metadata__", Object.fromEntries(texts)] as const];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...notes, ...entries])));
  const length = Math.ceil(json.byteLength / 8) * 8;
  if (length > MAX_HEADER_BYTES) throw new RangeError(`a header of ${length} bytes is above 100 MB`);
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return { head, order: ordered.map(([name]) => name), size: head.byteLength + end };
}

/** A file as pieces: head, then each tensor. Bytes are made when a piece is asked for. */
export interface SafetensorsPieces {
  /** Bytes of the whole file. */
  readonly size: number;
  readonly pieces: Iterable<Uint8Array>;
}

/**
 * Cuts a file into pieces, so that it can be written without being in memory as a whole.
 *
 * @param tensors Names and tensors; F16 and BF16 may be given as `Float32Array` and are rounded.
 * @param metadata Free text for the header.
 * @returns The pieces in order; they are the bytes of {@link encodeSafetensors}.
 * @throws RangeError as {@link layoutSafetensors}; the pieces throw it if an array does not fit its shape or dtype.
 */
export function safetensorsPieces(
  tensors: ReadonlyMap<string, NamedArray>,
  metadata: Metadata = {},
): SafetensorsPieces {
  const { head, order, size } = layoutSafetensors(tensors, metadata);
  return {
    size,
    pieces: {
      *[Symbol.iterator]() {
        yield head;
        for (const name of order) yield toBytes(tensors.get(name) as NamedArray);
      },
    },
  };
}

/**
 * Writes tensors to the bytes of a file.
 *
 * @param tensors Names and tensors; F16 and BF16 may be given as `Float32Array` and are rounded.
 * @param metadata Free text for the header.
 * @returns The file; equal content gives equal bytes, whatever the order of the maps.
 * @throws RangeError if an array does not fit its shape or dtype.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedArray>,
  metadata: Metadata = {},
): Uint8Array {
  const { size, pieces } = safetensorsPieces(tensors, metadata);
  const file = new Uint8Array(size);
  let position = 0;
  for (const bytes of pieces) {
    file.set(bytes, position);
    position += bytes.byteLength;
  }
  return file;
}
