import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  type Dtype,
  elementCount,
  float32ToBfloat16,
  isDtype,
  type NamedArray,
  sizeText,
  toArray,
  toBytes,
  toFloat32,
} from "../../../lib/tensor/containers/dtype.ts";

const raw = (dtype: Dtype, bytes: readonly number[], shape: readonly number[]) => ({
  dtype,
  shape,
  bytes: Uint8Array.from(bytes),
});

describe("toFloat32()", () => {
  it("reads known bytes of every dtype", () => {
    const cases: readonly (readonly [Dtype, readonly number[], number])[] = [
      ["F64", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
      ["F32", [0, 0, 0xc0, 0xbf], -1.5],
      ["F16", [0x00, 0xbe], -1.5],
      ["F16", [0x01, 0x00], 2 ** -24],
      ["BF16", [0xc0, 0xbf], -1.5],
      ["I64", [0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
      ["I32", [0xfe, 255, 255, 255], -2],
      ["I16", [0xfe, 255], -2],
      ["I8", [0xfe], -2],
      ["U8", [0xfe], 254],
      ["BOOL", [1], 1],
    ];
    for (const [dtype, bytes, value] of cases) {
      assert.deepEqual(toFloat32(raw(dtype, bytes, [1])), Float32Array.of(value), dtype);
    }
  });

  it("reads from an odd byte offset", () => {
    const bytes = Uint8Array.of(9, 0, 0, 0xc0, 0xbf).subarray(1);
    assert.deepEqual(toFloat32({ dtype: "F32", shape: [], bytes }), Float32Array.of(-1.5));
  });
});

describe("float32ToBfloat16()", () => {
  it("rounds to nearest even and keeps NaN and infinities", () => {
    const near = new Float32Array(Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0x7f800001).buffer);
    assert.deepEqual(float32ToBfloat16(near), Uint16Array.of(0x3f80, 0x3f82, 0x3f81, 0x7fc0));
    assert.deepEqual(float32ToBfloat16(Float32Array.of(-Infinity)), Uint16Array.of(0xff80));
  });

  it("is never further away than half a step", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) }), (value) => {
        const bits = float32ToBfloat16(Float32Array.of(value));
        const back = toFloat32({
          dtype: "BF16",
          shape: [1],
          bytes: new Uint8Array(bits.buffer),
        })[0] as number;
        assert(Math.abs(back - value) <= Math.abs(value) * 2 ** -8 + 2 ** -134);
      }),
    );
  });
});

describe("toBytes()", () => {
  it("is the inverse of toArray()", () => {
    const arrays: readonly NamedArray[] = [
      { dtype: "F64", shape: [2], data: Float64Array.of(1, 2) },
      { dtype: "F16", shape: [2], data: Float16Array.of(1, 2) },
      { dtype: "BF16", shape: [1, 2], data: Uint16Array.of(3, 4) },
      { dtype: "I64", shape: [], data: BigInt64Array.of(-5n) },
      { dtype: "I8", shape: [0], data: new Int8Array(0) },
      { dtype: "BOOL", shape: [3], data: Uint8Array.of(0, 1, 1) },
    ];
    for (const array of arrays) {
      assert.deepEqual(toArray({ dtype: array.dtype, shape: array.shape, bytes: toBytes(array) }), array);
    }
  });

  it("rounds floats to half precision", () => {
    const bytes = toBytes({ dtype: "F16", shape: [2], data: Float32Array.of(1 + 2 ** -12, 65536) });
    assert.deepEqual(toFloat32({ dtype: "F16", shape: [2], bytes }), Float32Array.of(1, Infinity));
  });

  it("refuses an array that fits neither shape nor dtype", () => {
    assert.throws(() => toBytes({ dtype: "F32", shape: [3], data: Float32Array.of(1) }), /needs 12 bytes/);
    assert.throws(() => toBytes({ dtype: "F32", shape: [1], data: Int32Array.of(1) }), /Int32Array/);
  });
});

describe("isDtype() and elementCount()", () => {
  it("know names and products", () => {
    assert.deepEqual(["F32", "f32", "toString", "F8_E4M3"].map(isDtype), [true, false, false, false]);
    assert.deepEqual([[], [0, 4], [2, 3]].map(elementCount), [1, 0, 6]);
  });
});

describe("sizeText()", () => {
  it("chooses the unit", () => {
    assert.deepEqual([66016, 4.7e6, 5.19e9].map(sizeText), ["66.0 kB", "4.7 MB", "5.2 GB"]);
  });
});
