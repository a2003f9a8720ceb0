/**
 * The WebGPU backend on the runtime's own WebGPU.
 *
 * @module
 */
import { tf } from "./tf.ts";
import { replaceKernels } from "./webgpu_kernels.ts";
import { replaceReadSync, type WebGpuBackend } from "./webgpu_read.ts";

/** What this project reads of an adapter; declared here because not every runtime's types have it. */
interface Adapter {
  readonly info?: { readonly description?: string; readonly isFallbackAdapter?: boolean };
}

interface Gpu {
  readonly requestAdapter: (options: { powerPreference: string }) => Promise<Adapter | null>;
}

/** How WebGPU may be opened. */
export interface WebGpuOptions {
  /** Take an adapter that is a program on the CPU, too: correct, but slower than wasm. */
  readonly allowSoftware: boolean;
}

/** The adapter that computes. */
export interface OpenedAdapter {
  readonly description: string;
  readonly isSoftware: boolean;
}

/**
 * Loads the WebGPU backend and makes it the active one.
 *
 * @param options Whether a software adapter will do.
 * @returns The adapter; rejects if there is none, it computes wrongly, or values can't be read back at once.
 */
export async function openWebGpu(options: WebGpuOptions): Promise<OpenedAdapter> {
  const { gpu } = navigator as unknown as { readonly gpu?: Gpu };
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
  if (adapter === null) throw new Error("there is no adapter");
  const name = adapter.info?.description ?? "unnamed adapter";
  const isSoftware = adapter.info?.isFallbackAdapter === true;
  if (isSoftware && !options.allowSoftware) throw new Error(`the only adapter is software (${name})`);
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!await tf.setBackend("webgpu")) throw new Error("the backend could not be started");
  await tf.ready();
  replaceKernels();
  replaceReadSync(tf.backend() as unknown as WebGpuBackend);
  requireRightReads();
  return { description: isSoftware ? `${name}, software` : name, isSoftware };
}

/** Tensor code reads losses and tokens without waiting, and a driver may compute anything: one product is checked. */
function requireRightReads(): void {
  // Large enough that the backend doesn't compute it on the host.
  const product = tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.fill([64, 64], 0.5)));
  try {
    if (product.dataSync().some((value) => value !== 32)) {
      throw new Error("the adapter computes a wrong matrix product");
    }
  } finally {
    product.dispose();
  }
}
