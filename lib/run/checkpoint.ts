/**
 * Checkpoints that a crash cannot spoil: written under a temporary name, synced, renamed; read back with checksums.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { attempt, type Checked, type Stage } from "../core/stage.ts";
import { type NamedArray, toArray } from "../tensor/containers/dtype.ts";
import { fromBytes, type RandomAccess } from "../tensor/containers/random_access.ts";
import { encodeSafetensors, safetensorsPieces } from "../tensor/containers/safetensors.ts";
import { openSafetensors } from "../tensor/containers/safetensors_table.ts";
import { type HasBlobs, writePieces } from "../tensor/weight_source.ts";
import { recoverCheckpoints, removeOld, stepName } from "./checkpoint_folder.ts";
import { writePointer } from "./folder.ts";

/** Tensors by name. */
export type Arrays = ReadonlyMap<string, NamedArray>;

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly step: number;
  /** The config it was made under; a resume with another one is refused. */
  readonly configHash: string;
  /** File stem → tensors: `policy`, `optimizer`. */
  readonly arrays: Readonly<Record<string, Arrays>>;
  /** Everything else that a resume needs, as plain JSON data: key, threshold, data cursor. */
  readonly state: unknown;
}

/** A checkpoint that was read, with its place. */
export interface StoredCheckpoint extends Checkpoint {
  readonly path: string;
}

/** Where large files can be written and read piece by piece, no file of a checkpoint is in memory as a whole. */
type Needs = HasFiles & Partial<HasBlobs>;

const FileEntry = t.type({ name: t.string, bytes: t.number, sha256: t.string });
const StateFile = t.type({
  format: t.literal(1),
  step: t.number,
  config_hash: t.string,
  files: t.array(FileEntry),
  state: t.unknown,
});
type StateFile = t.TypeOf<typeof StateFile>;

const corrupt = (path: string, problem: string): PipelineError => ({
  _tag: "CheckpointCorrupt",
  path,
  problem,
});

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const renamePath = (from: string, to: string): Stage<HasFiles, void> => ({ files }) => files.rename(from, to);

type FileEntry = t.TypeOf<typeof FileEntry>;

/** Writes one file of tensors: piece by piece where large files can be written so, else at once. */
const writeArrays =
  (path: string, name: string, tensors: Arrays): Stage<Needs, FileEntry> => ({ files, blobs }) => {
    if (blobs === undefined) {
      const bytes = encodeSafetensors(tensors);
      const entry = { name, bytes: bytes.byteLength, sha256: sha256(bytes) };
      return pipe(files.writeAtomic(path, bytes), TE.map(() => entry));
    }
    const hash = createHash("sha256");
    const { size, pieces } = safetensorsPieces(tensors);
    const hashed = {
      *[Symbol.iterator]() {
        for (const bytes of pieces) {
          hash.update(bytes);
          yield bytes;
        }
      },
    };
    return pipe(
      blobs.create(path),
      TE.flatMapEither((writer) => writePieces(writer, { size, pieces: hashed })),
      TE.map((bytes) => ({ name, bytes, sha256: hash.digest("hex") })),
    );
  };

/** Writes all files of a checkpoint, the state that describes them last. */
function writeFiles(folder: string, checkpoint: Checkpoint): Stage<Needs, void> {
  return pipe(
    Object.entries(checkpoint.arrays),
    RA.map(([stem, tensors]) => {
      const name = `${stem}.safetensors`;
      return writeArrays(join(folder, name), name, tensors);
    }),
    RTE.sequenceSeqArray,
    RTE.flatMap((written) => ({ files }: Needs) => {
      const state: StateFile = {
        format: 1,
        step: checkpoint.step,
        config_hash: checkpoint.configHash,
        files: [...written],
        state: checkpoint.state,
      };
      return files.writeAtomic(join(folder, "state.json"), `${JSON.stringify(state, null, 1)}\n`);
    }),
  );
}

/** Puts a finished folder in its place, also where an older one of the same step lies. */
const publish = (folder: string, name: string): Stage<HasFiles, void> => (needs) => {
  const [temporary, place, old] = [`${name}.tmp`, name, `${name}.old`].map((part) => join(folder, part)) as [
    string,
    string,
    string,
  ];
  return pipe(
    needs.files.exists(place),
    TE.flatMap((exists) => exists ? renamePath(place, old)(needs) : TE.right(undefined)),
    TE.flatMap(() => renamePath(temporary, place)(needs)),
    TE.flatMap(() => needs.files.remove(old)),
  );
};

/**
 * Saves a checkpoint and points `latest` to it.
 *
 * Whatever happens in between, a reader sees either the checkpoint with all its files or none of it.
 *
 * @param folder The run's `checkpoints` folder.
 * @param checkpoint What to save.
 * @param options.keep How many of the newest stay; the one that `best` points to stays in any case.
 * @returns A stage with the checkpoint's folder.
 */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  options: { readonly keep: number },
): Stage<Needs, string> {
  const name = stepName(checkpoint.step);
  const temporary = join(folder, `${name}.tmp`);
  return pipe(
    recoverCheckpoints(folder),
    RTE.flatMap((): Stage<HasFiles, void> => ({ files }) => files.makeFolder(temporary)),
    RTE.flatMap(() => writeFiles(temporary, checkpoint)),
    RTE.flatMap(() => publish(folder, name)),
    RTE.flatMap(() => writePointer(join(folder, "latest"), name)),
    RTE.flatMap(() => removeOld(folder, options.keep)),
    RTE.map(() => join(folder, name)),
  );
}

const parseState = (text: string, path: string): Checked<StateFile> =>
  pipe(
    attempt(() => corrupt(path, "is not JSON"), () => JSON.parse(text) as unknown),
    E.flatMap((value) =>
      pipe(
        StateFile.decode(value),
        E.mapLeft(() => corrupt(path, "lacks one of format, step, config_hash, files, state")),
      )
    ),
  );

/** Opens a file; where large files can't be opened, its bytes are read at once. */
const openFile = (path: string): Stage<Needs, RandomAccess> => ({ files, blobs }) =>
  blobs === undefined ? pipe(files.readBytes(path), TE.map(fromBytes)) : blobs.open(path);

/** Bytes that are hashed at once. */
const PIECE = 2 ** 22;

/** Compares a file with what was written, piece by piece. */
function verify(blob: RandomAccess, path: string, entry: FileEntry): Checked<RandomAccess> {
  if (blob.size !== entry.bytes) {
    return E.left(corrupt(path, `has ${blob.size} bytes, ${entry.bytes} were written`));
  }
  const hash = createHash("sha256");
  for (let offset = 0; offset < blob.size; offset += PIECE) {
    const bytes = blob.readAt(offset, Math.min(PIECE, blob.size - offset));
    if (E.isLeft(bytes)) return bytes;
    hash.update(bytes.right);
  }
  return hash.digest("hex") === entry.sha256
    ? E.right(blob)
    : E.left(corrupt(path, "its content differs from what was written (SHA-256)"));
}

/** Reads the tensors of a file one after the other. */
const tensorsOf = (blob: RandomAccess, path: string): Checked<Arrays> =>
  pipe(
    openSafetensors(blob, path),
    E.flatMap((table) =>
      pipe(
        [...table.infos.keys()],
        E.traverseArray((name) => pipe(table.read(name), E.map((raw) => [name, toArray(raw)] as const))),
      )
    ),
    E.map((entries) => new Map(entries)),
  );

const readArrays = (folder: string, entry: FileEntry): Stage<Needs, readonly [string, Arrays]> => {
  const path = join(folder, entry.name);
  return pipe(
    openFile(path),
    RTE.mapLeft((error) => error._tag === "FileMissing" ? corrupt(path, "the file is missing") : error),
    RTE.flatMapEither((blob) => {
      const arrays = pipe(verify(blob, path, entry), E.flatMap(() => tensorsOf(blob, path)));
      blob.close();
      return arrays;
    }),
    RTE.map((arrays) => [entry.name.replace(/\.safetensors$/, ""), arrays]),
  );
};

/**
 * Loads a checkpoint and checks every file against the sizes and hashes in its `state.json`.
 *
 * @param path The checkpoint's folder.
 * @returns A stage with its content; `CheckpointCorrupt` names the file, `FileMissing` a folder without `state.json`.
 */
export function loadCheckpoint(path: string): Stage<Needs, StoredCheckpoint> {
  const statePath = join(path, "state.json");
  const readState: Stage<Needs, string> = ({ files }) =>
    pipe(
      files.readText(statePath),
      TE.mapLeft((error) =>
        error._tag === "FileMissing"
          ? { ...error, remedy: `name a checkpoint folder, such as ${join(dirname(path), "latest")}` }
          : error
      ),
    );
  return pipe(
    readState,
    RTE.flatMap((text) => RTE.fromEither(parseState(text, statePath))),
    RTE.flatMap((state) =>
      pipe(
        state.files,
        RA.map((entry) => readArrays(path, entry)),
        RTE.sequenceSeqArray,
        RTE.map((entries) => ({
          path,
          step: state.step,
          configHash: state.config_hash,
          arrays: Object.fromEntries(entries),
          state: state.state,
        })),
      )
    ),
  );
}
