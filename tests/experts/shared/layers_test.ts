import { describe, it } from "@std/testing/bdd";
import { resident, runLayers } from "../../../lib/experts/shared/layers.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend();

describe("runLayers()", () => {
  it("runs the layers in order, keeps one result at a time and leaves the input alone", () => {
    const x = tf.scalar(1);
    const before = tf.memory().numTensors;
    let most = 0;
    const result = runLayers(x, resident([2, 3, 4]), (y, factor) => {
      const next = tf.tidy(() => tf.add(tf.mul(y, factor), 1));
      most = Math.max(most, tf.memory().numTensors - before);
      return next;
    });
    assert.equal(result.dataSync()[0], ((1 * 2 + 1) * 3 + 1) * 4 + 1);
    assert.equal(x.isDisposed, false);
    assert.equal(most, 2);
    assert.equal(tf.memory().numTensors, before + 1);
    tf.dispose([x, result]);
  });
  it("without layers gives a copy", () => {
    const x = tf.scalar(5);
    const copy = runLayers(x, resident<number>([]), (y) => y);
    x.dispose();
    assert.equal(copy.dataSync()[0], 5);
    copy.dispose();
  });
});
