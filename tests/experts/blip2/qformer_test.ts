import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  BLIP2_EXTRAS,
  blip2Config,
  type Blip2Of,
  blip2Parameters,
  initialBlip2Arrays,
} from "../../../lib/experts/blip2/blip2_config.ts";
import { blip2VisionHidden } from "../../../lib/experts/blip2/blip2_vision.ts";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import {
  contrastiveSimilarity,
  matchLogits,
  queryEmbeddings,
  textEmbeddings,
} from "../../../lib/experts/blip2/qformer.ts";
import { embed } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readArrays, readJson, tensorOf } from "../../support/fixture.ts";
import {
  assertGradientsEverywhere,
  fixtureWeights,
  padded,
  rightOf,
  toNhwc,
} from "../shared/fixture_model.ts";

await useTestBackend();
interface Cases {
  texts: { name: string; input_ids: number[] }[];
  images: { name: string }[];
  itc_text_image: number[][];
  itm: { text: string; image: string; logits: number[]; p_match: number }[];
}
const cases = readJson<Cases>("experts/blip2/cases.json");
const expected = readArrays("experts/blip2/expected.safetensors");
const reference = (name: string): Float32Array => expected.get(name)?.data as Float32Array;
const source = fixtureWeights("experts/blip2/model.safetensors");
const config = rightOf(blip2Config(source, {
  vision: { heads: 4, epsilon: 1e-6, activation: "gelu" },
  qformer: { heads: 5, epsilon: 1e-12, activation: "gelu", crossFrequency: 2 },
}));
const weights: Blip2Of<tf.Tensor> = rightOf(
  readWeights(source, blip2Parameters(config), { ignore: BLIP2_EXTRAS }),
);

const hiddenOf = (name: string): tf.Tensor =>
  blip2VisionHidden(weights.vision, toNhwc(tensorOf(expected, `${name}.pixel_values`)), config.vision);
function textOf(rows: readonly (readonly number[])[]): { words: tf.Tensor; mask: tf.Tensor } {
  const { ids, mask } = padded(rows);
  return { words: embed(weights.words, ids), mask };
}

describe("contrastiveSimilarity()", () => {
  it("equals the reference for all texts and pictures, and so do the embeddings", () => {
    tf.tidy(() => {
      const texts = textEmbeddings(
        weights.qformer,
        textOf(cases.texts.map((text) => text.input_ids)),
        config.qformer,
      );
      const textRows = texts.arraySync() as number[][];
      cases.texts.forEach(({ name }, row) =>
        assertClose(textRows[row] ?? [], reference(`${name}.embed`), 1e-4)
      );
      cases.images.forEach(({ name }, column) => {
        const queries = queryEmbeddings(weights.qformer, hiddenOf(name), config.qformer);
        assertClose(queries.dataSync(), reference(`${name}.query_embeds`), 1e-4);
        const scores = contrastiveSimilarity(queries, texts).dataSync();
        assertClose(scores, cases.itc_text_image.map((row) => row[column] ?? NaN), 1e-4);
      });
    });
  });
});

describe("matchLogits()", () => {
  it("equals the reference, one pair at a time and padded in a batch", () => {
    tf.tidy(() => {
      const ids = new Map(cases.texts.map((text) => [text.name, text.input_ids]));
      const hidden = new Map(cases.images.map(({ name }) => [name, hiddenOf(name)]));
      const logits = cases.itm.map(({ text, image }) =>
        matchLogits(weights.qformer, {
          image: hidden.get(image) as tf.Tensor,
          text: textOf([ids.get(text) ?? []]),
        }, config.qformer)
      );
      const together = matchLogits(weights.qformer, {
        image: tf.concat(cases.itm.map(({ image }) => hidden.get(image) as tf.Tensor), 0),
        text: textOf(cases.itm.map(({ text }) => ids.get(text) ?? [])),
      }, config.qformer);
      const stored = cases.itm.flatMap((pair) => pair.logits);
      assertClose(tf.concat(logits, 0).dataSync(), stored, 1e-4);
      assertClose(together.dataSync(), stored, 1e-4);
      const matches = tf.slice(tf.softmax(together), [0, 1], [-1, 1]);
      assertClose(matches.dataSync(), cases.itm.map((pair) => pair.p_match), 1e-4);
    });
  });
});

describe("initialBlip2Arrays()", () => {
  it("starts a model whose every weight has a gradient", () => {
    const nano = {
      vision: { ...config.vision, width: 8, layers: 1, mlpWidth: 12, heads: 2, patchSize: 8, gridSide: 2 },
      qformer: {
        ...config.qformer,
        width: 6,
        layers: 2,
        heads: 2,
        queries: 3,
        vocabularySize: 6,
        positions: 4,
      },
      projection: 5,
    };
    const start: Blip2Of<tf.Tensor> = weightsFrom(
      blip2Parameters(nano),
      initialBlip2Arrays(keyFromSeed(2), nano),
    );
    const pixels = tf.randomUniform([2, 16, 16, 3], -1, 1, "float32", 5);
    const { ids, mask } = padded([[1, 2, 3, 4], [4, 0, 5]]);
    assertGradientsEverywhere(start, (w) => {
      const image = blip2VisionHidden(w.vision, pixels, nano.vision);
      const text = { words: embed(w.words, ids), mask };
      const queries = queryEmbeddings(w.qformer, image, nano.qformer);
      const scores = contrastiveSimilarity(queries, textEmbeddings(w.qformer, text, nano.qformer));
      const logits = matchLogits(w.qformer, { image, text }, nano.qformer);
      return tf.add(tf.sum(tf.square(scores)), tf.sum(tf.square(logits)));
    });
    disposeTree([start as Tree, pixels, ids, mask]);
  });
});
