import { describe, it } from "@std/testing/bdd";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import { dinov2Embed, dinov2Hidden } from "../../../lib/experts/dinov2/dinov2.ts";
import {
  DINOV2_EXTRAS,
  dinov2Config,
  type Dinov2Of,
  dinov2Parameters,
  dinov2Source,
  initialDinov2Arrays,
} from "../../../lib/experts/dinov2/dinov2_config.ts";
import { exportArrays, weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readArrays, readJson, tensorOf } from "../../support/fixture.ts";
import {
  assertGradientsEverywhere,
  assertNoLeak,
  fixtureWeights,
  rightOf,
  toNhwc,
} from "../shared/fixture_model.ts";

await useTestBackend();
const BLOCK = { heads: 4, epsilon: 1e-6, activation: "gelu" } as const;

function open(folder: string) {
  const source = dinov2Source(fixtureWeights(`experts/${folder}/model.safetensors`));
  const config = rightOf(dinov2Config(source, BLOCK));
  const weights: Dinov2Of<tf.Tensor> = rightOf(
    readWeights(source, dinov2Parameters(config), { ignore: DINOV2_EXTRAS }),
  );
  return { config, weights, arrays: readArrays(`experts/${folder}/expected.safetensors`) };
}

const plainPixels = readArrays("experts/dinov2/expected.safetensors");

describe("dinov2Hidden()", () => {
  for (const folder of ["dinov2", "dinov2-registers", "dinov2-swiglu"]) {
    const { cases } = readJson<{ cases: { name: string }[] }>(`experts/${folder}/cases.json`);
    it(`equals the reference on the stored pixels of ${folder}`, () => {
      const { config, weights, arrays } = open(folder);
      let compared = 0;
      for (const { name } of cases) {
        const pixels = [arrays, plainPixels].find((from) => from.has(`${name}.pixel_values`));
        if (pixels === undefined) continue;
        tf.tidy(() => {
          const hidden = dinov2Hidden(weights, toNhwc(tensorOf(pixels, `${name}.pixel_values`)), config);
          const patches = tf.slice(hidden, [0, 1 + config.registers, 0], [-1, -1, -1]);
          const quantities: Record<string, tf.Tensor> = {
            cls: tf.slice(hidden, [0, 0, 0], [1, 1, -1]),
            patch_mean: tf.mean(patches, 1),
            last_hidden_state: hidden,
            embeddings: dinov2Embed(weights, toNhwc(tensorOf(pixels, `${name}.pixel_values`)), config),
          };
          for (const [field, found] of Object.entries(quantities)) {
            const expected = arrays.get(`${name}.${field}`);
            if (expected === undefined) continue;
            assertClose(found.dataSync(), expected.data as Float32Array, 1e-4);
            compared++;
          }
        });
      }
      disposeTree(weights as Tree);
      assert.ok(compared >= 9, `${compared} quantities`);
    });
  }
});

const NANO = {
  ...BLOCK,
  heads: 2,
  width: 8,
  layers: 2,
  mlpWidth: 12,
  patchSize: 8,
  gridSide: 2,
  registers: 2,
  antialias: true,
};

describe("initialDinov2Arrays()", () => {
  it("exports exactly what it started from, whatever the key", () => {
    const arrays = initialDinov2Arrays(keyFromSeed(3), NANO);
    const schema = dinov2Parameters(NANO);
    const weights: Dinov2Of<tf.Tensor> = weightsFrom(schema, arrays);
    assert.deepEqual(exportArrays(schema, weights), arrays);
    assert.notDeepEqual(initialDinov2Arrays(keyFromSeed(4), NANO), arrays);
    disposeTree(weights as Tree);
  });
  it("gives every weight a gradient that is not zero", () => {
    const weights: Dinov2Of<tf.Tensor> = weightsFrom(
      dinov2Parameters(NANO),
      initialDinov2Arrays(keyFromSeed(3), NANO),
    );
    const pixels = tf.randomUniform([2, 24, 16, 3], -1, 1, "float32", 5);
    const target = tf.randomUniform([2, 9, 8], -1, 1, "float32", 6);
    assertGradientsEverywhere(weights, (w) => tf.sum(tf.mul(dinov2Hidden(w, pixels, NANO), target)));
    disposeTree([weights as Tree, pixels, target]);
  });
  it("leaks nothing", () => {
    const weights: Dinov2Of<tf.Tensor> = weightsFrom(
      dinov2Parameters(NANO),
      initialDinov2Arrays(keyFromSeed(3), NANO),
    );
    const pixels = tf.zeros([1, 16, 16, 3]);
    assertNoLeak(() => dinov2Hidden(weights, pixels, NANO));
    disposeTree([weights as Tree, pixels]);
  });
});
