import { describe, it } from "@std/testing/bdd";
import { type Blip2Config, blip2Config, blip2Parameters } from "../../../lib/experts/blip2/blip2_config.ts";
import { listParameters } from "../../../lib/experts/shared/parameters.ts";
import { elementCount } from "../../../lib/tensor/containers/dtype.ts";
import assert from "node:assert/strict";
import { fixtureWeights, rightOf } from "../shared/fixture_model.ts";

const VISION = { epsilon: 1e-6, activation: "gelu" } as const;
const QFORMER = { epsilon: 1e-12, activation: "gelu", crossFrequency: 2 } as const;
const PUBLISHED: Blip2Config = {
  vision: { ...VISION, heads: 16, width: 1408, layers: 39, mlpWidth: 6144, patchSize: 14, gridSide: 16 },
  qformer: {
    ...QFORMER,
    heads: 12,
    width: 768,
    layers: 12,
    mlpWidth: 3072,
    queries: 32,
    vocabularySize: 30523,
    positions: 512,
  },
  projection: 256,
};

describe("blip2Parameters()", () => {
  it("counts the published model's 809 tensors and 1,172,032,258 values", () => {
    const places = listParameters(blip2Parameters(PUBLISHED));
    assert.equal(places.length, 809);
    assert.equal(places.reduce((sum, { shape }) => sum + elementCount(shape), 0), 1_172_032_258);
  });
});

describe("blip2Config()", () => {
  it("reads the sizes from the shapes", () => {
    const options = { vision: { ...VISION, heads: 4 }, qformer: { ...QFORMER, heads: 5 } };
    assert.deepEqual(rightOf(blip2Config(fixtureWeights("experts/blip2/model.safetensors"), options)), {
      vision: { ...VISION, heads: 4, width: 24, layers: 2, mlpWidth: 40, patchSize: 14, gridSide: 2 },
      qformer: {
        ...QFORMER,
        heads: 5,
        width: 20,
        layers: 3,
        mlpWidth: 32,
        queries: 6,
        vocabularySize: 201,
        positions: 40,
      },
      projection: 16,
    });
  });
});
