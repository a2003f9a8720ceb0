/**
 * Large binary files on a real disk.
 *
 * @module
 */
import { dirname } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { messageOf, type PipelineError } from "../core/error.ts";
import { attempt, attemptAsync, type Checked } from "../core/stage.ts";
import { beyondEnd, type RandomAccess } from "../tensor/containers/random_access.ts";
import type { Blobs, BlobWriter } from "../tensor/weight_source.ts";

const failure = (path: string) => (problem: string): PipelineError => ({
  _tag: "FileFailure",
  path,
  problem,
});

/** The file system that the process sees. */
export const liveBlobs: Blobs = {
  open: (path) => () => Promise.resolve(openFile(path)),
  create: (path) => attemptAsync(failure(path), () => Promise.resolve(createFile(path))),
};

function openFile(path: string): Checked<RandomAccess> {
  try {
    const file = Deno.openSync(path, { read: true });
    return E.right(randomAccess(path, file, file.statSync().size));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) {
      return E.left({ _tag: "FileMissing", path, remedy: "check the path" });
    }
    return E.left(failure(path)(messageOf(thrown)));
  }
}

const randomAccess = (path: string, file: Deno.FsFile, size: number): RandomAccess => {
  let isOpen = true;
  return {
    size,
    readAt: (offset, length) =>
      offset >= 0 && length >= 0 && offset + length <= size
        ? attempt(failure(path), () => readExactly(file, offset, length))
        : E.left({ _tag: "CheckpointCorrupt", path, problem: beyondEnd(offset, length, size) }),
    close: () => {
      if (isOpen) file.close();
      isOpen = false;
    },
  };
};

function readExactly(file: Deno.FsFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) throw new Error("the file became shorter while it was read");
    done += count;
  }
  return bytes;
}

function createFile(path: string): BlobWriter {
  const temporary = `${path}.${Deno.pid}.tmp`;
  const file = Deno.openSync(temporary, { write: true, create: true, truncate: true });
  let isOpen = true;
  const close = (): void => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return {
    append: (bytes) => attempt(failure(temporary), () => writeAll(file, bytes)),
    commit: () =>
      attempt(failure(path), () => {
        file.syncSync();
        close();
        Deno.renameSync(temporary, path);
        syncFolder(dirname(path));
      }),
    abandon: () => {
      if (!isOpen) return;
      close();
      Deno.removeSync(temporary);
    },
  };
}

function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(path);
  folder.syncSync();
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength;) done += file.writeSync(bytes.subarray(done));
}
