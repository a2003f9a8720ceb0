/**
 * A replacement for one of the package's kernels: its `GatherV2` reads the indices back to JavaScript to check them,
 * which costs a copy per call and can't be part of a compiled function. TensorFlow checks them itself; XLA clamps them.
 *
 * @module
 */
import { tf } from "../tf.ts";
import { ATTRIBUTE_TYPES, DTYPES } from "./dtype.ts";
import type { NodeBackend } from "./node_backend.ts";

interface GatherCall {
  readonly inputs: { readonly x: tf.Tensor; readonly indices: tf.Tensor };
  readonly attrs: { readonly axis: number; readonly batchDims: number };
  readonly backend: NodeBackend;
}

function gather({ inputs: { x, indices }, attrs: { axis, batchDims }, backend }: GatherCall): tf.Tensor {
  tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
  const axisTensor = tf.scalar(axis, "int32");
  const type = ATTRIBUTE_TYPES.TF_ATTR_TYPE;
  const attributes = [
    { name: "batch_dims", type: ATTRIBUTE_TYPES.TF_ATTR_INT, value: batchDims },
    { name: "Tparams", type, value: backend.getDTypeInteger(x.dtype) },
    { name: "Tindices", type, value: backend.getDTypeInteger(indices.dtype) },
    { name: "Taxis", type, value: DTYPES.TF_INT32 },
  ];
  const [rows] = backend.executeMultipleOutputs("GatherV2", attributes, [x, indices, axisTensor], 1);
  axisTensor.dispose();
  return rows as tf.Tensor;
}

/** Registers the replacement on the backend `tensorflow`. */
export function replaceGather(): void {
  if (tf.getKernel("GatherV2", "tensorflow") !== undefined) tf.unregisterKernel("GatherV2", "tensorflow");
  tf.registerKernel({
    kernelName: "GatherV2",
    backendName: "tensorflow",
    kernelFunc: (call) => gather(call as unknown as GatherCall),
  });
}
