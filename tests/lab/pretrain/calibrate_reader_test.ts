import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../../lib/core/key.ts";
import {
  attributeReaderParameters,
  type AttributeReaderWeights,
} from "../../../lib/experts/attribute_reader/attribute_reader.ts";
import { readerTemperatures } from "../../../lab/pretrain/calibrate_reader.ts";
import { READER_CLASSES } from "../../../lab/pretrain/scene_batches.ts";
import { initialise } from "../../../lib/tensor/nest.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend("wasm");
const heads = Object.fromEntries(
  Object.entries(READER_CLASSES).map(([name, classes]) => [name, classes.length]),
);

describe("readerTemperatures()", () => {
  it("cools down a reader that guesses, attribute by attribute, and leaves nothing behind", () => {
    const parameters = attributeReaderParameters({ imageSize: 16, channels: [8, 8], width: 8, heads });
    const weights = initialise(keyFromSeed(1), parameters) as AttributeReaderWeights;
    const before = tf.memory().numTensors;
    const fit = () => readerTemperatures(weights, { key: keyFromSeed(2), imageSize: 16, batches: 1 });
    const temperatures = fit();
    assert.deepEqual(Object.keys(temperatures).sort(), Object.keys(READER_CLASSES).sort());
    assert.ok(Object.values(temperatures).every((value) => value >= 1 / 8 && value <= 8));
    assert.ok(Object.values(temperatures).some((value) => value !== 1));
    assert.deepEqual(fit(), temperatures);
    assert.equal(tf.memory().numTensors, before);
    disposeTree(weights);
  });
});
