import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { describe as line } from "../../../lib/core/error.ts";
import { solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  attributeReaderParameters,
  type AttributeReaderWeights,
  readAttributes,
} from "../../../lib/experts/attribute_reader/attribute_reader.ts";
import {
  type AttributeReader,
  attributeReaderConfigJson,
  fitTemperature,
  loadAttributeReader,
} from "../../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { initialise } from "../../../lib/tensor/nest.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import { encodeTree } from "../../../lib/tensor/tree_file.ts";
import { useTestBackend } from "../../support/backend.ts";
import { type FileContent, memoryFiles } from "../../support/files.ts";

await useTestBackend();

const classes = { kind: ["dog", "cat", "robot"], place: ["beach", "park"] };
const config = { imageSize: 16, channels: [8, 16], width: 12, heads: { kind: 3, place: 2 } };
const weights = initialise(keyFromSeed(1), attributeReaderParameters(config)) as AttributeReaderWeights;
const folder = (changes: Record<string, FileContent> = {}, temperatures: Record<string, number> = {}) => ({
  files: memoryFiles({
    "judge/config.json": JSON.stringify(attributeReaderConfigJson(config, classes, temperatures)),
    "judge/model.safetensors": encodeTree(weights as Tree),
    ...changes,
  }),
});
const load = async (from: ReturnType<typeof folder>): Promise<AttributeReader> => {
  const outcome = await loadAttributeReader("judge")(from)();
  if (E.isLeft(outcome)) throw new Error(line(outcome.left));
  return outcome.right;
};
const refusal = async (from: ReturnType<typeof folder>): Promise<string> => {
  const outcome = await loadAttributeReader("judge")(from)();
  assert.ok(E.isLeft(outcome));
  return line(outcome.left);
};
const picture = solidImage(16, 16, [255, 127, 0]);
const sightsOf = async (reader: AttributeReader) => {
  const outcome = await reader.read([picture, solidImage(20, 16, [0, 0, 0]), picture])({})();
  assert.ok(E.isRight(outcome));
  return outcome.right;
};

describe("loadAttributeReader()", () => {
  it("reads what the network says, as probabilities of named classes", async () => {
    const reader = await load(folder());
    const sights = await sightsOf(reader);
    assert.deepEqual(sights[2], sights[0]);
    const [kind, place] = tf.tidy(() => {
      const pixels = tf.sub(tf.div(tf.tensor4d([...picture.data], [1, 16, 16, 3]), 127.5), 1);
      const { logits } = readAttributes(weights, pixels);
      return [logits["kind"], logits["place"]].map((head) => tf.softmax(head as tf.Tensor).dataSync());
    });
    for (const [attribute, probabilities] of [["kind", kind], ["place", place]] as const) {
      const values = [...probabilities as Float32Array];
      const best = values.indexOf(Math.max(...values));
      assert.equal(sights[0]?.[attribute]?.value, classes[attribute][best]);
      assert.ok(Math.abs((sights[0]?.[attribute]?.confidence ?? 0) - (values[best] as number)) < 1e-4);
    }
    reader.dispose();
  });

  it("is less sure at a higher temperature, of the same class", async () => {
    const [plain, warm] = [await load(folder()), await load(folder({}, { kind: 4 }))];
    const [[before], [after]] = [await sightsOf(plain), await sightsOf(warm)];
    assert.equal(before?.["kind"]?.value, after?.["kind"]?.value);
    assert.ok((before?.["kind"]?.confidence ?? 0) > (after?.["kind"]?.confidence ?? 1));
    assert.deepEqual(before?.["place"], after?.["place"]);
    plain.dispose();
    warm.dispose();
  });

  it("leaks nothing", async () => {
    const first = await load(folder());
    await sightsOf(first);
    first.dispose();
    const before = tf.memory().numTensors;
    const reader = await load(folder());
    await sightsOf(reader);
    reader.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it("names the file, the field or the tensor that is wrong, and keeps no tensor", async () => {
    const before = tf.memory().numTensors;
    assert.match(await refusal(folder({ "judge/config.json": null })), /^judge\/config.json: file not found/);
    assert.match(await refusal(folder({ "judge/config.json": "{}" })), /missing field `model_type`/);
    const other = attributeReaderConfigJson({ ...config, width: 13 }, classes);
    assert.match(
      await refusal(folder({ "judge/config.json": JSON.stringify(other) })),
      /hidden\.weight: expected shape \[13, 256\], found \[12, 256\]/,
    );
    const part = encodeTree({ hidden: weights.hidden } as Tree);
    assert.match(
      await refusal(folder({ "judge/model.safetensors": part })),
      /expected shape \[8, 3, 3, 3\], found no such/,
    );
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("fitTemperature()", () => {
  it("leaves a head alone whose probabilities are right", () => {
    const logits = Array.from({ length: 100 }, () => [Math.log(0.8), Math.log(0.2)]);
    const labels = logits.map((_, index) => index < 80 ? 0 : 1);
    assert.equal(fitTemperature(logits, labels), 1);
  });

  it("finds a factor that all logits were multiplied by", () => {
    const logits = Array.from({ length: 100 }, () => [2 * Math.log(0.8), 2 * Math.log(0.2)]);
    const labels = logits.map((_, index) => index < 80 ? 0 : 1);
    assert.ok(Math.abs(fitTemperature(logits, labels) - 2) < 0.04);
  });
});
