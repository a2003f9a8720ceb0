/**
 * Element types of stored tensors, and the way from their bytes to numbers and back.
 *
 * Bytes are little-endian and row-major, as in every container read here and on every platform that Deno runs on.
 *
 * @module
 */

/** Element types that can be read, by the name that safetensors gives them. */
export type Dtype = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "I16" | "I8" | "U8" | "BOOL";

/** Bytes of one element. */
export const ITEM_SIZE: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** What a file says about a tensor. */
export interface TensorInfo {
  readonly dtype: Dtype;
  /** Lengths of the axes; `[]` is a scalar. */
  readonly shape: readonly number[];
}

/** A tensor as it lies in the file: row-major bytes in the stored dtype. */
export interface RawTensor extends TensorInfo {
  readonly bytes: Uint8Array;
}

/** The typed arrays that hold elements; bf16 has none and is kept as its 16 bits. */
export type ArrayData =
  | Float64Array
  | Float32Array
  | Float16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint16Array
  | Uint8Array;

/** A tensor as plain data, row-major. */
export interface NamedArray extends TensorInfo {
  /**
   * `Float32Array` for F32 and so on; BF16 as bits in a `Uint16Array`, BOOL as 0 and 1 in a `Uint8Array`. For writing,
   * F16 and BF16 also take a `Float32Array`, which is rounded to nearest even.
   */
  readonly data: ArrayData;
}

/** Type guard: whether a text names a dtype that can be read. */
export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(ITEM_SIZE, name);
}

/**
 * Counts the elements of a shape.
 *
 * @param shape Lengths of the axes.
 * @returns Their product; 1 for a scalar.
 */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * Writes a size for people.
 *
 * @returns It in kB, MB or GB (powers of 1000) with one decimal, `4.7 GB`.
 */
export function sizeText(bytes: number): string {
  const [unit, factor] = bytes >= 1e9
    ? ["GB", 1e9] as const
    : bytes >= 1e6
    ? ["MB", 1e6] as const
    : ["kB", 1e3] as const;
  return `${(bytes / factor).toFixed(1)} ${unit}`;
}

/** Bytes as a view of a wider element: the same memory if it is aligned, else a copy. */
const aligned = (bytes: Uint8Array, itemSize: number): [ArrayBufferLike, number, number] => {
  const source = bytes.byteOffset % itemSize === 0 ? bytes : bytes.slice();
  return [source.buffer, source.byteOffset, source.byteLength / itemSize];
};

/**
 * Views a stored tensor as a typed array; memory is shared where alignment allows.
 *
 * @param raw The stored tensor; `bytes` must hold as many elements as `shape` says.
 * @returns The same numbers; BF16 stays bits.
 */
export function toArray(raw: RawTensor): NamedArray {
  const view = aligned(raw.bytes, ITEM_SIZE[raw.dtype]);
  return { dtype: raw.dtype, shape: raw.shape, data: viewAs(raw.dtype, view) };
}

function viewAs(dtype: Dtype, view: [ArrayBufferLike, number, number]): ArrayData {
  switch (dtype) {
    case "F64":
      return new Float64Array(...view);
    case "F32":
      return new Float32Array(...view);
    case "F16":
      return new Float16Array(...view);
    case "BF16":
      return new Uint16Array(...view);
    case "I64":
      return new BigInt64Array(...view);
    case "I32":
      return new Int32Array(...view);
    case "I16":
      return new Int16Array(...view);
    case "I8":
      return new Int8Array(...view);
    case "U8":
    case "BOOL":
      return new Uint8Array(...view);
  }
}

/**
 * Converts a stored tensor to 32-bit floats; F32 shares memory where alignment allows.
 *
 * @param raw The stored tensor, of any dtype.
 * @returns `elementCount(raw.shape)` numbers; 64-bit values are rounded to nearest even.
 */
export function toFloat32(raw: RawTensor): Float32Array {
  const { data } = toArray(raw);
  if (data instanceof Float32Array) return data;
  if (raw.dtype === "BF16") return bfloat16ToFloat32(data as Uint16Array);
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  return new Float32Array(data);
}

function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) wide[index] = (bits[index] as number) << 16;
  return new Float32Array(wide.buffer);
}

/**
 * Rounds 32-bit floats to bf16 (to nearest even; NaN stays NaN).
 *
 * @returns Their upper 16 bits.
 */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const wide = new Uint32Array(
    ...aligned(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 4),
  );
  const bits = new Uint16Array(wide.length);
  for (let index = 0; index < wide.length; index++) {
    const word = wide[index] as number;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    bits[index] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return bits;
}

/**
 * The bytes of a tensor in its dtype.
 *
 * @returns Little-endian bytes, shared with `array.data` where nothing had to be rounded.
 * @throws RangeError if the array does not fit the dtype or the number of elements does not fit the shape.
 */
export function toBytes(array: NamedArray): Uint8Array {
  const data = stored(array);
  const size = elementCount(array.shape) * ITEM_SIZE[array.dtype];
  if (data.byteLength !== size) {
    throw new RangeError(
      `${array.dtype} [${array.shape}] needs ${size} bytes, the array has ${data.byteLength}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function stored({ dtype, data }: NamedArray): ArrayData {
  if (dtype === "F16" && data instanceof Float32Array) return new Float16Array(data);
  if (dtype === "BF16" && data instanceof Float32Array) return float32ToBfloat16(data);
  if (data.constructor === viewAs(dtype, [new ArrayBuffer(0), 0, 0]).constructor) return data;
  throw new RangeError(`${dtype} cannot be written from a ${data.constructor.name}`);
}
