/**
 * The table of tensor handles: TensorFlow.js knows tensors by number, TensorFlow by pointer.
 *
 * @module
 */
import { DTYPES, type Values, viewValues } from "./dtype.ts";
import { cString } from "./library.ts";
import type { Session } from "./session.ts";

/** A tensor as the kernels see it. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** Handles by number. Numbers are never reused. */
export interface TensorTable {
  /** Copies values into a new tensor. */
  readonly create: (shape: readonly number[], dtype: number, values: ArrayBufferView) => number;
  /** Makes a tensor whose memory `fill` writes: the way to read a file without a second copy. */
  readonly allocate: (
    options: { readonly shape: readonly number[]; readonly dtype: number; readonly byteLength: number },
    fill: (memory: Uint8Array<ArrayBuffer>) => void,
  ) => number;
  /** Takes over a handle that an op returned. */
  readonly adopt: (handle: Deno.PointerValue) => TensorMetadata;
  readonly handle: (id: number) => Deno.PointerValue;
  readonly describe: (id: number) => TensorMetadata;
  /** A copy of the values; waits for them. */
  readonly read: (id: number) => Values;
  readonly remove: (id: number) => void;
  readonly count: () => number;
}

/**
 * Opens an empty table.
 *
 * On a GPU new tensors are copied there, except int32, which TensorFlow wants on the host.
 *
 * @param session The context that owns the handles.
 */
export function openTensors(session: Session): TensorTable {
  const handles = new Map<number, Deno.PointerValue>();
  const gpu = session.devices.find((device) => device.type === "GPU");
  let next = 0;
  const keep = (handle: Deno.PointerValue): number => {
    handles.set(next, handle);
    return next++;
  };
  const handleOf = (id: number): Deno.PointerValue => {
    const handle = handles.get(id);
    if (handle === undefined) throw new Error(`tensor ${id} was disposed or never made`);
    return handle;
  };
  const allocate: TensorTable["allocate"] = (options, fill) => {
    const handle = newHandle(session, options, fill);
    return keep(
      gpu === undefined || options.dtype === DTYPES.TF_INT32 ? handle : moveTo(session, handle, gpu.name),
    );
  };
  return {
    allocate,
    create: (shape, dtype, values) => {
      if (dtype === DTYPES.TF_STRING) throw new Error("string tensors are not supported on this backend");
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      return allocate({ shape, dtype, byteLength: bytes.length }, (memory) => memory.set(bytes));
    },
    adopt: (handle) => describeHandle(session, handle, keep(handle)),
    handle: handleOf,
    describe: (id) => describeHandle(session, handleOf(id), id),
    read: (id) => readHandle(session, handleOf(id)),
    remove: (id) => {
      session.symbols.TFE_DeleteTensorHandle(handleOf(id));
      handles.delete(id);
    },
    count: () => handles.size,
  };
}

function newHandle(
  { symbols, status, check }: Session,
  options: { readonly shape: readonly number[]; readonly dtype: number; readonly byteLength: number },
  fill: (memory: Uint8Array<ArrayBuffer>) => void,
): Deno.PointerValue {
  const dimensions = BigInt64Array.from(options.shape, BigInt);
  const tensor = symbols.TF_AllocateTensor(
    options.dtype,
    dimensions,
    dimensions.length,
    BigInt(options.byteLength),
  );
  if (tensor === null) throw new Error(`no memory for a tensor of shape [${options.shape.join(", ")}]`);
  try {
    const data = symbols.TF_TensorData(tensor);
    if (options.byteLength > 0 && data !== null) {
      fill(new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, options.byteLength)));
    }
    const handle = symbols.TFE_NewTensorHandle(tensor, status);
    check();
    return handle;
  } finally {
    symbols.TF_DeleteTensor(tensor);
  }
}

function moveTo(session: Session, handle: Deno.PointerValue, device: string): Deno.PointerValue {
  const { symbols, context, status, check } = session;
  const moved = symbols.TFE_TensorHandleCopyToDevice(handle, context, cString(device), status);
  symbols.TFE_DeleteTensorHandle(handle);
  check();
  return moved;
}

function describeHandle(session: Session, handle: Deno.PointerValue, id: number): TensorMetadata {
  const { symbols, status } = session;
  const rank = symbols.TFE_TensorHandleNumDims(handle, status);
  const shape = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    shape[axis] = Number(symbols.TFE_TensorHandleDim(handle, axis, status));
  }
  return { id, shape, dtype: symbols.TFE_TensorHandleDataType(handle) };
}

function readHandle({ symbols, status, check }: Session, handle: Deno.PointerValue): Values {
  const dtype = symbols.TFE_TensorHandleDataType(handle);
  const tensor = symbols.TFE_TensorHandleResolve(handle, status);
  check();
  const byteLength = Number(symbols.TF_TensorByteSize(tensor));
  const data = symbols.TF_TensorData(tensor);
  const bytes = byteLength === 0 || data === null
    ? new ArrayBuffer(0)
    : Deno.UnsafePointerView.getArrayBuffer(data, byteLength).slice(0) as ArrayBuffer;
  symbols.TF_DeleteTensor(tensor);
  return viewValues(bytes, dtype);
}
