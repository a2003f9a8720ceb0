/**
 * The native backend, opened once per process.
 *
 * @module
 */
import { tf } from "../tf.ts";
import { keepFreedMemory } from "./allocator.ts";
import { type Binding, openBinding } from "./binding.ts";
import { registerNodeBackend } from "./kernels.ts";
import { compileCacheEnvironment } from "./compile_cache.ts";
import type { NodeBackend } from "./node_backend.ts";

/** The opened native backend. */
export interface Native {
  readonly backend: NodeBackend;
  readonly binding: Binding;
  readonly folder: string;
}

/** Environment variables that TensorFlow reads when it is loaded, unless the user has set them. */
const DEFAULT_ENVIRONMENT: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: "3",
  TF_ENABLE_ONEDNN_OPTS: "0",
};

/**
 * What XLA is told: on a GPU where a file of the CUDA compiler's package is, which the CUDA wheels put beside TensorFlow's
 * folder; on processors to let LLVM optimise less, which compiles sooner code that is as fast.
 */
function xlaEnvironment(folder: string): Readonly<Record<string, string>> {
  const compiler = `${folder}/../nvidia/cuda_nvcc`;
  const flag = hasFolder(compiler)
    ? `--xla_gpu_cuda_data_dir=${compiler}`
    : "--xla_backend_optimization_level=1";
  return { XLA_FLAGS: flag };
}

function hasFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function setMissing(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}

let opened: Native | null = null;

/**
 * Loads TensorFlow and makes it the active backend of TensorFlow.js. Later calls return the first one's backend.
 *
 * @param folder The folder of the libraries.
 * @param environment More variables to set before loading; those of the user win.
 * @returns The backend; rejects with the loader's message.
 */
export async function openNative(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Native> {
  if (opened === null) {
    setMissing({ ...DEFAULT_ENVIRONMENT, ...xlaEnvironment(folder), ...environment });
    setMissing(compileCacheEnvironment(folder));
    keepFreedMemory();
    const binding = openBinding(folder);
    opened = { backend: await registerNodeBackend(binding), binding, folder };
  }
  await tf.setBackend("tensorflow");
  return opened;
}

/**
 * Returns the native backend if it is open and active.
 *
 * @returns The backend or `null`.
 */
export function activeNative(): Native | null {
  return opened !== null && tf.getBackend() === "tensorflow" ? opened : null;
}

/**
 * Makes a float32 or int32 tensor whose memory is written in place: a checkpoint is read without a second copy.
 *
 * @param options.dtype `float32` or `int32`, four bytes each.
 * @param fill Writes all bytes, little-endian; throws to abort.
 */
export function allocateNative(
  { backend, binding }: Native,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: "float32" | "int32" },
  fill: (memory: Uint8Array<ArrayBuffer>) => void,
): tf.Tensor {
  const number = backend.getDTypeInteger(dtype);
  const byteLength = 4 * shape.reduce((product, length) => product * length, 1);
  const id = binding.tensors.allocate({ shape, dtype: number, byteLength }, fill);
  return backend.createOutputTensor({ id, shape, dtype: number });
}
