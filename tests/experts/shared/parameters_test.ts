import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  exportArrays,
  initialArrays,
  layerParameters,
  listParameters,
  normParameters,
  parameter,
  weightsFrom,
} from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, flatten } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend();

const schema = {
  table: parameter("z.table", [3, 2]),
  layers: [
    { dense: layerParameters("layer.0", [2, 4]), norm: normParameters("norm.0", 2) },
    { dense: layerParameters("layer.1", [2, 4], { bias: false }), norm: normParameters("norm.1", 2) },
  ],
};

describe("initialArrays()", () => {
  it("draws each tensor from its name alone, with the deviation of its kind", () => {
    const arrays = initialArrays(keyFromSeed(1), schema);
    assert.deepEqual([...arrays.keys()].sort(), [
      "layer.0.bias",
      "layer.0.weight",
      "layer.1.weight",
      "norm.0.bias",
      "norm.0.weight",
      "norm.1.bias",
      "norm.1.weight",
      "z.table",
    ]);
    const alone = initialArrays(keyFromSeed(1), { table: schema.table });
    assert.deepEqual(alone.get("z.table"), arrays.get("z.table"));
    assert.deepEqual([...arrays.get("norm.1.weight")?.data ?? []], [1, 1]);
    assert.deepEqual([...arrays.get("layer.0.bias")?.data ?? []], [0, 0]);
    const wide = initialArrays(keyFromSeed(2), layerParameters("w", [64, 100], { gain: 2 })).get("w.weight");
    const values = wide?.data ?? new Float32Array(0);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    assert.ok(Math.abs(deviation - Math.sqrt(2 / 100)) < 0.01, `${deviation}`);
  });
});

describe("weightsFrom() and exportArrays()", () => {
  it("are inverse, and list the tensors in the order of the tree", () => {
    const arrays = initialArrays(keyFromSeed(1), schema);
    const weights = weightsFrom(schema, arrays);
    assert.deepEqual(exportArrays(schema, weights), arrays);
    const shapes = flatten(weights).leaves.map((leaf) => leaf.shape);
    assert.deepEqual(shapes, listParameters(schema).map((place) => [...place.shape]));
    disposeTree(weights);
  });
  it("names a tensor that is missing", () => {
    assert.throws(
      () => weightsFrom(schema, new Map()),
      /tensor layer\.0\.bias is missing|tensor z\.table is missing/,
    );
    assert.ok(tf.memory().numTensors >= 0);
  });
});
