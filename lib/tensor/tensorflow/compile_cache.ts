/**
 * Compiled functions kept on disk: a later process that traces the same function loads what XLA made of it.
 *
 * TensorFlow compares the whole traced function with the stored one before it takes it. Machine code fits one kind of
 * processor and one build of the library only, so each pair has a folder of its own.
 *
 * @module
 */
import { fingerprint } from "./fingerprint.ts";
import { cacheFolder } from "./locate.ts";
import { processorText } from "./processor.ts";

/** Oldest files go when the folder grows beyond this. */
const MOST_BYTES = 512 * 2 ** 20;

/** What the machine code depends on. */
export interface CodeTarget {
  /** Name and instruction sets of the processor. */
  readonly processor: string;
  /** Size and date of the library. */
  readonly library: string;
  /** Variables that change what XLA makes. */
  readonly settings?: string;
}

/**
 * Names the folder of a target.
 *
 * @param target Processor, library and variables.
 * @returns 16 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { targetName } from "./compile_cache.ts";
 * import assert from "node:assert/strict";
 * const target = { processor: "a", library: "1" };
 * assert.equal(targetName(target), targetName({ ...target }));
 * assert.notEqual(targetName(target), targetName({ ...target, processor: "b" }));
 * ```
 */
export function targetName({ processor, library, settings = "" }: CodeTarget): string {
  return fingerprint(new TextEncoder().encode(`${processor}\n${library}\n${settings}`));
}

function libraryText(folder: string): string {
  const file = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .find((name) => name.startsWith("libtensorflow_cc"));
  const { size, mtime } = Deno.statSync(`${folder}/${file}`);
  return `${file} ${size} ${mtime?.getTime()}`;
}

/**
 * Removes the oldest files until the rest is small enough.
 *
 * @param folder The folder; files alone are looked at.
 * @param most Bytes that may stay.
 */
export function trimFolder(folder: string, most: number): void {
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => {
    const { size, mtime } = Deno.statSync(`${folder}/${name}`);
    return { path: `${folder}/${name}`, size, age: mtime?.getTime() ?? 0 };
  });
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.age - b.age)) {
    if (total <= most) return;
    Deno.removeSync(path);
    total -= size;
  }
}

/**
 * Prepares the folder of compiled functions and tells TensorFlow where it is. Variables that change what XLA makes must be
 * set before.
 *
 * @param libraries The folder of TensorFlow's libraries.
 * @param cache The folder of all targets; default `.cache/xla` of the project.
 * @returns The variable to set before TensorFlow is loaded; none where there is no such folder, or it can't be written, or
 * the processor is not known.
 */
export function compileCacheEnvironment(
  libraries: string,
  cache: string | null = xlaFolder(),
): Readonly<Record<string, string>> {
  if (cache === null) return {};
  try {
    const settings = ["XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS"].map((name) => Deno.env.get(name) ?? "").join(
      "\n",
    );
    const target = { processor: processorText(), library: libraryText(libraries), settings };
    const folder = `${cache}/${targetName(target)}`;
    Deno.mkdirSync(folder, { recursive: true });
    trimFolder(folder, MOST_BYTES);
    return { TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${folder}` };
  } catch {
    return {};
  }
}

const xlaFolder = (): string | null => {
  const libraries = cacheFolder();
  return libraries === null ? null : libraries.replace(/tensorflow$/, "xla");
};
