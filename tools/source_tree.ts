/**
 * The project's own text files.
 *
 * @module
 */
import { join, relative } from "node:path";

/** Path from the project's root → content. */
export type SourceTree = ReadonlyMap<string, string>;

const SKIPPED: readonly string[] = [
  ".git",
  ".cache",
  "node_modules",
  "runs",
  "coverage",
  "assets",
  "npm",
  "tests/fixtures",
];
const TEXT = /\.(?:ts|js|py|md|json|jsonc|yaml|yml|cff|sh|ipynb|html|css|toml)$|^\.ci\/|^LICENSE$/;

/**
 * Reads the project.
 *
 * @param root The project's root.
 * @param folder The folder to read, from the root.
 * @returns Every text file outside fixtures, assets and caches.
 */
export async function readSourceTree(root: string, folder = ""): Promise<SourceTree> {
  const found = new Map<string, string>();
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = relative(root, join(root, folder, entry.name));
    if (SKIPPED.includes(path)) continue;
    if (entry.isDirectory) {
      for (const [inner, text] of await readSourceTree(root, path)) found.set(inner, text);
    } else if (entry.isFile && TEXT.test(path)) found.set(path, await Deno.readTextFile(join(root, path)));
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}
