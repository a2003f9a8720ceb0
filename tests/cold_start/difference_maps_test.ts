import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { RgbImage } from "../../lib/image/image.ts";
import { solidImage } from "../../lib/image/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { differencePicture, perceptionRows } from "../../lib/cold_start/difference_maps.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { concept, tinyRuntime } from "./tiny.ts";

await useTestBackend();

describe("differencePicture()", () => {
  it("paints the squares white whose codes differ", () => {
    const codes = { earlier: Int32Array.of(1, 2, 3, 4), final: Int32Array.of(1, 9, 3, 4) };
    const { data } = differencePicture(solidImage(4, 4, [7, 7, 7]), codes);
    const white = Array.from({ length: 16 }, (_, pixel) => data[pixel * 3] === 255 ? 1 : 0);
    assert.deepEqual(white, [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe("perceptionRows()", () => {
  it("makes a row per perception token from pictures of the concept, without leaks", () => {
    const runtime = tinyRuntime();
    const encoded: RgbImage[] = [];
    const codec = {
      ...runtime.codec,
      encode: (images: readonly RgbImage[]) => {
        encoded.push(...images);
        return runtime.codec.encode(images);
      },
    };
    const run = () =>
      perceptionRows({ ...runtime, codec }, runtime.startRows, {
        concept,
        wording: { prompts: "name_block", stage: "stage2", perceptionTokens: 2 },
        count: 3,
        key: keyFromSeed(1),
        decoding: { timesteps: 4, guidanceScale: 1, temperature: 1 },
      });
    const rows = run();
    const before = tf.memory().numTensors;
    assert.deepEqual(run(), rows);
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(rows.map((row) => row.length), [16, 16]);
    assert.equal(encoded.length, 6);
    assert.ok(encoded.some(({ data }) => data.includes(255)));
    runtime.dispose();
  });
});
