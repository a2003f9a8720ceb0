import { describe, it } from "@std/testing/bdd";
import { type RgbImage, solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  type Blip2Config,
  type Blip2Of,
  blip2Parameters,
  initialBlip2Arrays,
} from "../../../lib/experts/blip2/blip2_config.ts";
import { blip2Settings, loadBlip2 } from "../../../lib/experts/blip2/blip2_load.ts";
import { blip2VisionHidden } from "../../../lib/experts/blip2/blip2_vision.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import {
  contrastiveSimilarity,
  matchLogits,
  queryEmbeddings,
  textEmbeddings,
} from "../../../lib/experts/blip2/qformer.ts";
import { embed } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { assertClose } from "../../support/fixture.ts";
import { padded } from "../shared/fixture_model.ts";
import { disk, useGraphBackend, withModelFolder } from "../shared/model_on_disk.ts";

await useGraphBackend();

const NANO: Blip2Config = {
  vision: {
    heads: 2,
    epsilon: 1e-6,
    activation: "gelu",
    width: 8,
    layers: 2,
    mlpWidth: 12,
    patchSize: 8,
    gridSide: 2,
  },
  qformer: {
    heads: 2,
    epsilon: 1e-12,
    activation: "gelu",
    width: 6,
    layers: 2,
    mlpWidth: 10,
    crossFrequency: 2,
    queries: 3,
    vocabularySize: 9,
    positions: 16,
  },
  projection: 5,
};
const arrays = initialBlip2Arrays(keyFromSeed(5), NANO);
const vocab = Object.fromEntries(
  ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "hat", "a", "dog"].map((t, i) => [t, i]),
);
const FILES = { "config.json": blip2Settings(NANO), "tokenizer.json": { model: { vocab } } };
const texts = ["a red hat", "dog", "a dog a dog a dog"];
const pictures = texts.map((_, index) => solidImage(20, 17 + index, [index * 100, 90, 200]));

function reference(tokens: readonly (readonly number[])[], images: Float32Array[]) {
  const weights: Blip2Of<tf.Tensor> = weightsFrom(blip2Parameters(NANO), arrays);
  const scores = tf.tidy(() =>
    images.map((data, index) => {
      const image = blip2VisionHidden(weights.vision, tf.tensor4d(data, [1, 16, 16, 3]), NANO.vision);
      const { ids, mask } = padded([tokens[index] ?? []]);
      const text = { words: embed(weights.words, ids), mask };
      const queries = queryEmbeddings(weights.qformer, image, NANO.qformer);
      const itc = contrastiveSimilarity(queries, textEmbeddings(weights.qformer, text, NANO.qformer));
      const itm = tf.slice(tf.softmax(matchLogits(weights.qformer, { image, text }, NANO.qformer)), [0, 1]);
      return tf.concat([tf.reshape(itc, [1]), tf.reshape(itm, [1])], 0);
    }) as tf.TensorContainer
  ) as unknown as tf.Tensor[];
  const numbers = scores.map((score) => [...score.dataSync()]);
  disposeTree([weights as Tree, scores]);
  return numbers;
}

describe("loadBlip2()", () => {
  for (const stream of [false, true]) {
    it(`scores pairs as the model does one by one, layers ${stream ? "on disk" : "in memory"}`, async () => {
      const before = tf.memory().numTensors;
      await withModelFolder(FILES, arrays, async (folder) => {
        const expert = right(await loadBlip2(folder, { mode: "itm", stream })(disk)());
        assert.deepEqual(expert.config, NANO);
        const prepared = pictures.map((image: RgbImage) => preparePictures([image], expert.preprocess).data);
        const expected = reference(texts.map(expert.tokenizer.encode), prepared);
        const itc = right(await expert.itc(pictures, texts)({})());
        const itm = right(await expert.itm(pictures, texts)({})());
        assertClose(itc, expected.map(([score]) => score ?? NaN), 1e-5);
        assertClose(itm, expected.map(([, score]) => score ?? NaN), 1e-5);
        assert.deepEqual(right(await expert.score(pictures, texts)({})()), itm);
        const broken = problem(await expert.itc(pictures, texts.slice(1))({})());
        assert.equal(broken, "blip2 itc: 3 pictures for 2 texts");
        expert.dispose();
      });
      assert.equal(tf.memory().numTensors, before);
    });
  }
  it("closes the file and names the repository if the weights are of another model", async () => {
    const before = tf.memory().numTensors;
    const fewer = new Map([...arrays].filter(([name]) => !name.startsWith("itm_head")));
    await withModelFolder(FILES, fewer, async (folder) => {
      const line = problem(await loadBlip2(folder)(disk)());
      assert.match(line, /2 tensors do not fit the model: itm_head\./);
      assert.match(line, /download the files of Salesforce\/blip2-itm-vit-g to/);
    });
    assert.equal(tf.memory().numTensors, before);
  });
});
