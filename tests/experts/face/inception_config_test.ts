import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import {
  INCEPTION_EXTRAS,
  inceptionConfig,
  inceptionParameters,
  inceptionSizes,
  initialInceptionArrays,
} from "../../../lib/experts/face/inception_config.ts";
import { listParameters } from "../../../lib/experts/shared/parameters.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { memoryWeights, rightOf } from "../shared/fixture_model.ts";

await useTestBackend();
const PUBLISHED = inceptionSizes({ multiplier: 1, repeats: [5, 10, 5], embedding: 512 });
const NANO = inceptionSizes({ multiplier: 1 / 32, repeats: [1, 1, 1], embedding: 4 });

describe("inceptionParameters()", () => {
  it("counts the published network's 602 tensors", () => {
    const places = listParameters(inceptionParameters(PUBLISHED));
    assert.equal(places.length, 716 - 112 - 2); // without counters and classifier
    const shapes = new Map(places.map((place) => [place.name, place.shape]));
    assert.equal(shapes.size, places.length);
    assert.deepEqual(shapes.get("repeat_2.9.branch1.1.conv.weight"), [128, 128, 1, 7]);
    assert.deepEqual(shapes.get("mixed_7a.branch2.2.conv.weight"), [256, 256, 3, 3]);
    assert.deepEqual(shapes.get("block8.conv2d.weight"), [1792, 384, 1, 1]);
    assert.deepEqual(shapes.get("last_linear.weight"), [512, 1792]);
  });
});

describe("inceptionConfig()", () => {
  it("reads the sizes back from the shapes, and the weights with them", () => {
    const arrays = initialInceptionArrays(keyFromSeed(1), NANO);
    const extra = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
    const source = memoryWeights(
      new Map([...arrays, ["logits.weight", extra], ["last_bn.num_batches_tracked", extra]]),
    );
    const config = rightOf(inceptionConfig(source));
    assert.deepEqual(config, NANO);
    const weights = rightOf(readWeights(source, inceptionParameters(config), { ignore: INCEPTION_EXTRAS }));
    disposeTree(weights as Tree);
  });
});
