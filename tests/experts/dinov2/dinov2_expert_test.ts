import { describe, it } from "@std/testing/bdd";
import { type RgbImage, solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { dinov2Hidden } from "../../../lib/experts/dinov2/dinov2.ts";
import {
  type Dinov2Config,
  type Dinov2Of,
  dinov2Parameters,
  initialDinov2Arrays,
} from "../../../lib/experts/dinov2/dinov2_config.ts";
import { dinov2Settings, loadDinov2, loadDinov2Parts } from "../../../lib/experts/dinov2/dinov2_expert.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import {
  IMAGENET_COLOURS,
  preparePictures,
  type Preprocess,
  preprocessorConfig,
} from "../../../lib/experts/shared/preprocess.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";
import { disk, withModelFolder } from "../shared/model_on_disk.ts";

await useTestBackend();

const NANO: Dinov2Config = {
  heads: 2,
  epsilon: 1e-6,
  activation: "gelu",
  width: 8,
  layers: 2,
  mlpWidth: 16,
  patchSize: 8,
  gridSide: 2,
  registers: 0,
  antialias: false,
};
const STEPS: Preprocess = {
  resize: { shortestEdge: 18 },
  rule: "bicubic",
  crop: { width: 16, height: 16 },
  scale: 1 / 255,
  ...IMAGENET_COLOURS,
};
const pictures: readonly RgbImage[] = Array.from(
  { length: 19 },
  (_, index) => solidImage(20 + index, 30, [index * 9, 100, 255 - index * 7]),
);
const filesOf = (config: Dinov2Config) => ({
  "config.json": dinov2Settings(config),
  "preprocessor_config.json": preprocessorConfig(STEPS),
});

describe("loadDinov2()", () => {
  const variants: readonly (readonly [string, Dinov2Config])[] = [
    ["plain", NANO],
    ["with registers", { ...NANO, registers: 3, antialias: true }],
    ["with SwiGLU", { ...NANO, activation: "swiglu" }],
  ];
  for (const [name, config] of variants) {
    it(`embeds pictures in batches as the model does one by one, ${name}`, async () => {
      const arrays = initialDinov2Arrays(keyFromSeed(5), config);
      const before = tf.memory().numTensors;
      await withModelFolder(filesOf(config), arrays, async (folder) => {
        const expert = right(await loadDinov2(folder)(disk)());
        assert.deepEqual(expert.config, config);
        assert.deepEqual(expert.preprocess, STEPS);
        const found = right(await expert.embed(pictures)({})());
        assert.equal(found.length, pictures.length);
        const weights: Dinov2Of<tf.Tensor> = weightsFrom(dinov2Parameters(config), arrays);
        for (const index of [0, 18]) {
          tf.tidy(() => {
            const { data, shape } = preparePictures([pictures[index] as RgbImage], STEPS);
            const hidden = dinov2Hidden(weights, tf.tensor4d(data, [...shape]), config).dataSync();
            assertClose(found[index]?.cls ?? [], hidden.slice(0, 8), 1e-5);
            assertClose(found[index]?.patches ?? [], hidden.slice(8 * (1 + config.registers)), 1e-5);
          });
        }
        disposeTree(weights as Tree);
        expert.dispose();
      });
      assert.equal(tf.memory().numTensors, before);
    });
  }
  it("shrinks the whole picture where asked", async () => {
    await withModelFolder(filesOf(NANO), initialDinov2Arrays(keyFromSeed(5), NANO), async (folder) => {
      const parts = right(await loadDinov2Parts(folder, { fullFrame: true })(disk)());
      assert.deepEqual(parts.preprocess, { ...STEPS, resize: { width: 16, height: 16 }, crop: null });
      disposeTree(parts.weights as Tree);
    });
  });
  it("names the repository", async () => {
    const line = problem(await loadDinov2("/nowhere")(disk)());
    assert.match(
      line,
      /^\/nowhere\/config\.json: file not found; download the files of facebook\/dinov2-base/,
    );
  });
});
