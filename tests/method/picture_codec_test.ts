import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, uniforms } from "../../lib/core/key.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { pictureCodec } from "../../lib/method/picture_codec.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyMagvit, tinyMagvitWeights } from "../support/tiny_magvit.ts";

await useTestBackend("cpu");
const config = tinyMagvit({ codeBits: 4, baseChannels: 4 });
const weights = tinyMagvitWeights(config, 1);
const codec = pictureCodec({ config, weights }, 8);
const picture = (seed: number): RgbImage => ({
  width: 8,
  height: 8,
  data: Uint8Array.from(uniforms(keyFromSeed(seed), 192), (value) => value * 256),
});

describe("pictureCodec()", () => {
  it("gives codes of the codebook, a picture's own whatever stands beside it", () => {
    const images = Array.from({ length: 11 }, (_, seed) => picture(seed));
    const codes = codec.encode(images);
    assert.equal(codes.length, 11);
    for (const row of codes) {
      assert.equal(row.length, 16);
      assert.ok(row.every((code) => code >= 0 && code < 16));
    }
    assert.deepEqual(codec.encode([picture(10)]), codes.slice(10));
  });
  it("draws pictures of the model's size, the same alone", () => {
    const codes = Array.from({ length: 10 }, (_, row) => new Int32Array(16).fill(row));
    const images = codec.decode(codes);
    assert.deepEqual(
      images.map(({ width, height, data }) => [width, height, data.length]),
      codes.map(() => [8, 8, 192]),
    );
    assert.deepEqual(codec.decode([codes[9] as Int32Array]), images.slice(9));
    assert.ok(new Set(images.map(({ data }) => data.join())).size > 1);
  });
  it("does nothing for nothing and leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    assert.deepEqual([codec.encode([]), codec.decode([])], [[], []]);
    codec.decode(codec.encode([picture(1)]));
    assert.equal(tf.memory().numTensors, before);
    disposeTree(weights);
  });
});
