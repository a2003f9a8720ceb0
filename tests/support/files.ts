/** Files for tests: in memory, or a layer of changes over the disk. Nothing is ever written to the disk. */
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Files, HasFiles, HasLog } from "../../lib/core/capability.ts";
import { liveFiles } from "../../lib/run/live.ts";

/** The content of a file; null hides a file of the layer below. */
export type FileContent = Uint8Array | string | null;

const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const emptyFiles: Files = {
  ...liveFiles(),
  readBytes: (path) => TE.left({ _tag: "FileMissing", path, remedy: "check the name" }),
  list: () => TE.right([]),
  exists: () => TE.right(false),
};

function layer(below: Files, changes: ReadonlyMap<string, FileContent>): Files {
  const written = new Map(changes);
  const readBytes = (path: string): TE.TaskEither<never, Uint8Array> | ReturnType<Files["readBytes"]> => {
    const content = written.get(path);
    if (content === undefined) return below.readBytes(path);
    return content === null
      ? TE.left({ _tag: "FileMissing", path, remedy: "check the name" })
      : TE.right(bytesOf(content));
  };
  const write = (path: string, content: FileContent): ReturnType<Files["remove"]> => {
    written.set(path, content);
    return TE.right(undefined);
  };
  const namesHere = (folder: string): string[] =>
    [...written].filter(([path, content]) => content !== null && path.startsWith(`${folder}/`))
      .map(([path]) => path.slice(folder.length + 1).split("/")[0] ?? "");
  return {
    readBytes,
    readText: (path) => TE.map((bytes: Uint8Array) => new TextDecoder().decode(bytes))(readBytes(path)),
    writeAtomic: write,
    append: (path, text) => write(path, `${written.get(path) ?? ""}${text}`),
    makeFolder: () => TE.right(undefined),
    list: (folder) =>
      TE.map((names: readonly string[]) =>
        [
          ...new Set([
            ...names.filter((name) => written.get(`${folder}/${name}`) !== null),
            ...namesHere(folder),
          ]),
        ]
          .sort()
      )(below.list(folder)),
    exists: (path) => {
      const content = written.get(path);
      if (content !== undefined) return TE.right(content !== null);
      return namesHere(path).length > 0 ? TE.right(true) : below.exists(path);
    },
    remove: (path) => write(path, null),
    rename: (from, to) => TE.flatMap(() => write(from, null))(write(to, written.get(from) ?? null)),
  };
}

/** Files that exist only in memory. */
export function memoryFiles(content: Readonly<Record<string, FileContent>> = {}): Files {
  return layer(emptyFiles, new Map(Object.entries(content)));
}

/** The files of the disk with some changed. */
export function changedFiles(changes: Readonly<Record<string, FileContent>> = {}): Files {
  return layer(liveFiles(), new Map(Object.entries(changes)));
}

/** Capabilities for a test: files, and a log whose warnings are collected. */
export interface TestWorld extends HasFiles, HasLog {
  readonly warnings: string[];
}

/** Makes the capabilities of a test. */
export function testWorld(files: Files): TestWorld {
  const warnings: string[] = [];
  const silent = (): void => {};
  return { files, warnings, log: { info: silent, progress: silent, warn: (line) => warnings.push(line) } };
}
