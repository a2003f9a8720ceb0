import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  batchNormalise,
  calibrate,
  compiledFaceVectors,
  faceVectors,
  inceptionStages,
} from "../../../lib/experts/face/inception.ts";
import {
  type InceptionOf,
  inceptionParameters,
  inceptionSizes,
  initialInceptionArrays,
} from "../../../lib/experts/face/inception_config.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";
import { assertGradientsEverywhere, assertNoLeak } from "../shared/fixture_model.ts";

const backend = await useTestBackend();
const NANO = inceptionSizes({ multiplier: 1 / 32, repeats: [1, 1, 1], embedding: 4 });

const nanoWeights = (seed: number): InceptionOf<tf.Tensor> =>
  weightsFrom(inceptionParameters(NANO), initialInceptionArrays(keyFromSeed(seed), NANO));

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

describe("compiledFaceVectors()", () => {
  it("gives the same vectors part by part, and leaves nothing behind", () => {
    const weights = nanoWeights(4);
    const pixels = tf.randomUniform([2, 80, 80, 3], -1, 1, "float32", 8);
    const compiled = compiledFaceVectors();
    tf.tidy(() => {
      assertClose(compiled(weights, pixels).dataSync(), faceVectors(weights, pixels).dataSync(), 1e-5);
    });
    assertNoLeak(() => compiled(weights, pixels));
    disposeTree([weights as Tree, pixels]);
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
