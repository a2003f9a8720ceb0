import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Device, DeviceBuffer } from "../../lib/tensor/webgpu_device.ts";
import { replaceReadSync, type WebGpuBackend } from "../../lib/tensor/webgpu_read.ts";

const VALUES = Float32Array.of(1.5, -2);

/** A backend with one tensor; `waits` says whether mapping is done when `mapAsync` returns. */
function fakeBackend({ waits = true }: { readonly waits?: boolean } = {}) {
  const events: string[] = [];
  const buffer = (name: string, content: ArrayBuffer): DeviceBuffer => ({
    size: content.byteLength,
    mapAsync: () => (events.push(`map ${name}`), Promise.resolve()),
    getMappedRange: () => {
      if (!waits) throw new DOMException("not mapped", "OperationError");
      return content;
    },
    unmap: () => events.push(`unmap ${name}`),
    destroy: () => events.push(`destroy ${name}`),
  });
  const limits = {
    maxBufferSize: 1024,
    maxStorageBufferBindingSize: 512,
    maxStorageBuffersPerShaderStage: 8,
  };
  const copy = new ArrayBuffer(8);
  const device = Object.assign(new EventTarget(), {
    limits,
    createBuffer: () => buffer("copy", copy),
  }) as Device;
  const record = { dtype: "float32" as const, resource: buffer("tensor", VALUES.buffer), values: null };
  const backend: WebGpuBackend = {
    device,
    commandEncoder: { copyBufferToBuffer: () => new Float32Array(copy).set(VALUES) },
    tensorMap: { get: () => record },
    ensureCommandEncoderReady: () => {},
    endComputePassEncoder: () => events.push("end pass"),
    submitQueue: () => events.push("submit"),
    readSync: () => assert.fail("the package's own way"),
  };
  replaceReadSync(backend);
  return { backend, device, events };
}

describe("replaceReadSync()", () => {
  it("copies after everything queued, frees the copy, and keeps the values", () => {
    const { backend, events } = fakeBackend();
    assert.deepEqual(backend.readSync({}), VALUES);
    assert.deepEqual(events, ["unmap copy", "end pass", "submit", "map copy", "destroy copy"]);
    assert.deepEqual(backend.readSync({}), VALUES);
    assert.equal(events.length, 5, "the second time nothing is copied");
  });

  it("throws what went wrong on the device instead of giving zeros", () => {
    const { backend, device } = fakeBackend();
    const error = new Error("\nshader is wrong\n  with a drawing of it");
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }));
    assert.throws(() => backend.readSync({}), {
      message: /^WebGPU: shader is wrong; choose device: [^\n]+$/,
    });
  });

  it("throws, and frees the copy, where mapping does not wait", () => {
    const { backend, events } = fakeBackend({ waits: false });
    assert.throws(() => backend.readSync({}), /this runtime can't read values at once: .*not mapped/);
    assert.equal(events.at(-1), "destroy copy");
  });

  it("is done once", () => {
    const { backend } = fakeBackend();
    const { readSync } = backend;
    replaceReadSync(backend);
    assert.equal(backend.readSync, readSync);
  });
});
