import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../lib/core/key.ts";
import { readWeights } from "../../lib/experts/checkpoint.ts";
import { batchNormalise, calibrate, faceVectors, inceptionStages } from "../../lib/experts/inception.ts";
import {
  INCEPTION_EXTRAS,
  inceptionConfig,
  type InceptionOf,
  inceptionParameters,
  inceptionSizes,
  initialInceptionArrays,
} from "../../lib/experts/inception_config.ts";
import { listParameters, weightsFrom } from "../../lib/experts/parameters.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { assertGradientsEverywhere, assertNoLeak, memoryWeights, rightOf } from "./fixture_model.ts";

const backend = await useTestBackend();
const PUBLISHED = inceptionSizes({ multiplier: 1, repeats: [5, 10, 5], embedding: 512 });
const NANO = inceptionSizes({ multiplier: 1 / 32, repeats: [1, 1, 1], embedding: 4 });

const nanoWeights = (seed: number): InceptionOf<tf.Tensor> =>
  weightsFrom(inceptionParameters(NANO), initialInceptionArrays(keyFromSeed(seed), NANO));

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

describe("faceVectors()", () => {
  const pixels = tf.randomUniform([3, 80, 80, 3], -1, 1, "float32", 5);
  it("gives vectors of length 1", () => {
    const weights = nanoWeights(2);
    tf.tidy(() => {
      const vectors = faceVectors(weights, pixels);
      assert.deepEqual(vectors.shape, [3, 4]);
      assertClose(tf.sum(tf.square(vectors), 1).dataSync(), [1, 1, 1], 1e-5);
    });
    assertNoLeak(() => faceVectors(weights, pixels));
    disposeTree(weights as Tree);
  });
  const differentiable = backend === "wasm" ? it.skip : it; // wasm has no gradient of convolutions
  differentiable("with batch statistics gives every weight a gradient", () => {
    const weights = nanoWeights(2);
    const target = tf.randomUniform([3, 4], -1, 1, "float32", 6);
    const { stem, linear, norm } = weights;
    assertGradientsEverywhere(
      { stem: stem.map((conv) => conv.weight), linear, shift: norm.shift },
      (w) => {
        const changed = {
          ...weights,
          stem: stem.map((conv, index) => ({ ...conv, weight: w.stem[index] as tf.Tensor })),
          linear: w.linear,
          norm: { ...norm, shift: w.shift },
        };
        return tf.sum(tf.mul(faceVectors(changed, pixels, batchNormalise), target));
      },
    );
    disposeTree([weights as Tree, target]);
  });
});

describe("calibrate()", () => {
  it("makes the running statistics those of the batch", () => {
    const weights = nanoWeights(3);
    const pixels = tf.randomUniform([2, 80, 80, 3], -1, 1, "float32", 7);
    const calibrated = calibrate(weights, pixels);
    tf.tidy(() => {
      const trained = inceptionStages(weights, pixels, batchNormalise);
      const running = inceptionStages(calibrated, pixels);
      assertClose(running.last_linear.dataSync(), trained.last_linear.dataSync(), 1e-3);
      assertClose(running.embedding.dataSync(), trained.embedding.dataSync(), 1e-3);
    });
    disposeTree([weights as Tree, calibrated as Tree, pixels]);
  });
});
