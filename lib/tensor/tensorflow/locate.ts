/**
 * Where TensorFlow's libraries may lie.
 *
 * @module
 */
import { libraryFiles } from "./library.ts";

/** A folder that holds the libraries, and how it was found. */
export interface Location {
  readonly folder: string;
  readonly origin: string;
}

/** What `setup` records beside the libraries once they are complete. */
export interface Installed {
  readonly package: string;
  readonly version: string;
  /** The folder of the libraries, absolute or relative to the record. */
  readonly folder: string;
  /** Bytes per file. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** The environment variable that names the folder. */
export const LIBRARY_VARIABLE = "UNICTOKENS_TENSORFLOW_LIB";

/** The record's name inside the project's cache folder. */
export const RECORD_NAME = "installed.json";

/**
 * Names the project's cache folder for the libraries.
 *
 * @returns Its path, or `null` if the code doesn't run from files.
 */
export function cacheFolder(): string | null {
  const url = new URL("../../../.cache/tensorflow", import.meta.url);
  return url.protocol === "file:" ? decodeURIComponent(url.pathname) : null;
}

const exists = (path: string): boolean => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};

/**
 * Finds the libraries in a folder or in its subfolder `tensorflow`.
 *
 * @param folder Where to look.
 * @returns The folder that holds both files, or `null`.
 */
export function librariesIn(folder: string): string | null {
  const files = libraryFiles(Deno.build.os);
  if (files === null) return null;
  const candidates = [folder, `${folder}/tensorflow`];
  return candidates.find((candidate) => files.every((file) => exists(`${candidate}/${file}`))) ?? null;
}

/**
 * Reads the record that `setup` leaves.
 *
 * @param cache The cache folder.
 * @returns The record, or `null` if there is none that can be read.
 */
export function readRecord(cache: string): Installed | null {
  try {
    return JSON.parse(Deno.readTextFileSync(`${cache}/${RECORD_NAME}`)) as Installed;
  } catch {
    return null;
  }
}

/**
 * Reads what `setup` installed, and checks that it is all there.
 *
 * @param cache The cache folder.
 * @returns The folder of the libraries, or `null` if nothing complete is installed.
 */
export function installedIn(cache: string): string | null {
  const record = readRecord(cache);
  if (record === null) return null;
  try {
    const folder = record.folder.startsWith("/") ? record.folder : `${cache}/${record.folder}`;
    const complete = Object.entries(record.sizes)
      .every(([file, size]) => Deno.statSync(`${folder}/${file}`).size === size);
    return complete ? librariesIn(folder) : null;
  } catch {
    return null;
  }
}

const variable = (name: string): string | undefined => {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
};

const PYTHON_QUESTION =
  "import importlib.util as u; s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s else '')";

/**
 * Asks Python where its TensorFlow lies, without importing it. Asks nothing where programs may not be run.
 *
 * @returns The folder of the package's libraries, or `null`.
 */
export async function pythonLibraries(): Promise<string | null> {
  try {
    const { state } = await Deno.permissions.query({ name: "run", command: "python3" });
    if (state !== "granted") return null;
    const command = new Deno.Command("python3", { args: ["-c", PYTHON_QUESTION], stderr: "null" });
    const folder = new TextDecoder().decode((await command.output()).stdout).trim();
    return folder === "" ? null : librariesIn(folder);
  } catch {
    return null;
  }
}

/**
 * Returns the folder that the user named, by the option or by the environment variable.
 *
 * @returns The folder, `undefined` if none is named.
 */
export function namedFolder(option?: string): string | undefined {
  const named = option ?? variable(LIBRARY_VARIABLE);
  return named === "" ? undefined : named;
}

/**
 * Searches the libraries: the option, the environment variable, the project's cache, an installed Python package.
 *
 * @param option A folder named by the user; if given, nothing else is tried.
 * @returns The first place that has them, or a sentence on what was tried.
 */
export async function locateLibraries(option?: string): Promise<Location | string> {
  const named = namedFolder(option);
  if (named !== undefined) {
    const origin = option === undefined ? LIBRARY_VARIABLE : "the library folder option";
    const folder = librariesIn(named);
    return folder === null ? `${origin} is ${named}, which has no TensorFlow libraries` : { folder, origin };
  }
  const cache = cacheFolder();
  const installed = cache === null ? null : installedIn(cache);
  if (installed !== null) return { folder: installed, origin: "deno task setup" };
  const python = await pythonLibraries();
  if (python !== null) return { folder: python, origin: "Python's tensorflow" };
  return libraryFiles(Deno.build.os) === null
    ? `TensorFlow's wheels hold no usable library for ${Deno.build.os}`
    : "its libraries are not installed (deno task setup fetches them)";
}
