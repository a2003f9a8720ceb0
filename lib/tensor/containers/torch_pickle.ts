/**
 * Checkpoints of PyTorch (`.bin`, `.pt`, `.pth`, `.ckpt`), both containers, read without running anything.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { attempt, type Checked } from "../../core/stage.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { elementCount, ITEM_SIZE, type RawTensor } from "./dtype.ts";
import { type PickleRules, type PickleValue, readPickle } from "./pickle.ts";
import { corrupt, type RandomAccess, readOrThrow, type TensorTable } from "./random_access.ts";
import { torchRules, type TorchStorage, type TorchTensor, viewSpan } from "./torch_objects.ts";
import { choosePart, type TakenPart, type TorchPart, torchParts } from "./torch_parts.ts";
import { storedOffset, zipEntries, type ZipEntry } from "./torch_zip.ts";

/** An open checkpoint: its tensors with strides and offsets, too. */
export interface TorchTable extends TensorTable {
  readonly infos: ReadonlyMap<string, TorchTensor>;
  readonly taken: TakenPart;
}

/** What the pickle holds, and where each storage begins in the file. */
interface TorchContent {
  readonly parts: readonly TorchPart[];
  readonly storageOffset: (storage: TorchStorage) => number;
}

const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
/** A pickle of the number 0x1950a86a20f9469cfc6c. */
const LEGACY_MAGIC = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const LEGACY_PROTOCOL = 1001;
const MAX_PICKLE_BYTES = 32 * 2 ** 20;

const NAMES_ONLY: PickleRules = {
  allows: () => false,
  reduce: () => null,
  persistent: () => {
    throw new Error("a persistent id stands where only numbers and names may");
  },
};

/**
 * Whether a file begins as one of PyTorch does.
 *
 * @param blob The open file.
 * @returns Which container it is; `null` if neither. Left if it cannot be read.
 */
export function torchContainer(blob: RandomAccess): Checked<"zip" | "legacy" | null> {
  return pipe(
    blob.readAt(0, Math.min(blob.size, LEGACY_MAGIC.length)),
    E.map((start) => {
      const begins = (magic: readonly number[]): boolean => magic.every((byte, at) => start[at] === byte);
      return begins(ZIP_MAGIC) ? "zip" : begins(LEGACY_MAGIC) ? "legacy" : null;
    }),
  );
}

/**
 * Reads the pickle of a checkpoint and checks that every view lies in its storage and every storage in the file.
 *
 * @param blob The open file; it stays the caller's to close.
 * @param path For messages.
 * @param part Which of several models is wanted, as in {@link choosePart}.
 * @returns The model's tensors; reading one reads only the part of the storage that it views. Left `CheckpointCorrupt`
 * that names the refused global or opcode, or tells what is damaged; `InputInvalid` if several models are in it.
 */
export function openTorch(blob: RandomAccess, path: string, part?: string): Checked<TorchTable> {
  return pipe(
    torchContainer(blob),
    E.flatMap((container) =>
      attempt(corrupt(path), () => {
        if (container === null) {
          throw new Error("it is neither a PyTorch zip archive nor a legacy PyTorch file");
        }
        return container === "zip" ? zipContent(blob) : legacyContent(blob);
      })
    ),
    E.bindTo("content"),
    E.bind("taken", ({ content }) => choosePart(content.parts, path, part)),
    E.flatMap(({ content, taken }) => attempt(corrupt(path), () => tableOf(blob, path, content, taken))),
  );
}

function tableOf(blob: RandomAccess, path: string, content: TorchContent, taken: TakenPart): TorchTable {
  const { tensors } = taken;
  for (const [name, tensor] of tensors) checkStorage(blob, name, tensor, content);
  const tensorOrThrow = (name: string): TorchTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`it has no tensor ${name}`);
    return tensor;
  };
  return {
    infos: tensors,
    taken,
    read: (name) => attempt(corrupt(path), () => readTensor(blob, content, tensorOrThrow(name))),
    place: (name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined || !isRowMajor(tensor.shape, tensor.strides)) return undefined;
      return { blob, offset: beginOf(tensor, content) };
    },
  };
}

function checkStorage(blob: RandomAccess, name: string, tensor: TorchTensor, content: TorchContent): void {
  const { storage } = tensor;
  const end = content.storageOffset(storage) + storage.count * ITEM_SIZE[storage.dtype];
  if (end > blob.size) throw new Error(`${name}: its storage ends beyond the file`);
  if (elementCount(tensor.shape) * ITEM_SIZE[tensor.dtype] > blob.size) {
    throw new Error(`${name}: the shape [${tensor.shape}] is larger than the file`);
  }
}

function zipContent(blob: RandomAccess): TorchContent {
  const entries = zipEntries(blob);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw new Error(`the zip has ${pickles.length} entries called data.pkl`);
  const root = (pickles[0] as string).slice(0, -"data.pkl".length);
  if (entries.has(`${root}constants.pkl`)) {
    throw new Error("it is a TorchScript archive; only plain checkpoints are read");
  }
  checkByteOrder(blob, entries.get(`${root}byteorder`));
  const pickle = entries.get(`${root}data.pkl`) as ZipEntry;
  if (pickle.size > MAX_PICKLE_BYTES) throw new Error(`its pickle claims ${pickle.size} bytes`);
  const start = storedOffset(blob, pickle);
  const parts = torchParts(
    readPickle(new ByteCursor(blob, start, start + pickle.size), torchRules(new Map())),
  );
  const offsets = new Map<string, number>();
  const storageOffset = (storage: TorchStorage): number => {
    const offset = offsets.get(storage.key) ??
      zipStorageOffset(blob, entries.get(`${root}data/${storage.key}`), storage);
    offsets.set(storage.key, offset);
    return offset;
  };
  return { parts, storageOffset };
}

function checkByteOrder(blob: RandomAccess, entry: ZipEntry | undefined): void {
  if (entry === undefined) return;
  const order = new TextDecoder().decode(
    readOrThrow(blob, storedOffset(blob, entry), Math.min(entry.size, 16)),
  );
  if (order.trim() !== "little") throw new Error(`its byte order is ${order.trim()}, only little is read`);
}

function zipStorageOffset(blob: RandomAccess, entry: ZipEntry | undefined, storage: TorchStorage): number {
  if (entry === undefined) throw new Error(`storage ${storage.key} is missing`);
  const needed = storage.count * ITEM_SIZE[storage.dtype];
  if (entry.size < needed) {
    throw new Error(`storage ${storage.key} claims ${needed} bytes, its entry has ${entry.size}`);
  }
  return storedOffset(blob, entry);
}

function legacyContent(blob: RandomAccess): TorchContent {
  const cursor = new ByteCursor(blob, LEGACY_MAGIC.length, Math.min(blob.size, MAX_PICKLE_BYTES));
  const protocol = readPickle(cursor, NAMES_ONLY);
  if (protocol !== LEGACY_PROTOCOL) throw new Error("its legacy protocol is unknown");
  checkSystem(readPickle(cursor, NAMES_ONLY));
  const storages = new Map<string, TorchStorage>();
  const parts = torchParts(readPickle(cursor, torchRules(storages)));
  const offsets = legacyOffsets(blob, cursor, storages);
  return {
    parts,
    storageOffset: ({ key }) => {
      const offset = offsets.get(key);
      if (offset === undefined) throw new Error(`storage ${key} is missing`);
      return offset;
    },
  };
}

function checkSystem(system: PickleValue): void {
  const entries = typeof system === "object" && system?.kind === "dict" ? system.entries : null;
  if (entries?.get("little_endian") !== true) throw new Error("it does not say that it is little-endian");
}

/** After the pickles: a list of keys, then for each an element count and the elements. */
function legacyOffsets(
  blob: RandomAccess,
  cursor: ByteCursor,
  storages: ReadonlyMap<string, TorchStorage>,
): ReadonlyMap<string, number> {
  const keys = readPickle(cursor, NAMES_ONLY);
  if (typeof keys !== "object" || keys?.kind !== "list") throw new Error("its list of storages is missing");
  const offsets = new Map<string, number>();
  let position = cursor.position;
  for (const key of keys.items) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) throw new Error(`it lists a storage ${String(key)} that no tensor uses`);
    const bytes = readOrThrow(blob, position, 8);
    const count = new DataView(bytes.buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.count)) {
      throw new Error(`storage ${storage.key} claims ${storage.count} elements, the file has ${count}`);
    }
    offsets.set(storage.key, position + 8);
    position += 8 + storage.count * ITEM_SIZE[storage.dtype];
  }
  return offsets;
}

const beginOf = ({ dtype, offset, storage }: TorchTensor, content: TorchContent): number =>
  content.storageOffset(storage) + offset * ITEM_SIZE[dtype];

function readTensor(blob: RandomAccess, content: TorchContent, tensor: TorchTensor): RawTensor {
  const { dtype, shape, strides } = tensor;
  if (elementCount(shape) === 0) return { dtype, shape, bytes: new Uint8Array(0) };
  const bytes = readOrThrow(blob, beginOf(tensor, content), viewSpan(shape, strides) * ITEM_SIZE[dtype]);
  return { dtype, shape, bytes: isRowMajor(shape, strides) ? bytes : gather(bytes, tensor) };
}

const isRowMajor = (shape: readonly number[], strides: readonly number[]): boolean => {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis] as number;
  }
  return true;
};

const WORDS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;

/** Copies a strided view, whose first element is the first of `bytes`, into row-major order. */
function gather(bytes: Uint8Array, { dtype, shape, strides }: TorchTensor): Uint8Array {
  const Words = WORDS[ITEM_SIZE[dtype] as keyof typeof WORDS];
  const source = new Words(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength / Words.BYTES_PER_ELEMENT,
  );
  const target = new Words(elementCount(shape));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const step = strides[axis] as number;
      from += step;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      from -= step * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return new Uint8Array(target.buffer);
}
