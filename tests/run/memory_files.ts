/**
 * A file system in memory that can die in the middle of anything.
 *
 * @module
 */
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname } from "node:path";
import type { Files } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";

/** Files in memory. */
export interface MemoryFiles extends Files {
  /** Path → content; a folder's content is `null`. */
  readonly entries: Map<string, Uint8Array | null>;
  /** How many changes happened. */
  readonly changes: () => number;
}

const fail = (path: string, problem: string): PipelineError => ({ _tag: "FileFailure", path, problem });

/**
 * Makes the file system.
 *
 * @param options.entries Shared content of an earlier one, as after a restart.
 * @param options.dieAfter Every change after this many fails.
 */
export function memoryFiles(
  options: { readonly entries?: Map<string, Uint8Array | null>; readonly dieAfter?: number } = {},
): MemoryFiles {
  const entries = options.entries ?? new Map<string, Uint8Array | null>();
  let changes = 0;
  const inside = (path: string): string[] => [...entries.keys()].filter((key) => key.startsWith(`${path}/`));
  const change = (path: string, body: () => void): TE.TaskEither<PipelineError, void> =>
    TE.tryCatch(() => {
      if (changes >= (options.dieAfter ?? Infinity)) return Promise.reject(new Error("the power went out"));
      changes++;
      return Promise.resolve(body());
    }, (thrown) => fail(path, (thrown as Error).message));
  const makeFolders = (path: string): void => {
    if (path === "." || path === "/" || entries.has(path)) return;
    makeFolders(dirname(path));
    entries.set(path, null);
  };
  const read = (path: string): TE.TaskEither<PipelineError, Uint8Array> => {
    const content = entries.get(path);
    return content === undefined || content === null
      ? TE.left({ _tag: "FileMissing", path, remedy: "" })
      : TE.right(content);
  };
  const bytesOf = (content: Uint8Array | string): Uint8Array =>
    typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
  const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    entries,
    changes: () => changes,
    readBytes: (path) => () => read(path)(),
    readText: (path) => () => TE.map(textOf)(read(path))(),
    writeAtomic: (path, content) =>
      change(path, () => {
        if (!entries.has(dirname(path)) && dirname(path) !== ".") throw new Error("no such folder");
        entries.set(path, bytesOf(content));
      }),
    append: (path, content) =>
      change(path, () => {
        const before = entries.get(path) ?? new Uint8Array();
        entries.set(path, Uint8Array.from([...before, ...bytesOf(content)]));
      }),
    makeFolder: (path) => change(path, () => makeFolders(path)),
    list: (path) => () =>
      TE.right(
        inside(path).map((key) => key.slice(path.length + 1)).filter((name) => !name.includes("/")).sort(),
      )(),
    exists: (path) => () => TE.right(entries.has(path))(),
    remove: (path) => change(path, () => [path, ...inside(path)].forEach((key) => entries.delete(key))),
    rename: (from, to) =>
      change(from, () => {
        if (inside(to).length > 0) throw new Error("the target folder is not empty");
        for (const key of [from, ...inside(from)]) {
          const content = entries.get(key);
          if (content === undefined) throw new Error("no such file");
          entries.delete(key);
          entries.set(to + key.slice(from.length), content);
        }
      }),
  };
}
