/**
 * `manifest.json` beside bundled weights: which bytes belong there, and how they came about.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import type { Files, HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { attempt, type Checked, type Stage } from "../core/stage.ts";
import { corrupt } from "./containers/random_access.ts";

const FileEntry = t.type({ bytes: t.number, sha256: t.string });
const ManifestCodec = t.intersection([t.type({ files: t.record(t.string, FileEntry) }), t.UnknownRecord]);

/** Size and digest of each file by name; beside them any notes: config, seed, data hash, measured quality. */
export type WeightManifest = t.TypeOf<typeof ManifestCodec>;

/** The name of the manifest in its folder. */
export const WEIGHT_MANIFEST = "manifest.json";

/**
 * Describes files as a manifest does.
 *
 * @param files Content by name.
 * @param notes What else the manifest tells.
 * @returns The manifest; names in their sort order.
 *
 * @example
 * ```ts
 * import { manifestOf } from "./weight_manifest.ts";
 * import assert from "node:assert/strict";
 * const { files } = manifestOf(new Map([["a.bin", new Uint8Array(0)]]));
 * assert.equal(files["a.bin"]?.sha256.slice(0, 8), "e3b0c442");
 * ```
 */
export function manifestOf(
  files: ReadonlyMap<string, Uint8Array>,
  notes: Readonly<Record<string, unknown>> = {},
): WeightManifest {
  const names = [...files.keys()].sort();
  const entries = names.map((name) => [name, entryOf(files.get(name) as Uint8Array)] as const);
  return { ...notes, files: Object.fromEntries(entries) };
}

const entryOf = (content: Uint8Array): t.TypeOf<typeof FileEntry> => ({
  bytes: content.byteLength,
  sha256: createHash("sha256").update(content).digest("hex"),
});

/**
 * Reads the manifest of a folder and compares every file with it.
 *
 * @param folder The folder with `manifest.json`.
 * @returns The manifest. Left `FileMissing` for a missing file, `CheckpointCorrupt` for other bytes than described.
 */
export function verifyManifest(folder: string): Stage<HasFiles, WeightManifest> {
  const path = `${folder}/${WEIGHT_MANIFEST}`;
  return ({ files }) =>
    pipe(
      files.readText(path),
      TE.flatMapEither((text) => parseManifest(text, path)),
      TE.tap((manifest) =>
        pipe(
          Object.entries(manifest.files),
          TE.traverseSeqArray(([name, entry]) => verifyFile(files, `${folder}/${name}`, entry)),
        )
      ),
    );
}

/**
 * Reads a manifest.
 *
 * @param path For messages.
 * @returns The manifest. Left `CheckpointCorrupt` if it is damaged or names a file outside its folder.
 */
export function parseManifest(text: string, path: string): Checked<WeightManifest> {
  return attempt(corrupt(path), () => {
    const manifest = ManifestCodec.decode(JSON.parse(text));
    if (E.isLeft(manifest)) throw new Error("it has no files with bytes and sha256");
    const stray = Object.keys(manifest.right.files).find((name) => /[/\\]/.test(name));
    if (stray !== undefined) throw new Error(`it names ${stray}, which is not in its folder`);
    return manifest.right;
  });
}

const verifyFile = (
  files: Files,
  path: string,
  expected: t.TypeOf<typeof FileEntry>,
): TE.TaskEither<PipelineError, void> =>
  pipe(
    files.readBytes(path),
    TE.flatMapEither((content): Checked<void> => {
      const found = entryOf(content);
      if (found.bytes !== expected.bytes) {
        return E.left(corrupt(path)(`it has ${found.bytes} bytes, the manifest says ${expected.bytes}`));
      }
      if (found.sha256 !== expected.sha256) {
        return E.left(corrupt(path)("its SHA-256 is not the one in the manifest; fetch the file again"));
      }
      return E.right(undefined);
    }),
  );
