import { describe, it } from "@std/testing/bdd";
import { type ClipConfig, clipConfig, clipParameters } from "../../../lib/experts/clip/clip_config.ts";
import { listParameters } from "../../../lib/experts/shared/parameters.ts";
import { elementCount } from "../../../lib/tensor/containers/dtype.ts";
import assert from "node:assert/strict";
import { fixtureWeights, rightOf } from "../shared/fixture_model.ts";

const BLOCK = { epsilon: 1e-5, activation: "quick_gelu" } as const;
const BASE: ClipConfig = {
  vision: { ...BLOCK, heads: 12, width: 768, layers: 12, mlpWidth: 3072, patchSize: 32, gridSide: 7 },
  text: { ...BLOCK, heads: 8, width: 512, layers: 12, mlpWidth: 2048, vocabularySize: 49408, positions: 77 },
  projection: 512,
};

describe("clipParameters()", () => {
  it("counts the values of the published model, the temperature apart", () => {
    const size = listParameters(clipParameters(BASE)).reduce(
      (sum, { shape }) => sum + elementCount(shape),
      0,
    );
    assert.equal((size / 1e6).toFixed(1), "151.3");
  });
});

describe("clipConfig()", () => {
  it("reads the sizes from the shapes", () => {
    const options = { vision: { ...BLOCK, heads: 4 }, text: { ...BLOCK, heads: 4 } };
    assert.deepEqual(rightOf(clipConfig(fixtureWeights("experts/clip/model.safetensors"), options)), {
      vision: { ...BLOCK, heads: 4, width: 24, layers: 2, mlpWidth: 48, patchSize: 8, gridSide: 4 },
      text: { ...BLOCK, heads: 4, width: 16, layers: 3, mlpWidth: 40, vocabularySize: 644, positions: 20 },
      projection: 16,
    });
  });
});
