import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ATTRIBUTE_TYPES, DTYPES } from "../../../lib/tensor/tensorflow/dtype.ts";
import { ATTRIBUTE_TENSOR, writeFunctionDef } from "../../../lib/tensor/tensorflow/function_def.ts";
import { readFields } from "../../../lib/tensor/tensorflow/protobuf.ts";
import { nativeForTest } from "../../support/tensorflow.ts";

const native = await nativeForTest();
const { TF_FLOAT } = DTYPES;
const type = ATTRIBUTE_TYPES.TF_ATTR_TYPE;
const two = { dtype: TF_FLOAT, shape: [], bytes: new Uint8Array(Float32Array.of(2).buffer) };
const DOUBLE = {
  name: "test_double",
  inputs: [{ name: "x", dtype: TF_FLOAT }],
  outputs: [{ name: "y", dtype: TF_FLOAT, source: "product:z:0" }],
  nodes: [
    {
      name: "two",
      op: "Const",
      inputs: [],
      attributes: [
        { name: "dtype", type, value: TF_FLOAT },
        { name: "value", type: ATTRIBUTE_TENSOR, value: two },
      ],
    },
    {
      name: "product",
      op: "Mul",
      inputs: ["x", "two:output:0"],
      attributes: [{ name: "T", type, value: TF_FLOAT }],
    },
  ],
  attributes: [],
};

describe("writeFunctionDef()", () => {
  it("writes signature, nodes, results and attributes in their fields", () => {
    const attributes = [{ name: "_XlaMustCompile", type: ATTRIBUTE_TYPES.TF_ATTR_BOOL, value: true }];
    const numbers = [...readFields(writeFunctionDef({ ...DOUBLE, attributes }))].map((field) => field.number);
    assert.deepEqual(numbers, [1, 3, 3, 4, 5]);
  });

  it("refuses attributes that it can't write", () => {
    for (const attribute of [{ name: "a", type: 55, value: 1 }, { name: "a", type: 0, value: ["x"] }]) {
      assert.throws(
        () => writeFunctionDef({ ...DOUBLE, attributes: [attribute] }),
        /attribute a: .* not supported/,
      );
    }
  });

  it("is understood by TensorFlow", { skip: native === null }, () => {
    assert.ok(native);
    const { session, executeOp, createTensor, tensorDataSync, deleteTensor } = native.binding;
    const bytes = writeFunctionDef(DOUBLE);
    session.symbols.TFE_ContextAddFunctionDef(session.context, bytes, BigInt(bytes.length), session.status);
    session.check();
    const x = createTensor([3], TF_FLOAT, Float32Array.of(1, 2, 3));
    const [y] = executeOp("test_double", [], [x], 1);
    assert.ok(y);
    assert.deepEqual([...tensorDataSync(y.id)], [2, 4, 6]);
    assert.deepEqual(y.shape, [3]);
    [x, y.id].forEach(deleteTensor);
  });
});
