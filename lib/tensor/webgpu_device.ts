/**
 * Failures of a WebGPU device. WebGPU itself only tells of them by an event, later, and goes on with zeros.
 *
 * @module
 */

/** What this project uses of a device's buffer; declared here because not every runtime's types have it. */
export interface DeviceBuffer {
  readonly size: number;
  readonly mapAsync: (mode: number) => Promise<void>;
  readonly getMappedRange: () => ArrayBuffer;
  readonly unmap: () => void;
  readonly destroy: () => void;
}

/** What this project uses of a device. */
export interface Device extends EventTarget {
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxStorageBuffersPerShaderStage: number;
  };
  createBuffer: (
    options: { readonly size: number; readonly usage: number; readonly mappedAtCreation?: boolean },
  ) => DeviceBuffer;
}

const REMEDY = "choose device: tensorflow or wasm";

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/**
 * Lets a device throw when a tensor is larger than it can bind, and remember what else goes wrong.
 *
 * @param device The device; its `createBuffer` is replaced.
 * @returns A function that throws if something went wrong up to the last turn of the event loop.
 *
 * @example
 * ```ts
 * import { type Device, watchDevice } from "./webgpu_device.ts";
 * import assert from "node:assert/strict";
 * const limits = { maxBufferSize: 2 ** 21, maxStorageBufferBindingSize: 2 ** 20, maxStorageBuffersPerShaderStage: 8 };
 * const device = Object.assign(new EventTarget(), { limits, createBuffer: () => ({}) }) as unknown as Device;
 * const check = watchDevice(device);
 * check();
 * assert.throws(() => device.createBuffer({ size: 2 ** 22, usage: 0 }), /a tensor of 4 MiB; the adapter allows 1 MiB/);
 * device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error: new Error("out of memory") }));
 * assert.throws(check, /WebGPU: out of memory; choose device/);
 * ```
 */
export function watchDevice(device: Device): () => void {
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  const create = device.createBuffer.bind(device);
  device.createBuffer = (options) => {
    if (options.size <= most) return create(options);
    throw new Error(
      `WebGPU: a tensor of ${mebibytes(options.size)}; the adapter allows ${mebibytes(most)}; ${REMEDY}`,
    );
  };
  let failure: string | null = null;
  device.addEventListener("uncapturederror", (event) => {
    const message = (event as Event & { readonly error?: Error }).error?.message.trim() ?? "unknown error";
    failure ??= message.split("\n")[0] as string;
  });
  return () => {
    if (failure !== null) throw new Error(`WebGPU: ${failure}; ${REMEDY}`);
  };
}
