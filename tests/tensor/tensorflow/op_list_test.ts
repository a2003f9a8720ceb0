import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { opListBytes, readOpList } from "../../../lib/tensor/tensorflow/op_list.ts";
import { bytesField, concatBytes } from "../../../lib/tensor/tensorflow/protobuf.ts";
import { nativeForTest } from "../../support/tensorflow.ts";

const native = await nativeForTest();

describe("readOpList()", () => {
  it("reads names, output names and the types that inputs fix, up to a list", () => {
    const op = (name: string, outputs: string[]) =>
      bytesField(1, [
        bytesField(1, name),
        bytesField(2, [bytesField(1, "x"), bytesField(4, "T")]),
        bytesField(2, bytesField(1, "sizes")),
        bytesField(2, [bytesField(1, "list"), bytesField(4, "T"), bytesField(5, "N")]),
        ...outputs.map((output) => bytesField(3, [bytesField(2, "doc"), bytesField(1, output)])),
      ]);
    const list = readOpList(
      concatBytes([op("Add", ["z"]), op("NoOp", []), op("TopKV2", ["values", "indices"])]),
    );
    const inputTypes = ["T", ""];
    assert.deepEqual([...list], [
      ["Add", { outputs: ["z"], inputTypes }],
      ["NoOp", { outputs: [], inputTypes }],
      ["TopKV2", { outputs: ["values", "indices"], inputTypes }],
    ]);
  });

  it("knows the ops of the library", { skip: native === null }, () => {
    assert.ok(native);
    const list = readOpList(opListBytes(native.binding.session));
    assert.ok(list.size > 1000);
    assert.deepEqual(list.get("MatMul"), { outputs: ["product"], inputTypes: ["T", "T"] });
    assert.deepEqual(list.get("FusedBatchNormV3")?.outputs.slice(0, 3), [
      "y",
      "batch_mean",
      "batch_variance",
    ]);
  });
});
