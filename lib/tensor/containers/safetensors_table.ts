/**
 * An open safetensors file, read tensor by tensor.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { attempt, type Checked } from "../../core/stage.ts";
import { corrupt, type RandomAccess, readOrThrow, type TensorTable } from "./random_access.ts";
import { headerLength, type Metadata, parseHeader } from "./safetensors.ts";

/** The tensors of a safetensors file and the texts beside them. */
export interface SafetensorsTable extends TensorTable {
  readonly metadata: Metadata;
}

/**
 * Reads and checks the header of a file.
 *
 * @param blob The open file; it stays the caller's to close.
 * @param path For messages.
 * @returns Its tensors. Left `CheckpointCorrupt` if anything is wrong with the header.
 */
export function openSafetensors(blob: RandomAccess, path: string): Checked<SafetensorsTable> {
  const file = { path, size: blob.size };
  const read = (offset: number, length: number): Checked<Uint8Array> =>
    attempt(corrupt(path), () => readOrThrow(blob, offset, length));
  return pipe(
    read(0, Math.min(8, blob.size)),
    E.flatMap((prefix) => headerLength(prefix, file)),
    E.flatMap((length) => read(8, length)),
    E.flatMap((header) => parseHeader(header, file)),
    E.map(({ tensors, metadata }) => ({
      infos: tensors,
      metadata,
      read: (name) => {
        const span = tensors.get(name);
        if (span === undefined) return E.left(corrupt(path)(`it has no tensor ${name}`));
        const { dtype, shape, begin, end } = span;
        return pipe(read(begin, end - begin), E.map((bytes) => ({ dtype, shape, bytes })));
      },
      place: (name) => {
        const span = tensors.get(name);
        return span && { blob, offset: span.begin };
      },
    })),
  );
}
