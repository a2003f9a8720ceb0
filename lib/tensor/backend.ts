/**
 * Choosing where tensors live: TensorFlow's own library, WebGPU, WebAssembly, plain JavaScript.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { HasLog, Log } from "../core/capability.ts";
import { messageOf, type PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { setCompiler } from "./jit.ts";
import { makeCompiler } from "./tensorflow/compiler.ts";
import { locateLibraries } from "./tensorflow/locate.ts";
import { activeNative, allocateNative, openNative } from "./tensorflow/native.ts";
import { tf } from "./tf.ts";
import { openWasm } from "./wasm.ts";
import { openWebGpu } from "./webgpu.ts";

/** A backend of TensorFlow.js that this project opens. */
export type BackendName = "tensorflow" | "webgpu" | "wasm" | "cpu";

/** The order in which `auto` tries them: fastest first. */
export const BACKEND_ORDER: readonly BackendName[] = ["tensorflow", "webgpu", "wasm", "cpu"];

/** Which backend to open, and how. */
export interface BackendOptions {
  /** One backend, or the first of {@link BACKEND_ORDER} that loads. */
  readonly device: "auto" | BackendName;
  /** The folder of TensorFlow's libraries, if not the one that `setup` filled. */
  readonly libraryFolder?: string | undefined;
  /** How jitted functions run on TensorFlow: compiled by XLA (the default), as recorded graphs, or op by op. */
  readonly compile?: "xla" | "graph" | "off" | undefined;
  /** Matrix products on NVIDIA GPUs: full float32 (the default), or TF32, faster with 10-bit mantissas. */
  readonly precision?: "float32" | "tf32" | undefined;
}

/** A backend that was tried and not taken. */
export interface Rejection {
  readonly name: BackendName;
  readonly reason: string;
}

/** The opened backend. */
export interface Backend {
  readonly name: BackendName;
  readonly description: string;
  readonly isGpu: boolean;
  readonly rejected: readonly Rejection[];
}

type Opened = Pick<Backend, "description" | "isGpu">;

const REMEDIES: Readonly<Record<BackendName, string>> = {
  tensorflow: "run `deno task setup`, or choose device: wasm",
  webgpu: "install a Vulkan driver (docs/backend.md), or choose device: tensorflow or wasm",
  wasm: "choose device: cpu",
  cpu: "choose device: auto",
};

/**
 * Opens a backend for this process and makes it the active one of TensorFlow.js and of `jit`.
 *
 * Prints one line: which backend runs, and why not the ones before it.
 *
 * @param options Which backend, and how.
 * @returns The backend. Left `BackendUnavailable` if the named one, or under `auto` every one, can't be opened.
 */
export function openBackend(options: BackendOptions): Stage<HasLog, Backend> {
  const candidates = options.device === "auto" ? BACKEND_ORDER : [options.device];
  return ({ log }) => async () => {
    const rejected: Rejection[] = [];
    for (const name of candidates) {
      try {
        const opened = await openers[name](options, log);
        const backend = { name, ...opened, rejected };
        log.info(describeBackend(backend));
        return E.right(backend);
      } catch (thrown) {
        rejected.push({ name, reason: messageOf(thrown) });
      }
    }
    return E.left(unavailable(options.device, rejected));
  };
}

/**
 * Describes the choice in one line.
 *
 * @param backend The opened backend.
 * @returns What runs, and why not the faster ones.
 *
 * @example
 * ```ts
 * import { describeBackend } from "./backend.ts";
 * import assert from "node:assert/strict";
 * const rejected = [{ name: "tensorflow", reason: "not installed" }] as const;
 * assert.equal(
 *   describeBackend({ name: "wasm", description: "wasm", isGpu: false, rejected }),
 *   "backend: wasm (not tensorflow: not installed)",
 * );
 * ```
 */
export function describeBackend(backend: Backend): string {
  const reasons = backend.rejected.map(({ name, reason }) => `not ${name}: ${reason}`).join("; ");
  return `backend: ${backend.description}${reasons === "" ? "" : ` (${reasons})`}`;
}

/**
 * Makes a float32 or int32 tensor whose bytes are written in place, without a second copy where the backend allows.
 *
 * @param options.dtype Both types have four bytes.
 * @param fill Writes all bytes, little-endian.
 */
export function tensorFromBytes(
  options: { readonly shape: readonly number[]; readonly dtype: "float32" | "int32" },
  fill: (memory: Uint8Array<ArrayBuffer>) => void,
): tf.Tensor {
  const native = activeNative();
  if (native !== null) return allocateNative(native, options, fill);
  const size = options.shape.reduce((product, length) => product * length, 1);
  const values = options.dtype === "float32" ? new Float32Array(size) : new Int32Array(size);
  fill(new Uint8Array(values.buffer));
  return tf.tensor(values, [...options.shape], options.dtype);
}

const openers: Readonly<Record<BackendName, (options: BackendOptions, log: Log) => Promise<Opened>>> = {
  tensorflow: openTensorFlow,
  webgpu: async (options) => {
    refuseBeside("tensorflow");
    compilerOwner = "webgpu";
    silenceCpuNotice();
    const { description, isSoftware } = await openWebGpu({ allowSoftware: options.device === "webgpu" });
    setCompiler(null);
    return { description: `webgpu on ${description}`, isGpu: !isSoftware };
  },
  wasm: async () => {
    await openWasm();
    setCompiler(null);
    return { description: "wasm", isGpu: false };
  },
  cpu: async () => {
    silenceCpuNotice();
    if (!await tf.setBackend("cpu")) throw new Error("the backend is not registered");
    setCompiler(null);
    return { description: "cpu (plain JavaScript)", isGpu: false };
  },
};

let compilerOwner: "tensorflow" | "webgpu" | null = null;

/**
 * Lets one of two into this process: graphics drivers may bring an LLVM of their own (Mesa's do), and XLA then crashes
 * in it.
 */
function refuseBeside(other: "tensorflow" | "webgpu"): void {
  if (compilerOwner === other) {
    throw new Error(`${other} was opened in this process before, and the two can't share one`);
  }
}

async function openTensorFlow(options: BackendOptions, log: Log): Promise<Opened> {
  const location = await locateLibraries(options.libraryFolder);
  if (typeof location === "string") throw new Error(location);
  refuseBeside("webgpu");
  const environment: Record<string, string> = options.precision === "tf32"
    ? {}
    : { NVIDIA_TF32_OVERRIDE: "0" };
  const { backend, binding } = await openNative(location.folder, environment);
  compilerOwner = "tensorflow";
  const compile = options.compile ?? "xla";
  setCompiler(
    compile === "off" ? null : makeCompiler(backend, binding, { xla: compile === "xla", warn: log.warn }),
  );
  silenceCpuNotice();
  const isGpu = binding.isUsingGpuDevice();
  const how = { xla: "XLA", graph: "graphs", off: "op by op" }[compile];
  return {
    description: `tensorflow ${binding.TF_Version} on ${
      isGpu ? "GPU" : "CPU"
    }, ${how}, from ${location.origin}`,
    isGpu,
  };
}

/** The JavaScript backend advertises the node package at its first use. */
function silenceCpuNotice(): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu !== null) cpu.firstUse = false;
}

function unavailable(device: BackendOptions["device"], rejected: readonly Rejection[]): PipelineError {
  const problem = rejected.length === 1
    ? rejected[0]?.reason ?? ""
    : rejected.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const remedy = device === "auto" ? "install the packages again with `deno install`" : REMEDIES[device];
  return { _tag: "BackendUnavailable", backend: device, problem, remedy };
}
