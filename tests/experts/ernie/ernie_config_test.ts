import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  type ErnieConfig,
  ernieConfig,
  ernieParameters,
  ernieSource,
  initialErnieArrays,
} from "../../../lib/experts/ernie/ernie_config.ts";
import { listParameters } from "../../../lib/experts/shared/parameters.ts";
import { elementCount } from "../../../lib/tensor/containers/dtype.ts";
import assert from "node:assert/strict";
import { memoryWeights, rightOf } from "../shared/fixture_model.ts";

const BASE: ErnieConfig = {
  heads: 12,
  epsilon: 1e-5,
  activation: "gelu",
  width: 768,
  layers: 12,
  mlpWidth: 3072,
  vocabularySize: 40000,
  positions: 2048,
  tokenTypes: 4,
  taskTypes: 3,
  hasPooler: true,
};

describe("ernieParameters()", () => {
  it("counts the tensors and values of the published models", () => {
    const size = (config: ErnieConfig) =>
      listParameters(ernieParameters(config)).reduce((sum, { shape }) => sum + elementCount(shape), 0) / 1e6;
    assert.equal(listParameters(ernieParameters(BASE)).length, 200);
    assert.equal(listParameters(ernieParameters({ ...BASE, taskTypes: 0 })).length, 199);
    assert.equal(size(BASE).toFixed(1), "117.9");
    assert.equal(size({ ...BASE, vocabularySize: 30522, positions: 512, taskTypes: 0 }).toFixed(1), "109.5");
    assert.equal(size({ ...BASE, width: 312, layers: 4, mlpWidth: 1248, taskTypes: 16 }).toFixed(1), "17.9");
  });
});

describe("ernieSource()", () => {
  it("understands prefixes and the old names of norms", () => {
    const config = { ...BASE, heads: 2, width: 4, layers: 1, mlpWidth: 3, vocabularySize: 5, positions: 6 };
    const arrays = initialErnieArrays(keyFromSeed(1), config);
    const published = new Map([...arrays].map(([name, array]) => {
      const old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
        "LayerNorm.bias",
        "LayerNorm.beta",
      );
      return [`ernie.${old}`, array];
    }));
    const source = ernieSource(memoryWeights(published));
    assert.deepEqual([...source.names].sort(), [...arrays.keys()].sort());
    assert.deepEqual(rightOf(ernieConfig(source, { ...config, useTaskId: true })), config);
    assert.equal(rightOf(ernieConfig(source, { ...config, useTaskId: false })).taskTypes, 0);
  });
});
