/**
 * Files and weights in memory for tests.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Files } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";
import type { NamedArray } from "../../lib/tensor/containers/dtype.ts";
import { fromBytes } from "../../lib/tensor/containers/random_access.ts";
import { encodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";

/** Files in memory, and how many of them are open. */
export interface MemoryDisk extends HasBlobs {
  readonly files: Files;
  readonly content: Map<string, Uint8Array>;
  readonly open: () => number;
}

/** Makes a disk from content by path; folders are what stands before the last slash. */
export function memoryDisk(initial: Readonly<Record<string, Uint8Array | string>>): MemoryDisk {
  const content = new Map(
    Object.entries(initial).map(([path, data]) =>
      [path, typeof data === "string" ? new TextEncoder().encode(data) : data] as const
    ),
  );
  let open = 0;
  const find = (path: string): TE.TaskEither<PipelineError, Uint8Array> => {
    const bytes = content.get(path);
    return bytes === undefined ? TE.left({ _tag: "FileMissing", path, remedy: "none" }) : TE.right(bytes);
  };
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    content,
    open: () => open,
    blobs: {
      open: (path) =>
        TE.map((bytes: Uint8Array) => {
          open++;
          return { ...fromBytes(bytes), close: () => void open-- };
        })(find(path)),
      create: (path) => {
        const parts: Uint8Array[] = [];
        return TE.right({
          append: (bytes) => E.right(void parts.push(bytes.slice())),
          commit: () => E.right(void content.set(path, new Uint8Array(parts.flatMap((part) => [...part])))),
          abandon: () => void parts.splice(0),
        });
      },
    },
    files: {
      readBytes: find,
      readText: (path) => TE.map((bytes: Uint8Array) => new TextDecoder().decode(bytes))(find(path)),
      list: (folder) =>
        TE.right(
          [...content.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) =>
            path.slice(folder.length + 1)
          ).sort(),
        ),
      exists: (path) => TE.right(content.has(path)),
      writeAtomic: unused,
      append: unused,
      makeFolder: unused,
      remove: unused,
      rename: unused,
    },
  };
}

/** 32-bit floats 0, 1, 2 … of a shape. */
export function counting(...shape: readonly number[]): NamedArray {
  const size = shape.reduce((product, length) => product * length, 1);
  return { dtype: "F32", shape, data: Float32Array.from({ length: size }, (_, index) => index) };
}

/** A safetensors file. */
export function safetensors(tensors: Readonly<Record<string, NamedArray>>): Uint8Array {
  return encodeSafetensors(new Map(Object.entries(tensors)));
}
