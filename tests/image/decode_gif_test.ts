import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeGif } from "../../lib/image/decode_gif.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** A 2 x 2 canvas, colours red and blue, and one 1 x 1 frame of index `index` at (left, 0). */
const gif = (left: number, index: number, control: readonly number[] = []): Uint8Array =>
  Uint8Array.from([
    ...ascii("GIF89a"),
    ...[2, 0, 2, 0, 0x80, 0, 0],
    ...[255, 0, 0, 0, 0, 255],
    ...control,
    ...[0x2c, left, 0, 0, 0, 1, 0, 1, 0, 0],
    ...[2, 2, 0b00_000_100 | (index << 3) | ((5 & 3) << 6), 5 >> 2, 0],
    0x3b,
  ]);

describe("decodeGif()", () => {
  it("draws the frame where it belongs, white around it", () => {
    const { image } = valueOf(decodeGif(gif(1, 1), "a.gif"));
    assert.deepEqual([...image.data], [255, 255, 255, 0, 0, 255, 255, 255, 255, 255, 255, 255]);
  });

  it("leaves the transparent index white", () => {
    const { image } = valueOf(decodeGif(gif(0, 1, [0x21, 0xf9, 4, 1, 0, 0, 1, 0]), "a.gif"));
    assert.ok(image.data.every((value) => value === 255));
  });

  it("refuses frames outside the canvas, colours that are missing, and files without a frame", () => {
    assert.match(failureOf(decodeGif(gif(2, 1), "a.gif")), /^a\.gif: GIF frame lies outside its canvas; /);
    assert.match(failureOf(decodeGif(gif(0, 3), "a.gif")), /^a\.gif: GIF data is damaged or ends early; /);
    const empty = Uint8Array.from([...ascii("GIF89a"), 1, 0, 1, 0, 0, 0, 0, 0x3b]);
    assert.match(failureOf(decodeGif(empty, "a.gif")), /^a\.gif: GIF without a picture; /);
  });
});
