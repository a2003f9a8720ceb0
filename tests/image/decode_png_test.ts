import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { decodePng } from "../../lib/image/decode_png.ts";
import { failureOf, valueOf } from "../concept/expect_failure.ts";

/** A chunk with the right checksum. */
function chunk(kind: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(kind, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** A PNG made by hand: header fields and uncompressed rows as given. */
function png(
  header: { width: number; height: number; depth: number; type: number; interlaced?: boolean },
  rows: Uint8Array,
  more: readonly Uint8Array[] = [],
): Uint8Array {
  const fields = Buffer.alloc(13);
  fields.writeUInt32BE(header.width, 0);
  fields.writeUInt32BE(header.height, 4);
  fields.set([header.depth, header.type, 0, 0, header.interlaced === true ? 1 : 0], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", fields),
    ...more,
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("decodePng()", () => {
  it("scales grey of 1, 2, 4 and 16 bits to 8", () => {
    const grey = (depth: number, bytes: number[]): number[] => {
      const { image } = valueOf(
        decodePng(png({ width: 2, height: 1, depth, type: 0 }, Uint8Array.from([0, ...bytes])), "a"),
      );
      return [image.data[0] ?? -1, image.data[3] ?? -1];
    };
    assert.deepEqual(grey(1, [0b10000000]), [255, 0]);
    assert.deepEqual(grey(2, [0b01110000]), [85, 255]);
    assert.deepEqual(grey(4, [0x1f]), [17, 255]);
    assert.deepEqual(grey(16, [0x80, 0x00, 0xff, 0xff]), [128, 255]);
    assert.deepEqual(grey(16, [0x00, 0x80, 0x00, 0x81]), [0, 1]);
  });

  it("refuses rows that are missing behind a valid checksum", () => {
    const short = png({ width: 2, height: 3, depth: 8, type: 0 }, Uint8Array.of(0, 1, 2, 0, 3, 4));
    assert.match(failureOf(decodePng(short, "a.png")), /^a\.png: PNG data ends early; /);
    const interlaced = png({ width: 9, height: 9, depth: 8, type: 0, interlaced: true }, new Uint8Array(40));
    assert.match(failureOf(decodePng(interlaced, "a.png")), /^a\.png: PNG data ends early; /);
  });

  it("takes no more memory than the header promises from a bomb", () => {
    const bomb = png({ width: 2, height: 1, depth: 8, type: 0 }, new Uint8Array(30_000_000));
    assert.match(failureOf(decodePng(bomb, "a.png")), /^a\.png: PNG data is damaged \(/);
  });

  it("refuses a wrong checksum and an impossible depth", () => {
    const good = png({ width: 1, height: 1, depth: 8, type: 0 }, Uint8Array.of(0, 7));
    const bad = Uint8Array.from(good);
    bad[45] = (bad[45] ?? 0) ^ 1;
    assert.match(failureOf(decodePng(bad, "a.png")), /PNG data is damaged/);
    const depth = png({ width: 1, height: 1, depth: 3, type: 0 }, Uint8Array.of(0, 7));
    assert.match(failureOf(decodePng(depth, "a.png")), /PNG data is damaged/);
  });

  it("warns that only the still picture of an animation is used", () => {
    const animated = png({ width: 1, height: 1, depth: 8, type: 0 }, Uint8Array.of(0, 7), [
      chunk("acTL", new Uint8Array(8)),
    ]);
    assert.deepEqual(valueOf(decodePng(animated, "a.png")).warnings, [
      "a.png: animated PNG, only its still picture is used",
    ]);
  });
});
