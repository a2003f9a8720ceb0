/**
 * Reading a file at any offset, so that a 5 GB checkpoint is never in memory as a whole.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { describe, type PipelineError } from "../../core/error.ts";
import type { Checked } from "../../core/stage.ts";
import type { RawTensor, TensorInfo } from "./dtype.ts";

/** An open file. Reads are synchronous: a tensor is read, converted and handed on before the next. */
export interface RandomAccess {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Reads exactly `length` bytes into fresh memory. Left if they are not all there. */
  readonly readAt: (offset: number, length: number) => Checked<Uint8Array>;
  /** Closes the file; later reads fail. */
  readonly close: () => void;
}

/** What was taken of a file that holds more than a model. */
export interface Taken {
  /** The name of the part; empty for the outermost. */
  readonly name: string;
  /** Whether a person named it. */
  readonly asWished: boolean;
  /** What was left out, each with its size: `optimizer (24 tensors, 9.4 MB)`. */
  readonly leftOut: readonly string[];
}

/** The tensors of one open file. */
export interface TensorTable {
  /** Absent if a file of this kind holds nothing but weights. */
  readonly taken?: Taken;
  /** Every tensor, in the order of the file. */
  readonly infos: ReadonlyMap<string, TensorInfo>;
  /** Reads one of {@link infos}, row-major. */
  readonly read: (name: string) => Checked<RawTensor>;
  /** Where one of {@link infos} lies in one row-major run; `undefined` if it is a strided view. */
  readonly place: (name: string) => TensorPlace | undefined;
}

/** A run of bytes in an open file. */
export interface TensorPlace {
  readonly blob: RandomAccess;
  /** The first byte. */
  readonly offset: number;
}

/**
 * Opens bytes in memory as a file.
 *
 * @param bytes The content; not copied.
 * @returns The open file.
 */
export function fromBytes(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.byteLength,
    readAt: (offset, length) =>
      offset >= 0 && length >= 0 && offset + length <= bytes.byteLength
        ? E.right(bytes.slice(offset, offset + length))
        : E.left({
          _tag: "CheckpointCorrupt",
          path: "memory",
          problem: beyondEnd(offset, length, bytes.byteLength),
        }),
    close: () => undefined,
  };
}

/**
 * Words for a read past the end.
 *
 * @param offset First byte.
 * @param length Bytes wanted.
 * @param size Bytes of the file.
 * @returns The problem, for an error message.
 */
export function beyondEnd(offset: number, length: number, size: number): string {
  return `wanted bytes ${offset} to ${offset + length}, the file has ${size}`;
}

/**
 * Reads or throws: for parsers that run inside `attempt`.
 *
 * @param offset First byte.
 * @param length Bytes.
 * @throws Error if they are not all there; checked before memory is taken.
 */
export function readOrThrow(blob: RandomAccess, offset: number, length: number): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= blob.size)) {
    throw new Error(beyondEnd(offset, length, blob.size));
  }
  const bytes = blob.readAt(offset, length);
  if (E.isLeft(bytes)) throw new Error(describe(bytes.left));
  return bytes.right;
}

/**
 * The error of a file that is not what it should be.
 *
 * @returns From the problem to the error.
 */
export function corrupt(path: string): (problem: string) => PipelineError {
  return (problem) => ({ _tag: "CheckpointCorrupt", path, problem });
}
