import { describe, it } from "@std/testing/bdd";
import { embedPatches, prependClass, resizePositions } from "../../../lib/experts/shared/vision.ts";
import { conv2d } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";

await useTestBackend();
const random = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, "float32", seed);

describe("embedPatches()", () => {
  it("is a convolution whose stride is its kernel", () => {
    tf.tidy(() => {
      const pixels = random([2, 8, 12, 3], 1);
      const patch = { weight: random([5, 3, 4, 4], 2), bias: random([5], 3) };
      const expected = tf.reshape(conv2d(pixels, patch, { stride: 4 }), [2, 6, 5]);
      assertClose(embedPatches(pixels, patch).dataSync(), expected.dataSync(), 1e-5);
    });
  });
});

describe("resizePositions()", () => {
  const positions = (seed: number) => random([1 + 9, 4], seed);
  it("keeps the trained grid as it is", () => {
    tf.tidy(() => {
      const stored = positions(1);
      assert.deepEqual(resizePositions(stored, [3, 3], { antialias: true }).dataSync(), stored.dataSync());
    });
  });
  it("keeps the row of the class token and constant grids", () => {
    tf.tidy(() => {
      const stored = tf.concat([tf.fill([1, 4], 7), tf.fill([9, 4], 2)], 0);
      for (const antialias of [true, false]) {
        const resized = resizePositions(stored, [2, 5], { antialias });
        assertClose(resized.dataSync(), [...Array(4).fill(7), ...Array(40).fill(2)], 1e-5);
      }
    });
  });
  it("turns with the grid: rows and columns are treated alike", () => {
    tf.tidy(() => {
      const grid = random([3, 3, 4], 2);
      const table = (x: tf.Tensor) => tf.concat([tf.zeros([1, 4]), tf.reshape(x, [9, 4])], 0);
      const wide = resizePositions(table(grid), [2, 5], { antialias: false });
      const tall = resizePositions(table(tf.transpose(grid, [1, 0, 2])), [5, 2], { antialias: false });
      const patches = tf.reshape(tf.slice(tall, [1, 0]), [5, 2, 4]);
      const turned = tf.reshape(tf.transpose(patches, [1, 0, 2]), [10, 4]);
      assertClose(tf.slice(wide, [1, 0]).dataSync(), turned.dataSync(), 1e-5);
    });
  });
});

describe("prependClass()", () => {
  it("puts the class token first and adds its position to each row", () => {
    tf.tidy(() => {
      const patches = random([2, 4, 3], 1);
      const embeddings = { classToken: random([1, 1, 3], 2), positions: random([1, 5, 3], 3) };
      const tokens = prependClass(patches, embeddings, { grid: [2, 2], antialias: false });
      assert.deepEqual(tokens.shape, [2, 5, 3]);
      const rows = tokens.arraySync() as number[][][];
      const places = (embeddings.positions.arraySync() as number[][][])[0] ?? [];
      const first = ((embeddings.classToken.arraySync() as number[][][])[0] ?? [])[0] ?? [];
      const cells = patches.arraySync() as number[][][];
      rows.forEach((row, example) =>
        row.forEach((token, index) => {
          const content = index === 0 ? first : cells[example]?.[index - 1] ?? [];
          assertClose(token, content.map((x, i) => x + (places[index]?.[i] ?? NaN)), 1e-6);
        })
      );
    });
  });
});
