import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeJpeg } from "../../lib/image/decode_jpeg.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

const read = (name: string): Uint8Array => Deno.readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** The position of the frame header's marker. */
const frameAt = (bytes: Uint8Array): number =>
  bytes.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc2].includes(bytes[at + 1] ?? 0));

function changed(name: string, change: (bytes: Uint8Array, frame: number) => void): Uint8Array {
  const bytes = read(name);
  change(bytes, frameAt(bytes));
  return bytes;
}

describe("decodeJpeg()", () => {
  it("reads the orientation, and leaves turning to the caller", () => {
    const decoded = valueOf(decodeJpeg(read("hostile/exif_orientation6.jpg"), "a.jpg"));
    assert.deepEqual([decoded.image.width, decoded.image.height, decoded.orientation], [64, 48, 6]);
  });

  it("takes RGB data as RGB only where Adobe's marker or the channel names say so", () => {
    const { image } = valueOf(decodeJpeg(read("images/plain_rgb.jpg"), "a.jpg"));
    assert.deepEqual([...image.data.subarray(0, 3)], [41, 43, 38]);
  });

  it("names the kinds that it cannot read", () => {
    const lossless = changed("images/baseline_444.jpg", (bytes, frame) => bytes[frame + 1] = 0xc3);
    assert.match(
      failureOf(decodeJpeg(lossless, "a.jpg")),
      /^a\.jpg: lossless or arithmetic-coded JPEG is not supported; /,
    );
    const deep = changed("images/baseline_444.jpg", (bytes, frame) => bytes[frame + 4] = 12);
    assert.match(failureOf(decodeJpeg(deep, "a.jpg")), /12-bit JPEG is not supported/);
    const adobe = (bytes: Uint8Array): number =>
      bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xee);
    const plain = changed("hostile/cmyk.jpg", (bytes) => bytes[adobe(bytes) + 1] = 0xed);
    assert.match(failureOf(decodeJpeg(plain, "a.jpg")), /CMYK JPEG without an Adobe marker is not supported/);
  });
});
