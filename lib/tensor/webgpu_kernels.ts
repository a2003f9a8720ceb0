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

/** Registers the replacements on the backend `webgpu`, once. */
export function replaceKernels(): void {
  const backend = "webgpu";
  replaceKernel<SumCall>({ kernel: "AddN", backend }, (original) => (call) => sumInParts(original, call));
  replaceKernel<CastCall>({ kernel: "Cast", backend }, (original) => (call) => castReally(original, call));
}
