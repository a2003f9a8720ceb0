import { describe, it } from "@std/testing/bdd";
import { type RgbImage, solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { clipImageEmbedding, clipTextEmbedding, textEnds } from "../../../lib/experts/clip/clip.ts";
import {
  type ClipConfig,
  type ClipOf,
  clipParameters,
  initialClipArrays,
} from "../../../lib/experts/clip/clip_config.ts";
import { clipSettings, loadClip } from "../../../lib/experts/clip/clip_expert.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { preparePictures } from "../../../lib/experts/shared/preprocess.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { assertClose } from "../../support/fixture.ts";
import { disk, useGraphBackend, withModelFolder } from "../shared/model_on_disk.ts";

await useGraphBackend();
const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../fixtures/experts/clip/${name}`, import.meta.url));

const TOWER = {
  heads: 2,
  epsilon: 1e-5,
  activation: "quick_gelu",
  width: 8,
  layers: 2,
  mlpWidth: 12,
} as const;
const NANO: ClipConfig = {
  vision: { ...TOWER, patchSize: 8, gridSide: 2 },
  text: { ...TOWER, vocabularySize: 644, positions: 20 },
  projection: 6,
};
const arrays = initialClipArrays(keyFromSeed(5), NANO);
const END = 643;
const FILES = {
  "config.json": clipSettings(NANO, END),
  "vocab.json": fixture("vocab.json"),
  "merges.txt": fixture("merges.txt"),
};
const unit = (vector: Float32Array): Float32Array => {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
};

describe("loadClip()", () => {
  it("embeds pictures and texts in batches as the model does one by one", async () => {
    const texts = ["a photo of a cat", "", ...Array.from({ length: 40 }, (_, i) => "red hat ".repeat(i % 5))];
    const pictures = Array.from({ length: 17 }, (_, i) => solidImage(16 + i, 16, [i * 15, 90, 200]));
    const before = tf.memory().numTensors;
    await withModelFolder(FILES, arrays, async (folder) => {
      const expert = right(await loadClip(folder)(disk)());
      assert.deepEqual(expert.config, NANO);
      const foundTexts = right(await expert.embedTexts(texts)({})());
      const foundPictures = right(await expert.embedImages(pictures)({})());
      assert.deepEqual([foundTexts.length, foundPictures.length], [texts.length, pictures.length]);
      const weights: ClipOf<tf.Tensor> = weightsFrom(clipParameters(NANO), arrays);
      tf.tidy(() => {
        for (const index of [0, 1, 41]) {
          const ids = expert.tokenizer.encode(texts[index] ?? "");
          const ends = tf.tensor2d(textEnds([ids], END), [1, ids.length]);
          const alone = clipTextEmbedding(
            weights,
            { ids: tf.tensor2d([ids], undefined, "int32"), ends },
            NANO,
          );
          assertClose(unit(foundTexts[index] ?? new Float32Array(0)), alone.dataSync(), 1e-5);
        }
        for (const index of [0, 16]) {
          const { data, shape } = preparePictures([pictures[index] as RgbImage], expert.preprocess);
          const alone = clipImageEmbedding(weights.vision, tf.tensor4d(data, [...shape]), NANO);
          assertClose(unit(foundPictures[index] ?? new Float32Array(0)), alone.dataSync(), 1e-5);
        }
      });
      disposeTree(weights as Tree);
      expert.dispose();
    });
    assert.equal(tf.memory().numTensors, before);
  });
  it("says what is missing and where to get it", async () => {
    const { "merges.txt": _, ...fewer } = FILES;
    await withModelFolder(fewer, arrays, async (folder) => {
      const line = problem(await loadClip(folder)(disk)());
      const advice = `download the files of openai/clip-vit-base-patch32 to ${folder}`;
      assert.equal(line, `${folder}/merges.txt: file not found; ${advice}`);
    });
  });
});
