import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import { clipImageEmbedding, clipTextEmbedding, textEnds } from "../../../lib/experts/clip/clip.ts";
import {
  CLIP_EXTRAS,
  clipConfig,
  type ClipOf,
  clipParameters,
  initialClipArrays,
} from "../../../lib/experts/clip/clip_config.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readArrays, readJson, tensorOf } from "../../support/fixture.ts";
import {
  assertGradientsEverywhere,
  assertNoLeak,
  fixtureWeights,
  padded,
  rightOf,
  toNhwc,
} from "../shared/fixture_model.ts";

await useTestBackend();
const BLOCK = { heads: 4, epsilon: 1e-5, activation: "quick_gelu" } as const;

interface Cases {
  texts: { name: string; input_ids: number[] }[];
  images: { name: string }[];
  cosine_text_image: number[][];
  cosine_image_image: number[][];
}
const cases = readJson<Cases>("experts/clip/cases.json");
const expected = readArrays("experts/clip/expected.safetensors");
const source = fixtureWeights("experts/clip/model.safetensors");
const config = rightOf(clipConfig(source, { vision: BLOCK, text: BLOCK }));
const weights: ClipOf<tf.Tensor> = rightOf(
  readWeights(source, clipParameters(config), { ignore: CLIP_EXTRAS }),
);

function textVectors(rows: readonly (readonly number[])[], endOfText: number): tf.Tensor {
  const { ids } = padded(rows);
  const ends = tf.tensor(textEnds(ids.arraySync() as number[][], endOfText), ids.shape);
  return clipTextEmbedding(weights, { ids, ends }, config);
}
const imageVectors = (names: readonly string[]): tf.Tensor =>
  clipImageEmbedding(
    weights.vision,
    toNhwc(tf.concat(names.map((name) => tensorOf(expected, `${name}.pixel_values`)), 0)),
    config,
  );

describe("clipTextEmbedding()", () => {
  it("equals the reference for every text, alone and padded in a batch", () => {
    tf.tidy(() => {
      const together = textVectors(cases.texts.map((text) => text.input_ids), 2).arraySync() as number[][];
      cases.texts.forEach(({ name, input_ids }, row) => {
        const reference = expected.get(`${name}.embed`)?.data as Float32Array;
        assertClose(textVectors([input_ids], 2).dataSync(), reference, 1e-4);
        assertClose(together[row] ?? [], reference, 1e-4);
      });
    });
  });
});

describe("clipImageEmbedding()", () => {
  it("equals the reference embeddings and cosines on the stored pixels", () => {
    tf.tidy(() => {
      const names = cases.images.map((image) => image.name);
      const images = imageVectors(names) as tf.Tensor2D;
      const rows = images.arraySync() as number[][];
      names.forEach((name, row) =>
        assertClose(rows[row] ?? [], expected.get(`${name}.embed`)?.data as Float32Array, 1e-4)
      );
      const texts = textVectors(cases.texts.map((text) => text.input_ids), 643) as tf.Tensor2D;
      assertClose(tf.matMul(texts, images, false, true).dataSync(), cases.cosine_text_image.flat(), 1e-4);
      assertClose(tf.matMul(images, images, false, true).dataSync(), cases.cosine_image_image.flat(), 1e-4);
    });
  });
  it("leaks nothing", () => {
    const pixels = tf.zeros([1, 32, 32, 3]);
    assertNoLeak(() => clipImageEmbedding(weights.vision, pixels, config));
    pixels.dispose();
  });
});

describe("textEnds()", () => {
  it("takes the first end-of-text, or the first highest id where the config has the historical 2", () => {
    assert.deepEqual([...textEnds([[1, 5, 9, 9]], 9)], [0, 0, 1, 0]);
    assert.deepEqual([...textEnds([[1, 5, 9, 9]], 2)], [0, 0, 1, 0]);
    assert.deepEqual([...textEnds([[1, 9, 3, 0]], 3)], [0, 0, 1, 0]);
  });
});

describe("initialClipArrays()", () => {
  it("starts a model whose every weight has a gradient", () => {
    const tower = { ...BLOCK, heads: 2, width: 8, layers: 1, mlpWidth: 12 };
    const nano = {
      vision: { ...tower, patchSize: 8, gridSide: 2 },
      text: { ...tower, vocabularySize: 6, positions: 4 },
      projection: 5,
    };
    const start: ClipOf<tf.Tensor> = weightsFrom(
      clipParameters(nano),
      initialClipArrays(keyFromSeed(2), nano),
    );
    const pixels = tf.randomUniform([2, 16, 16, 3], -1, 1, "float32", 5);
    const { ids, mask } = padded([[1, 2, 3, 4], [4, 1, 0, 5]]);
    const ends = tf.tensor(textEnds([[1, 2, 3, 4], [4, 1, 0, 5]], 2), [2, 4]);
    const target = tf.randomUniform([2, 5], -1, 1, "float32", 6);
    assertGradientsEverywhere(start, (w) =>
      tf.add(
        tf.sum(tf.mul(clipImageEmbedding(w.vision, pixels, nano), target)),
        tf.sum(tf.mul(clipTextEmbedding(w, { ids, ends }, nano), target)),
      ));
    disposeTree([start as Tree, pixels, ids, mask, ends, target]);
  });
});
