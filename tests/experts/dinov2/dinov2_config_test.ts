import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  type Dinov2Config,
  dinov2Config,
  dinov2Parameters,
  dinov2Source,
  initialDinov2Arrays,
} from "../../../lib/experts/dinov2/dinov2_config.ts";
import { type FloatArray, listParameters } from "../../../lib/experts/shared/parameters.ts";
import { elementCount } from "../../../lib/tensor/containers/dtype.ts";
import assert from "node:assert/strict";
import { memoryWeights, rightOf } from "../shared/fixture_model.ts";

const BASE: Dinov2Config = {
  heads: 12,
  epsilon: 1e-6,
  activation: "gelu",
  width: 768,
  layers: 12,
  mlpWidth: 3072,
  patchSize: 14,
  gridSide: 37,
  registers: 0,
  antialias: false,
};
const GIANT: Dinov2Config = {
  ...BASE,
  activation: "swiglu",
  heads: 24,
  width: 1536,
  layers: 40,
  mlpWidth: 4096,
};
const size = (config: Dinov2Config): number =>
  listParameters(dinov2Parameters(config)).reduce((sum, { shape }) => sum + elementCount(shape), 0);

describe("dinov2Parameters()", () => {
  it("counts the tensors and values of the published models, the mask token apart", () => {
    assert.equal(listParameters(dinov2Parameters(BASE)).length, 222);
    assert.equal(listParameters(dinov2Parameters({ ...BASE, registers: 4 })).length, 223);
    assert.equal((size(BASE) / 1e6).toFixed(2), "86.58");
    assert.equal((size(GIANT) / 1e6).toFixed(1), "1136.5");
  });
});

describe("dinov2Source()", () => {
  const config: Dinov2Config = {
    ...GIANT,
    heads: 2,
    width: 4,
    layers: 1,
    mlpWidth: 3,
    patchSize: 2,
    gridSide: 2,
  };
  const arrays = initialDinov2Arrays(keyFromSeed(1), config);
  const half = (array: FloatArray, part: 0 | 1): FloatArray => {
    const middle = array.data.length / 2;
    const [rows = 0, ...rest] = array.shape;
    return {
      ...array,
      shape: [rows / 2, ...rest],
      data: array.data.slice(part * middle, (part + 1) * middle),
    };
  };
  it("understands the names of recent releases and joins gate and value", () => {
    const recent = new Map([...arrays].flatMap(([name, array]): [string, FloatArray][] => {
      const renamed = `dinov2.${name}`
        .replace(/attention\.attention\.(query|key|value)/, (_, part: string) => `attention.${part[0]}_proj`)
        .replace("attention.output.dense", "attention.o_proj")
        .replace("weights_out", "down_proj");
      if (!renamed.includes("weights_in")) return [[renamed, array]];
      return [
        [renamed.replace("weights_in", "gate_proj"), half(array, 0)],
        [renamed.replace("weights_in", "up_proj"), half(array, 1)],
      ];
    }));
    const source = dinov2Source(memoryWeights(recent));
    assert.deepEqual([...source.names].sort(), [...arrays.keys()].sort());
    assert.deepEqual(rightOf(dinov2Config(source, { ...config, activation: "gelu" })), config);
    for (const [name, array] of arrays) {
      assert.deepEqual(rightOf(source.readFloat32(name)).data, array.data, name);
    }
  });
});
