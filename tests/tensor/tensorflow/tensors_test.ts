import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DTYPES, viewValues } from "../../../lib/tensor/tensorflow/dtype.ts";
import { allocateNative } from "../../../lib/tensor/tensorflow/native.ts";
import { nativeForTest } from "../../support/tensorflow.ts";

const native = await nativeForTest();

describe("openTensors()", { skip: native === null }, () => {
  const tensors = () => {
    assert.ok(native);
    return native.binding.tensors;
  };

  it("returns the values, shape and type of every kind of tensor", () => {
    const cases = [
      { dtype: DTYPES.TF_FLOAT, values: Float32Array.of(1.5, -2, NaN, Infinity) },
      { dtype: DTYPES.TF_INT32, values: Int32Array.of(1, -2, 3, 4) },
      { dtype: DTYPES.TF_INT64, values: BigInt64Array.of(1n, -(2n ** 60n), 3n, 4n) },
      { dtype: DTYPES.TF_BOOL, values: Uint8Array.of(1, 0, 1, 1) },
      { dtype: DTYPES.TF_UINT8, values: Uint8Array.of(255, 0, 1, 7) },
    ];
    for (const { dtype, values } of cases) {
      const id = tensors().create([2, 2], dtype, values);
      assert.deepEqual(tensors().read(id), values);
      assert.deepEqual(tensors().describe(id), { id, shape: [2, 2], dtype });
      tensors().remove(id);
    }
  });

  it("copies: later changes of the array don't reach the tensor", () => {
    const values = Float32Array.of(1, 2);
    const id = tensors().create([2], DTYPES.TF_FLOAT, values);
    values[0] = 9;
    assert.deepEqual([...tensors().read(id)], [1, 2]);
    tensors().remove(id);
  });

  it("reads views into larger buffers, empty tensors and scalars", () => {
    const view = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
    const id = tensors().create([2], DTYPES.TF_FLOAT, view);
    const empty = tensors().create([0, 3], DTYPES.TF_FLOAT, new Float32Array(0));
    const scalar = tensors().create([], DTYPES.TF_INT32, Int32Array.of(5));
    assert.deepEqual([...tensors().read(id)], [1, 2]);
    assert.deepEqual([...tensors().read(empty)], []);
    assert.deepEqual(tensors().describe(empty).shape, [0, 3]);
    assert.deepEqual([...tensors().read(scalar)], [5]);
    [id, empty, scalar].forEach(tensors().remove);
  });

  it("counts, and refuses what is gone and what it can't hold", () => {
    const before = tensors().count();
    const id = tensors().create([1], DTYPES.TF_FLOAT, Float32Array.of(1));
    assert.equal(tensors().count(), before + 1);
    tensors().remove(id);
    assert.equal(tensors().count(), before);
    assert.throws(() => tensors().read(id), /was disposed or never made/);
    assert.throws(() => tensors().create([1], DTYPES.TF_STRING, Uint8Array.of(1)), /string tensors/);
  });

  it("lets a caller write a tensor's memory in place, and keeps nothing if that fails", () => {
    assert.ok(native);
    const tensor = allocateNative(native, { shape: [2, 2], dtype: "float32" }, (memory) => {
      new Float32Array(memory.buffer, memory.byteOffset, 4).set([1, 2, 3, 4]);
    });
    assert.deepEqual([...tensor.dataSync()], [1, 2, 3, 4]);
    tensor.dispose();
    const before = tensors().count();
    const abort = () => {
      throw new Error("disk");
    };
    assert.throws(() => allocateNative(native, { shape: [2], dtype: "int32" }, abort), /disk/);
    assert.equal(tensors().count(), before);
  });
});

describe("viewValues()", () => {
  it("returns bytes for types without an array of their own", () => {
    assert.deepEqual(viewValues(Uint8Array.of(1, 2).buffer, 14), Uint8Array.of(1, 2));
    assert.equal(viewValues(new ArrayBuffer(8), DTYPES.TF_COMPLEX64).length, 2);
  });
});
