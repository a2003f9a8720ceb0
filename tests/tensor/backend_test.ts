import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { type Backend, type BackendOptions, openBackend, tensorFromBytes } from "../../lib/tensor/backend.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { locateLibraries } from "../../lib/tensor/tensorflow/locate.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

const lines: string[] = [];
const log = { info: (line: string) => lines.push(line), warn: () => {}, progress: () => {} };
const open = (options: BackendOptions) => {
  lines.length = 0;
  return openBackend(options)({ log })();
};
const opened = async (options: BackendOptions): Promise<Backend> => {
  const outcome = await open(options);
  assert.ok(E.isRight(outcome));
  return outcome.right;
};
const hasNative = typeof await locateLibraries() !== "string";
const NOWHERE = "/nowhere/at/all";

describe("openBackend()", () => {
  for (const device of ["wasm", "cpu", ...hasNative ? ["tensorflow"] as const : []] as const) {
    it(`opens ${device}, computes on it and says so`, async () => {
      const backend = await opened({ device });
      assert.equal(backend.name, device);
      assert.equal(tf.getBackend(), device);
      assert.deepEqual(backend.rejected, []);
      assert.equal(lines.length, 1);
      assert.match(lines[0] as string, new RegExp(`^backend: ${device}`));
      const square = jit("square", (x: tf.Tensor) => tf.square(x));
      const x = tf.tensor1d([3]);
      const y = square(x);
      assert.equal(y.dataSync()[0], 9);
      disposeTree([x, y]);
    });

    it(`makes tensors from bytes on ${device}`, async () => {
      await opened({ device });
      const before = tf.memory().numTensors;
      const floats = tensorFromBytes({ shape: [2], dtype: "float32" }, (memory) => {
        new DataView(memory.buffer, memory.byteOffset).setFloat32(4, 1.5, true);
        new DataView(memory.buffer, memory.byteOffset).setFloat32(0, -2, true);
      });
      const integers = tensorFromBytes({ shape: [], dtype: "int32" }, (memory) => memory.set([1, 1, 0, 0]));
      assert.deepEqual([...floats.dataSync()], [-2, 1.5]);
      assert.deepEqual([...integers.dataSync()], [257]);
      assert.equal(integers.dtype, "int32");
      disposeTree([floats, integers]);
      assert.equal(tf.memory().numTensors, before);
    });
  }

  it("goes on under auto and says why not the faster ones", async () => {
    const backend = await opened({ device: "auto", libraryFolder: NOWHERE });
    assert.equal(backend.name, "wasm");
    assert.deepEqual(backend.rejected.map(({ name }) => name), ["tensorflow", "webgpu"]);
    assert.equal(lines.length, 1);
    assert.match(lines[0] as string, /not tensorflow: .*\/nowhere\/at\/all.*no TensorFlow libraries/);
  });

  it("fails with a remedy when the named backend can't be opened", async () => {
    const outcome = await open({ device: "tensorflow", libraryFolder: NOWHERE });
    assert.ok(E.isLeft(outcome) && outcome.left._tag === "BackendUnavailable");
    assert.match(outcome.left.problem, /nowhere/);
    assert.match(outcome.left.remedy, /deno task setup/);
    assert.deepEqual(lines, []);
  });

  it("keeps WebGPU out of a process that TensorFlow is in", { skip: !hasNative }, async () => {
    await opened({ device: "tensorflow" });
    const outcome = await open({ device: "webgpu" });
    assert.ok(E.isLeft(outcome) && outcome.left._tag === "BackendUnavailable");
    assert.match(outcome.left.problem, /tensorflow was opened in this process before/);
  });

  it("runs jitted functions alike in every mode", { skip: !hasNative }, async () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const values = Float32Array.from(x.dataSync());
    x.dispose();
    for (const compile of ["xla", "graph", "off"] as const) {
      await opened({ device: "tensorflow", compile });
      const f = jit("softmax", (t: tf.Tensor) => tf.softmax(tf.matMul(t, t)));
      const input = tf.tensor2d(values, [2, 2]);
      const outputs = [f(input), f(input)];
      for (const output of outputs) {
        [0.0474259, 0.9525741, 0.000911051, 0.9990889].forEach((expected, index) =>
          assert.ok(Math.abs((output.dataSync()[index] as number) - expected) < 1e-6)
        );
      }
      disposeTree([input, outputs]);
    }
  });
});
