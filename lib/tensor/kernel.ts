/**
 * Replacing single kernels of a TensorFlow.js backend.
 *
 * @module
 */
import { tf } from "./tf.ts";

/** What a kernel is called with. */
export interface KernelCall {
  readonly inputs: unknown;
  readonly attrs?: unknown;
  readonly backend: unknown;
}

/** A kernel with one result. */
export type Kernel<C extends KernelCall> = (call: C) => tf.TensorInfo;

/**
 * Makes a tensor that scopes know of from the result of a kernel that was called directly.
 *
 * @param info The kernel's result.
 * @returns The tensor; the present scope owns it.
 */
export function adopt(info: tf.TensorInfo): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(info);
}

/**
 * Puts another kernel in the place of a registered one, once; throws if there is none.
 *
 * @param name Kernel and backend.
 * @param make Makes the kernel from the one that was there.
 */
export function replaceKernel<C extends KernelCall>(
  name: { readonly kernel: string; readonly backend: string },
  make: (original: Kernel<C>) => Kernel<C>,
): void {
  const config = tf.getKernel(name.kernel, name.backend);
  if (config === undefined) throw new Error(`the backend has no kernel ${name.kernel}`);
  const original = config.kernelFunc as unknown as Kernel<C> & { isReplacement?: boolean };
  if (original.isReplacement === true) return;
  tf.unregisterKernel(name.kernel, name.backend);
  tf.registerKernel({
    ...config,
    kernelFunc: Object.assign(make(original), { isReplacement: true }) as unknown as tf.KernelFunc,
  });
}
