/**
 * What this project calls of TensorFlow.js's node backend.
 *
 * @module
 */
import type { tf } from "../tf.ts";
import type { Attribute } from "./attributes.ts";

/** The methods of `NodeJSKernelBackend` that this project calls; two of them are private in its types. */
export interface NodeBackend {
  /** Takes values over as a new tensor's data; they reach TensorFlow when an op first needs them. */
  write: (values: ArrayBufferView, shape: number[], dtype: tf.DataType) => object;
  readonly getDTypeInteger: (dtype: tf.DataType) => number;
  readonly getInputTensorIds: (tensors: readonly tf.Tensor[]) => number[];
  readonly createOutputTensor: (
    metadata: { readonly id: number; readonly shape: readonly number[]; readonly dtype: number },
  ) => tf.Tensor;
  readonly executeMultipleOutputs: (
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    numOutputs: number,
  ) => tf.Tensor[];
}
