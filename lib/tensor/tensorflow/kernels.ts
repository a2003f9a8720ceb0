/**
 * TensorFlow.js's own node kernels, loaded without the add-on that their package would compile.
 *
 * @module
 */
import util from "node:util";
import { tf } from "../tf.ts";
import type { Binding } from "./binding.ts";
import { replaceGather } from "./gather.ts";
import type { NodeBackend } from "./node_backend.ts";

/** Two functions that newer runtimes dropped from `node:util` and the kernels still call. */
function restoreOldUtil(): void {
  const old = util as unknown as Record<string, (value: unknown) => boolean>;
  old["isNullOrUndefined"] ??= (value) => value === null || value === undefined;
  old["isArray"] ??= Array.isArray;
}

/**
 * Registers the kernels and a backend named `tensorflow` on a binding, and makes it the active one.
 *
 * @param binding The opened library.
 */
export async function registerNodeBackend(binding: Binding): Promise<NodeBackend> {
  restoreOldUtil();
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  replaceGather();
  const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  const typed = binding as unknown as ConstructorParameters<typeof NodeJSKernelBackend>[0];
  const backend = new NodeJSKernelBackend(typed, "@tensorflow/tfjs-node-gpu");
  tf.registerBackend("tensorflow", () => backend as unknown as tf.KernelBackend, 3);
  await tf.setBackend("tensorflow");
  await tf.ready();
  return backend as unknown as NodeBackend;
}
