import { describe, it } from "@std/testing/bdd";
import { type RgbImage, solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import type { ScoredBox } from "../../../lib/experts/face/face_boxes.ts";
import { cropFace } from "../../../lib/experts/face/face_crop.ts";
import { faceExpert } from "../../../lib/experts/face/face_expert.ts";
import { faceVectors } from "../../../lib/experts/face/inception.ts";
import {
  type InceptionOf,
  inceptionParameters,
  inceptionSizes,
  initialInceptionArrays,
} from "../../../lib/experts/face/inception_config.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { assertClose } from "../../support/fixture.ts";
import { useGraphBackend } from "../shared/model_on_disk.ts";

await useGraphBackend();
const NANO = inceptionSizes({ multiplier: 1 / 32, repeats: [1, 1, 1], embedding: 4 });
const arrays = initialInceptionArrays(keyFromSeed(3), NANO);
const crop = { side: 80, margin: 16 };

/** A small sure face and a large unsure one; none in dark pictures. */
const detect = (image: RgbImage): Promise<readonly ScoredBox[]> =>
  Promise.resolve(
    image.data[0] === 0 ? [] : [
      { box: [1, 1, 9, 9], score: 0.99 },
      { box: [4, 2, 24, 18], score: 0.8 },
    ],
  );
const make = (select?: "largest" | "surest") => {
  const weights: InceptionOf<tf.Tensor> = weightsFrom(inceptionParameters(NANO), arrays);
  return { weights, expert: faceExpert({ weights, width: 4, detect, crop, ...(select ? { select } : {}) }) };
};
const pictures = Array.from({ length: 18 }, (_, index) => {
  const image = solidImage(30, 20, [index === 3 || index === 17 ? 0 : 10 + index, 90, 200]);
  image.data[800] = 250;
  return image;
});

describe("faceExpert()", () => {
  it("embeds the largest face of each picture, and says where there is none", async () => {
    const before = tf.memory().numTensors;
    const { weights, expert } = make();
    const found = right(await expert.embed(pictures)({})());
    assert.deepEqual(found.map((vector) => vector === null), pictures.map((_, i) => i === 3 || i === 17));
    for (const index of [0, 4, 16]) {
      const face = cropFace(pictures[index] as RgbImage, [4, 2, 24, 18], crop);
      tf.tidy(() => {
        const pixels = Float32Array.from(face.data, (value) => (value - 127.5) / 128);
        const alone = faceVectors(weights, tf.tensor4d(pixels, [1, 80, 80, 3])).dataSync();
        assertClose(found[index] ?? [], alone, 1e-4);
      });
    }
    expert.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
  it("takes the surest face where asked", async () => {
    const { expert } = make("surest");
    const [first, , , none] = right(await expert.crops(pictures)({})());
    assert.deepEqual(first, cropFace(pictures[0] as RgbImage, [1, 1, 9, 9], crop));
    assert.equal(none, null);
    expert.dispose();
  });
  it("turns a failing detector into an error", async () => {
    const { weights, expert } = make();
    expert.dispose();
    const broken = faceExpert({
      weights,
      width: 4,
      crop,
      detect: () => Promise.reject(new Error("no light")),
    });
    assert.equal(problem(await broken.embed(pictures)({})()), "faces: no light");
  });
});
