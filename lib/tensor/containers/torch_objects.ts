/**
 * What the pickle of a PyTorch checkpoint may contain: storages, strided views of them, and dictionaries.
 *
 * @module
 */
import { type Dtype, elementCount, type TensorInfo } from "./dtype.ts";
import type { PickleRules, PickleValue } from "./pickle.ts";

/** A flat run of elements in the file, shared by the tensors that view it. */
export interface TorchStorage {
  readonly key: string;
  readonly dtype: Dtype;
  /** Elements. */
  readonly count: number;
}

/** A strided view of a storage. */
export interface TorchTensor extends TensorInfo {
  readonly storage: TorchStorage;
  /** First element in the storage. */
  readonly offset: number;
  /** Step of each axis, in elements. */
  readonly strides: readonly number[];
}

/** The name under which a file that holds one bare tensor offers it. */
export const BARE_TENSOR = "tensor";

const STORAGE_DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ["torch.DoubleStorage", "F64"],
  ["torch.FloatStorage", "F32"],
  ["torch.HalfStorage", "F16"],
  ["torch.BFloat16Storage", "BF16"],
  ["torch.LongStorage", "I64"],
  ["torch.IntStorage", "I32"],
  ["torch.ShortStorage", "I16"],
  ["torch.CharStorage", "I8"],
  ["torch.ByteStorage", "U8"],
  ["torch.BoolStorage", "BOOL"],
]);

const MAX_RANK = 64;

type Constructor = (args: readonly PickleValue[]) => PickleValue;

const CONSTRUCTORS: ReadonlyMap<string, Constructor> = new Map<string, Constructor>([
  ["collections.OrderedDict", orderedDict],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_parameter", ([data]) => data ?? null],
  ["torch.Size", ([axes]) => axes ?? { kind: "tuple", items: [] }],
]);

/**
 * The rules under which the pickle of a checkpoint is read: exactly the names of this file.
 *
 * @param storages Receives every storage that the pickle mentions, by key.
 * @returns The rules, for one pickle.
 */
export function torchRules(storages: Map<string, TorchStorage>): PickleRules {
  return {
    allows: (global) => CONSTRUCTORS.has(global) || STORAGE_DTYPES.has(global),
    reduce: (global, args) => {
      const constructor = CONSTRUCTORS.get(global);
      if (constructor === undefined) throw new Error(`the pickle calls ${global}, which is not allowed`);
      return constructor(args);
    },
    persistent: (id) => {
      const storage = storageOf(id);
      const known = storages.get(storage.key) ?? storage;
      if (known.dtype !== storage.dtype || known.count !== storage.count) {
        throw new Error(`storage ${storage.key} is described in two ways`);
      }
      storages.set(storage.key, known);
      return { kind: "object", of: new StorageRecord(known) };
    },
  };
}

function orderedDict(args: readonly PickleValue[]): PickleValue {
  const entries = new Map<string | number, PickleValue>();
  for (const pair of itemsOf(args[0] ?? null)) {
    const [key, value] = itemsOf(pair);
    if (typeof key !== "string") throw new Error("an OrderedDict has a key that is no text");
    entries.set(key, value ?? null);
  }
  return { kind: "dict", entries };
}

const itemsOf = (value: PickleValue): readonly PickleValue[] =>
  typeof value === "object" && (value?.kind === "tuple" || value?.kind === "list") ? value.items : [];

const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const counts = (value: PickleValue | undefined, what: string): readonly number[] => {
  const items = itemsOf(value ?? null);
  if (items.length > MAX_RANK || !items.every(isCount)) throw new Error(`a tensor has a wrong ${what}`);
  return items;
};

function storageOf(id: PickleValue): TorchStorage {
  const [tag, global, key, , count, view] = itemsOf(id);
  const className = typeof global === "object" && global?.kind === "global" ? global.name : "";
  const dtype = STORAGE_DTYPES.get(className);
  if (tag !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(count)) {
    throw new Error("a persistent id does not name a storage");
  }
  if (view !== undefined && view !== null) throw new Error(`storage ${key} is a view of another storage`);
  return { key, dtype, count };
}

class StorageRecord {
  constructor(readonly storage: TorchStorage) {}
}

class TensorRecord {
  constructor(readonly tensor: TorchTensor) {}
}

function rebuildTensor(args: readonly PickleValue[]): PickleValue {
  const [source, offset, size, stride] = args;
  const record = typeof source === "object" && source?.kind === "object" ? source.of : null;
  if (!(record instanceof StorageRecord)) throw new Error("a tensor is built from what is no storage");
  const shape = counts(size, "shape");
  const strides = counts(stride, "stride");
  if (!isCount(offset) || shape.length !== strides.length) {
    throw new Error("a tensor has a wrong offset or stride");
  }
  const tensor = { dtype: record.storage.dtype, shape, strides, offset, storage: record.storage };
  checkBounds(tensor);
  return { kind: "object", of: new TensorRecord(tensor) };
}

function checkBounds({ shape, strides, offset, storage }: TorchTensor): void {
  const elements = elementCount(shape);
  if (!Number.isSafeInteger(elements)) throw new Error(`a tensor claims the shape [${shape}]`);
  const needed = elements === 0 ? offset : offset + viewSpan(shape, strides);
  if (needed > storage.count) {
    throw new Error(
      `a tensor [${shape}] with strides [${strides}] needs ${needed} elements, storage ${storage.key} has ${storage.count}`,
    );
  }
}

/**
 * Counts the elements between the first and the last of a view, both included.
 *
 * @param shape Lengths of the axes, none zero.
 * @param strides Their steps in elements.
 * @returns The span; equal to the element count if and only if the view is dense.
 */
export function viewSpan(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((span, length, axis) => span + (length - 1) * (strides[axis] as number), 1);
}

/**
 * Looks at a value of the pickle as a tensor.
 *
 * @returns The tensor; `null` if it is none.
 */
export function tensorOf(value: PickleValue): TorchTensor | null {
  return typeof value === "object" && value?.kind === "object" && value.of instanceof TensorRecord
    ? value.of.tensor
    : null;
}
