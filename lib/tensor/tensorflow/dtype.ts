/**
 * TensorFlow's numbers for data types and attribute kinds, as TensorFlow.js's node kernels expect them on the binding.
 *
 * @module
 */

/** `TF_DataType`. */
export const DTYPES = {
  TF_FLOAT: 1,
  TF_INT32: 3,
  TF_UINT8: 4,
  TF_STRING: 7,
  TF_COMPLEX64: 8,
  TF_INT64: 9,
  TF_BOOL: 10,
  TF_RESOURCE: 20,
} as const;

/** `TF_AttrType`. */
export const ATTRIBUTE_TYPES = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
} as const;

/** Values of a tensor in memory. */
export type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/**
 * Views raw bytes as the values of a tensor.
 *
 * @param bytes The tensor's own copy.
 * @param dtype A `TF_DataType`.
 * @returns A view without a copy; unknown types are returned as bytes.
 */
export function viewValues(bytes: ArrayBuffer, dtype: number): Values {
  switch (dtype) {
    case DTYPES.TF_FLOAT:
    case DTYPES.TF_COMPLEX64:
      return new Float32Array(bytes);
    case DTYPES.TF_INT32:
      return new Int32Array(bytes);
    case DTYPES.TF_INT64:
      return new BigInt64Array(bytes);
    default:
      return new Uint8Array(bytes);
  }
}
