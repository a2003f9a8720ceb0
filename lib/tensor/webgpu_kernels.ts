/**
 * Kernels of the WebGPU package that go wrong in this project, and what takes their place.
 *
 * @module
 */
import { adopt, type Kernel, replaceKernel } from "./kernel.ts";
import { tf } from "./tf.ts";
import type { Device } from "./webgpu_device.ts";

interface SumCall {
  readonly inputs: readonly tf.TensorInfo[];
  readonly backend: unknown;
}

interface CastCall {
  readonly inputs: { readonly x: tf.TensorInfo };
  readonly attrs: { readonly dtype: tf.DataType };
  readonly backend: unknown;
}

interface SegmentCall {
  readonly inputs: { readonly x: tf.TensorInfo; readonly segmentIds: tf.TensorInfo };
  readonly attrs: { readonly numSegments: number };
  readonly backend: unknown;
}

interface ProductCall {
  readonly inputs: { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo };
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly backend: unknown;
}

/** Entries of the largest indicator matrix: 64 MiB. */
const MOST_INDICATORS = 2 ** 24;
/** From this length on the package divides a sum among threads. */
const LONG_SUM = 2000;
/** The package's flag, and its values: by the shapes (the default), or tiles whose sums are not divided. */
const PRODUCT_PROGRAM = "WEBGPU_MATMUL_PROGRAM_TYPE";
const BY_SHAPE = -1;
const PACKED = 3;

/**
 * `AddN` binds every term at once, and a device allows few: eight buffers with the result. A norm over all gradients has
 * hundreds of terms.
 */
function sumInParts(original: Kernel<SumCall>, { inputs, backend }: SumCall): tf.TensorInfo {
  const atOnce = (backend as { readonly device: Device }).device.limits.maxStorageBuffersPerShaderStage - 1;
  if (inputs.length <= atOnce) return original({ inputs, backend });
  return tf.tidy(() => {
    let terms = inputs;
    while (terms.length > 1) {
      const parts = Array.from(
        { length: Math.ceil(terms.length / atOnce) },
        (_, part) => terms.slice(part * atOnce, (part + 1) * atOnce),
      );
      terms = parts.map((part) => adopt(original({ inputs: part, backend })));
    }
    return terms[0] as tf.Tensor;
  });
}

/**
 * `Cast` from whole numbers to float32 leaves them as they are; shaders that copy, such as a transposition, then don't
 * compile. A product with 1 converts.
 */
function castReally(original: Kernel<CastCall>, call: CastCall): tf.TensorInfo {
  const { inputs: { x }, attrs: { dtype }, backend } = call;
  if (dtype !== "float32" || (x.dtype !== "int32" && x.dtype !== "bool")) return original(call);
  return tf.tidy(() => {
    const multiply = tf.getKernel("Multiply", "webgpu")?.kernelFunc as unknown as Kernel<
      { inputs: { a: tf.TensorInfo; b: tf.TensorInfo }; backend: unknown }
    >;
    return adopt(multiply({ inputs: { a: x, b: tf.scalar(1) }, backend }));
  });
}

/**
 * `UnsortedSegmentSum` adds in whatever order threads come, so that the same run has other bits again. A product with
 * the indicator of the segments has one order; it is too large only for the tables of published models.
 */
function sumInOrder(original: Kernel<SegmentCall>, call: SegmentCall): tf.TensorInfo {
  const { inputs: { x, segmentIds }, attrs: { numSegments } } = call;
  const [rows, ...rest] = x.shape as [number, ...number[]];
  if (rows === 0 || rows * numSegments > MOST_INDICATORS) return original(call);
  return tf.tidy(() => {
    const indicator = tf.oneHot(segmentIds as tf.Tensor1D, numSegments, 1, 0, "float32") as tf.Tensor2D;
    const sums = tf.matMul(indicator, tf.reshape(x as tf.Tensor, [rows, -1]) as tf.Tensor2D, true, false);
    return tf.reshape(sums, [numSegments, ...rest]);
  });
}

/** `BatchMatMul` divides long sums among threads that also add in any order, unless told which program to use. */
function multiplyInOrder(original: Kernel<ProductCall>, call: ProductCall): tf.TensorInfo {
  const { inputs: { a }, attrs: { transposeA } } = call;
  if ((a.shape.at(transposeA ? -2 : -1) as number) < LONG_SUM) return original(call);
  tf.env().set(PRODUCT_PROGRAM, PACKED);
  try {
    return original(call);
  } finally {
    tf.env().set(PRODUCT_PROGRAM, BY_SHAPE);
  }
}

/** Registers the replacements on the backend `webgpu`, once. */
export function replaceKernels(): void {
  const backend = "webgpu";
  replaceKernel<SegmentCall>(
    { kernel: "UnsortedSegmentSum", backend },
    (original) => (call) => sumInOrder(original, call),
  );
  replaceKernel<ProductCall>(
    { kernel: "BatchMatMul", backend },
    (original) => (call) => multiplyInOrder(original, call),
  );
  replaceKernel<SumCall>({ kernel: "AddN", backend }, (original) => (call) => sumInParts(original, call));
  replaceKernel<CastCall>({ kernel: "Cast", backend }, (original) => (call) => castReally(original, call));
}
