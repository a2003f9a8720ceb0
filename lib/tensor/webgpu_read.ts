/**
 * Reading values from WebGPU without waiting for the event loop.
 *
 * The package's own way goes through a 2D canvas, which Deno does not have. Deno's `mapAsync` polls the device until the
 * copy is done before it returns its promise, so that the memory can be read at once. `getMappedRange` of Deno 2.9 wants
 * a buffer that was mapped before, hence `mappedAtCreation`; where `mapAsync` doesn't wait, it throws.
 *
 * @module
 */
import { messageOf } from "../core/error.ts";
import { tf } from "./tf.ts";
import { type Device, type DeviceBuffer, watchDevice } from "./webgpu_device.ts";

interface Encoder {
  readonly copyBufferToBuffer: (
    ...call: [from: DeviceBuffer, at: number, to: DeviceBuffer, start: number, size: number]
  ) => void;
}

interface TensorRecord {
  readonly dtype: tf.DataType;
  readonly resource?: DeviceBuffer | null;
  values?: tf.BackendValues | null;
}

/** What this project uses of the package's backend. */
export interface WebGpuBackend {
  readonly device: Device;
  readonly commandEncoder: Encoder;
  readonly tensorMap: { readonly get: (dataId: object) => TensorRecord };
  readonly ensureCommandEncoderReady: () => void;
  readonly endComputePassEncoder: () => void;
  readonly submitQueue: () => void;
  readSync: (dataId: object) => tf.BackendValues;
}

/** Bits of the WebGPU specification: `GPUBufferUsage.MAP_READ | COPY_DST`, `GPUMapMode.READ`. */
const MAP_READ_AND_COPY_DST = 0x0001 | 0x0008;
const MODE_READ = 0x0001;

/** Copies a buffer's bytes from the device, after everything that was queued before; throws where mapping doesn't wait. */
function copyBack(backend: WebGpuBackend, buffer: DeviceBuffer): ArrayBuffer {
  const { size } = buffer;
  const staging = backend.device.createBuffer({ size, usage: MAP_READ_AND_COPY_DST, mappedAtCreation: true });
  staging.unmap();
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  backend.submitQueue();
  try {
    // The promise settles when the buffer is gone; a failure shows in the next line.
    staging.mapAsync(MODE_READ).catch(() => {});
    return staging.getMappedRange().slice(0);
  } catch (thrown) {
    throw new Error(`WebGPU: this runtime can't read values at once: ${messageOf(thrown)}`);
  } finally {
    staging.destroy();
  }
}

/**
 * Lets a WebGPU backend read values at once, and throw then if something went wrong on the device before.
 *
 * @param backend The package's backend; its `readSync` is replaced, once.
 */
export function replaceReadSync(backend: WebGpuBackend & { readsAtOnce?: boolean }): void {
  if (backend.readsAtOnce === true) return;
  backend.readsAtOnce = true;
  const throwFailure = watchDevice(backend.device);
  backend.readSync = (dataId) => {
    const record = backend.tensorMap.get(dataId);
    if (record.values === null || record.values === undefined) {
      const bytes = copyBack(backend, record.resource as DeviceBuffer);
      throwFailure();
      record.values = tf.util.convertBackendValuesAndArrayBuffer(bytes, record.dtype);
    }
    return record.values;
  };
}
