import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { MAX_PIXELS, readHeader, sniffImage } from "../../lib/image/image_header.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

const read = (name: string): Uint8Array =>
  Deno.readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A PNG header that declares a size, and nothing else. */
function pngHeader(width: number, height: number): Uint8Array {
  const bytes = read("one_bit.png").slice(0, 40);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

describe("readHeader()", () => {
  it("reads kind and size of every format without decoding", () => {
    for (
      const [name, kind, width, height] of [
        ["rgba16.png", "png", 7, 9],
        ["interlaced.png", "png", 19, 21],
        ["progressive_420.jpg", "jpeg", 64, 48],
        ["grey_restart.jpg", "jpeg", 64, 48],
        ["photo.gif", "gif", 64, 48],
        ["lossy.webp", "webp", 64, 48],
        ["lossless.webp", "webp", 64, 48],
        ["alpha_lossy.webp", "webp", 61, 45],
      ] as const
    ) assert.deepEqual(valueOf(readHeader(read(name), name)), { kind, width, height }, name);
  });

  it("limits the declared size exactly", () => {
    assert.equal(MAX_PIXELS, 64_000_000);
    assert.equal(valueOf(readHeader(pngHeader(8000, 8000), "a.png")).width, 8000);
    const line = failureOf(readHeader(pngHeader(8000, 8001), "a.png"));
    assert.match(
      line,
      /^a\.png: declares 8000 x 8001 pixels = 64 megapixels, the limit is 64; make the picture smaller$/,
    );
    assert.match(failureOf(readHeader(pngHeader(0, 5), "a.png")), /declares 0 x 5 pixels/);
  });
});

describe("sniffImage()", () => {
  it("tells pictures from what is none by content", () => {
    const content = (bytes: Uint8Array): string => failureOf(sniffImage(bytes, "a")).replace(/; .*/, "");
    assert.equal(content(text("# notes\n\tnaïve")), "a: not an image (content is text)");
    assert.equal(content(text("%PDF-1.7")), "a: format not supported (content is PDF)");
    assert.equal(content(text("BM......")), "a: format not supported (content is BMP)");
    assert.equal(content(text("PK\x03\x04")), "a: format not supported (content is a ZIP archive)");
    assert.equal(content(text("II*\0....")), "a: format not supported (content is TIFF)");
    assert.equal(content(text("....ftypavif")), "a: format not supported (content is AVIF)");
    assert.equal(content(text("....ftypisom")), "a: format not supported (content is video)");
    assert.equal(content(Uint8Array.of(255, 254, 253, 0)), "a: not an image (content is unknown data)");
  });
});
