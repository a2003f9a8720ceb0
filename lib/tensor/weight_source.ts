/**
 * Weights on disk under one interface, whatever their container: one tensor in memory at a time.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import { attempt, type Checked, type Stage } from "../core/stage.ts";
import { ITEM_SIZE, type RawTensor, type TensorInfo, toFloat32 } from "./containers/dtype.ts";
import { corrupt, type RandomAccess, type Taken, type TensorTable } from "./containers/random_access.ts";
import { openSafetensors } from "./containers/safetensors_table.ts";
import { openTorch, torchContainer } from "./containers/torch_pickle.ts";

/** A file that is being written piece by piece; readers see it only once it is committed. */
export interface BlobWriter {
  readonly append: (bytes: Uint8Array) => Checked<void>;
  /** Syncs and gives the file its name. */
  readonly commit: () => Checked<void>;
  /** Removes what was written; does nothing after `commit`. */
  readonly abandon: () => void;
}

/** Large binary files. */
export interface Blobs {
  /** Opens a file for reading at any offset. */
  readonly open: (path: string) => TaskEither<PipelineError, RandomAccess>;
  /** Begins a file under a temporary name in the same folder. */
  readonly create: (path: string) => TaskEither<PipelineError, BlobWriter>;
}

/**
 * Writes a file piece by piece.
 *
 * @param writer A file that was begun; committed or abandoned afterwards.
 * @param file Its pieces and their size.
 * @returns Bytes of the file. Left with what the disk answered.
 */
export function writePieces(
  writer: BlobWriter,
  file: { readonly size: number; readonly pieces: Iterable<Uint8Array> },
): Checked<number> {
  let state: Checked<void> = E.right(undefined);
  for (const bytes of file.pieces) {
    state = writer.append(bytes);
    if (E.isLeft(state)) break;
  }
  const committed = E.isLeft(state) ? state : writer.commit();
  if (E.isLeft(committed)) writer.abandon();
  return pipe(committed, E.map(() => file.size));
}

/** A stage that reads or writes large binary files. */
export interface HasBlobs {
  readonly blobs: Blobs;
}

/** Numbers and shape of a tensor, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Open weights. Whoever opens them closes them. */
export interface WeightSource {
  /** File or folder, for messages. */
  readonly path: string;
  /** Every tensor, in the order of the files. */
  readonly names: readonly string[];
  /** Which part of the files it is, and what was left out; absent if it is all of them. */
  readonly taken?: Taken | undefined;
  /** Dtype and shape; `undefined` if there is no such tensor. */
  readonly info: (name: string) => TensorInfo | undefined;
  /** Reads a tensor of any dtype as 32-bit floats. Left if it is missing or the file is damaged. */
  readonly readFloat32: (name: string) => Checked<FloatTensor>;
  /** Reads a tensor in its stored dtype. */
  readonly readRaw: (name: string) => Checked<RawTensor>;
  /** Writes a tensor as 32-bit floats into memory of its size, piece by piece. Absent: only whole reads. */
  readonly fillFloat32?: ((name: string, memory: Uint8Array) => Checked<void>) | undefined;
  /** Closes the files. */
  readonly close: () => void;
}

const TORCH_EXTENSIONS = [".bin", ".pt", ".pth", ".ckpt", ".pth.tar"] as const;
const INDEX_EXTENSION = ".index.json";

const isTorch = (name: string): boolean => TORCH_EXTENSIONS.some((extension) => name.endsWith(extension));
const isSafetensors = (name: string): boolean => name.endsWith(".safetensors");
const isWeightFile = (name: string): boolean =>
  isSafetensors(name) || isTorch(name) || name.endsWith(INDEX_EXTENSION);

/** What to take of files that hold more than one model. */
export interface PartOptions {
  /** The name of the part: keys of a checkpoint joined by dots, or what stands before a dot in the names of tensors. */
  readonly part?: string | undefined;
}

/**
 * Opens weights: `*.safetensors`, a sharded `*.index.json`, `.bin`, `.pt`, `.pth`, `.ckpt`, or a folder with one of them.
 *
 * In a folder a sharded index comes before a single file and safetensors before PyTorch. Of a training checkpoint the
 * model's tensors are taken, wherever they are in it.
 *
 * @param path The file or folder.
 * @param options Which part.
 * @returns The open weights. Left `FileMissing` if there are none, `InputInvalid` if a folder or a checkpoint leaves a
 * choice, `CheckpointCorrupt` if a file is damaged.
 */
export function openWeights(
  path: string,
  options: PartOptions = {},
): Stage<HasFiles & HasBlobs, WeightSource> {
  return pipe(
    isWeightFile(path) ? RTE.right(path) : findWeights(path.replace(/[/\\]+$/, "")),
    RTE.flatMap((file): Stage<HasFiles & HasBlobs, WeightSource> =>
      file.endsWith(INDEX_EXTENSION) ? openSharded(file, options) : openFiles(file, [file], options)
    ),
  );
}

const findWeights = (folder: string): Stage<HasFiles, string> =>
  pipe(
    RTE.asks((needs: HasFiles) => needs.files),
    RTE.flatMapTaskEither((files) => files.list(folder)),
    RTE.flatMapEither((names) => chooseWeights(folder, names)),
    RTE.map((name) => `${folder}/${name}`),
  );

/** Kinds of weight files, the preferred first; within a kind the conventional names come first. */
const KINDS: readonly ((name: string) => boolean)[] = [
  (name) => name.endsWith(`.safetensors${INDEX_EXTENSION}`),
  isSafetensors,
  (name) => name.endsWith(INDEX_EXTENSION),
  isTorch,
];
const STEMS = ["model", "pytorch_model", "diffusion_pytorch_model"] as const;

/**
 * Chooses the weights among the names in a folder.
 *
 * @param folder For messages.
 * @param names What lies in it.
 * @returns One name. Left `FileMissing` without weights, `InputInvalid` if several are equally good.
 */
export function chooseWeights(folder: string, names: readonly string[]): Checked<string> {
  for (const kind of KINDS) {
    const found = names.filter(kind);
    const usual = STEMS.flatMap((stem) => found.filter((name) => name.split(".", 1)[0] === stem));
    const choice = usual[0] ?? (found.length === 1 ? found[0] : undefined);
    if (choice !== undefined) return E.right(choice);
    if (found.length > 1) {
      const problem = `it holds several weight files: ${found.join(", ")}`;
      return E.left({ _tag: "InputInvalid", where: folder, problem, remedy: "name one of them" });
    }
  }
  const remedy = "put model.safetensors or pytorch_model.bin there, or name another folder";
  return E.left({ _tag: "FileMissing", path: `${folder}/model.safetensors`, remedy });
}

const ShardIndex = t.type({ weight_map: t.record(t.string, t.string) });

const openSharded = (path: string, options: PartOptions): Stage<HasFiles & HasBlobs, WeightSource> =>
  pipe(
    RTE.asks((needs: HasFiles) => needs.files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) => parseShardIndex(text, path)),
    RTE.flatMap((weightMap): Stage<HasBlobs, WeightSource> => {
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const shards = [...new Set(weightMap.values())].map((name) => `${folder}${name}`);
      return pipe(
        openFiles(path, shards, {}),
        RTE.mapLeft((error) => error._tag === "FileMissing" ? missingShard(path, error.path) : error),
        RTE.flatMap((source) => checkIndex(source, weightMap)),
        RTE.flatMapEither((source) => partByName(source, options)),
      );
    }),
  );

/**
 * Reads the index of sharded weights.
 *
 * @param text JSON with a `weight_map` from tensor to file name.
 * @param path For messages.
 * @returns The map. Left `CheckpointCorrupt` if it is damaged or names a file outside its own folder.
 */
export function parseShardIndex(text: string, path: string): Checked<ReadonlyMap<string, string>> {
  return attempt(corrupt(path), () => {
    const index = ShardIndex.decode(JSON.parse(text));
    if (E.isLeft(index)) throw new Error("it has no weight_map from tensors to files");
    const entries = Object.entries(index.right.weight_map);
    for (const [, file] of entries) {
      if (/[/\\]/.test(file) || !(isSafetensors(file) || isTorch(file))) {
        throw new Error(`it names the shard ${file}; shards are .safetensors or .bin files beside it`);
      }
    }
    return new Map(entries);
  });
}

const checkIndex = (
  source: WeightSource,
  weightMap: ReadonlyMap<string, string>,
): Stage<unknown, WeightSource> => {
  const missing = [...weightMap.keys()].find((name) => source.info(name) === undefined);
  if (missing === undefined) return RTE.right(source);
  source.close();
  return RTE.left(corrupt(source.path)(`no shard holds ${missing} (${weightMap.get(missing)} should)`));
};

const missingShard = (index: string, path: string): PipelineError => ({
  _tag: "FileMissing",
  path,
  remedy: `${index} says that the weights are incomplete without it: download it to the same folder`,
});

/** Content decides where it can: some programs call a PyTorch file `.safetensors`, or the other way round. */
const openTable = (blob: RandomAccess, file: string, { part }: PartOptions): Checked<TensorTable> =>
  pipe(
    torchContainer(blob),
    E.flatMap((container): Checked<TensorTable> =>
      container !== null || (isTorch(file) && !beginsHeader(blob))
        ? openTorch(blob, file, part)
        : openSafetensors(blob, file)
    ),
  );

/** A safetensors file begins with 8 bytes of length and the brace of its header. */
const beginsHeader = (blob: RandomAccess): boolean =>
  pipe(blob.readAt(8, 1), E.match(() => false, ([byte]) => byte === "{".charCodeAt(0)));

const openFiles = (
  path: string,
  files: readonly string[],
  options: PartOptions,
): Stage<HasBlobs, WeightSource> =>
({ blobs }) =>
async () => {
  const opened: RandomAccess[] = [];
  const tables: TensorTable[] = [];
  const fail = (error: PipelineError): Checked<WeightSource> => {
    opened.forEach((blob) => blob.close());
    return E.left(error);
  };
  for (const file of files) {
    const blob = await blobs.open(file)();
    if (E.isLeft(blob)) return fail(blob.left);
    opened.push(blob.right);
    const table = openTable(blob.right, file, options);
    if (E.isLeft(table)) return fail(table.left);
    tables.push(table.right);
  }
  const source = sourceOf(path, tables, () => opened.forEach((blob) => blob.close()));
  return source.taken?.asWished === true ? E.right(source) : partByName(source, options);
};

/** The tensors whose names begin with the part's, under what follows; all of them if no part is named. */
function partByName(source: WeightSource, { part }: PartOptions): Checked<WeightSource> {
  if (part === undefined) return E.right(source);
  const begin = `${part}.`;
  const names = source.names.filter((name) => name.startsWith(begin));
  const stored = (name: string): string => `${begin}${name}`;
  const fill = source.fillFloat32;
  if (names.length > 0) {
    return E.right({
      ...source,
      names: names.map((name) => name.slice(begin.length)),
      taken: {
        asWished: true,
        name: part,
        leftOut: [`${source.names.length - names.length} tensors of other names`],
      },
      info: (name) => source.info(stored(name)),
      readRaw: (name) => source.readRaw(stored(name)),
      readFloat32: (name) => source.readFloat32(stored(name)),
      fillFloat32: fill && ((name, memory) => fill(stored(name), memory)),
    });
  }
  source.close();
  const found = [...new Set(source.names.map((name) => name.split(".", 1)[0]))].slice(0, 8).join(", ");
  return E.left({
    _tag: "InputInvalid",
    where: source.path,
    problem: `it has no part ${part}`,
    remedy: `names of its tensors begin with ${found}`,
  });
}

/**
 * Joins the tensors of several files.
 *
 * @param path For messages.
 * @param tables The files; where a name occurs twice the last one counts.
 * @param close What closing means.
 */
export function sourceOf(path: string, tables: readonly TensorTable[], close: () => void): WeightSource {
  const owners = new Map(
    tables.flatMap((table) => [...table.infos.keys()].map((name) => [name, table] as const)),
  );
  const readRaw = (name: string): Checked<RawTensor> =>
    owners.get(name)?.read(name) ?? E.left(noTensor(path, name));
  return {
    path,
    names: [...owners.keys()],
    taken: tables.length === 1 ? tables[0]?.taken : undefined,
    info: (name) => owners.get(name)?.infos.get(name),
    readRaw,
    readFloat32: (name) => pipe(readRaw(name), E.map((raw) => ({ shape: raw.shape, data: toFloat32(raw) }))),
    fillFloat32: (name, memory) => {
      const table = owners.get(name);
      return table === undefined ? E.left(noTensor(path, name)) : fill(table, name, memory);
    },
    close,
  };
}

/** Elements that are read and converted at once. */
const PIECE = 2 ** 21;

const bytesOf = (floats: Float32Array): Uint8Array =>
  new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);

/** Only one piece is ever in memory besides the target, but for strided views, which are read whole. */
function fill(table: TensorTable, name: string, memory: Uint8Array): Checked<void> {
  const place = table.place(name);
  if (place === undefined) return pipe(table.read(name), E.map((raw) => memory.set(bytesOf(toFloat32(raw)))));
  const { dtype } = table.infos.get(name) as TensorInfo;
  const size = ITEM_SIZE[dtype];
  const total = memory.byteLength / 4;
  for (let done = 0; done < total; done += PIECE) {
    const count = Math.min(PIECE, total - done);
    const bytes = place.blob.readAt(place.offset + done * size, count * size);
    if (E.isLeft(bytes)) return bytes;
    memory.set(bytesOf(toFloat32({ dtype, shape: [count], bytes: bytes.right })), 4 * done);
  }
  return E.right(undefined);
}

const noTensor = (path: string, name: string): PipelineError => ({
  _tag: "InputInvalid",
  where: path,
  problem: `there is no tensor ${name}`,
  remedy: "check that these weights belong to this model",
});
