import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { centreCrop, cut, shortestEdge, squareTo } from "../../lib/image/crop.ts";
import type { RgbImage } from "../../lib/image/image.ts";

/** A row of pixels whose red is the column. */
const row = (width: number): RgbImage => ({
  width,
  height: 1,
  data: Uint8Array.from({ length: width * 3 }, (_, index) => index % 3 === 0 ? index / 3 + 1 : 0),
});
const columns = ({ data }: RgbImage): number[] => [...data].filter((_, index) => index % 3 === 0);

describe("shortestEdge()", () => {
  it("floors the longer side", () => {
    assert.deepEqual(shortestEdge({ width: 180, height: 120 }, 256), { width: 384, height: 256 });
    assert.deepEqual(shortestEdge({ width: 31, height: 90 }, 224), { width: 224, height: 650 });
    assert.deepEqual(shortestEdge({ width: 50, height: 50 }, 7), { width: 7, height: 7 });
  });
});

describe("centreCrop()", () => {
  it("divides an odd margin by the rule asked for", () => {
    const of = (from: number, to: number, rule: "floor" | "round-half-even"): number | undefined =>
      columns(centreCrop(row(from), { width: to, height: 1 }, rule))[0];
    assert.deepEqual([4, 5, 6, 7].map((from) => of(from, 2, "floor")), [2, 2, 3, 3]);
    assert.deepEqual([4, 5, 6, 7].map((from) => of(from, 2, "round-half-even")), [2, 3, 3, 3]);
  });

  it("pads with black where the picture is too small", () => {
    assert.deepEqual(columns(centreCrop(row(2), { width: 5, height: 1 })), [0, 0, 1, 2, 0]);
    assert.deepEqual(columns(centreCrop(row(2), { width: 5, height: 1 }, "round-half-even")), [
      0,
      1,
      2,
      0,
      0,
    ]);
    assert.deepEqual(columns(centreCrop(row(2), { width: 2, height: 3 })), [0, 0, 1, 2, 0, 0]);
  });
});

describe("cut()", () => {
  it("is black outside the picture", () => {
    assert.deepEqual(columns(cut(row(3), { left: -1, top: 0, width: 3, height: 1 })), [0, 1, 2]);
    assert.deepEqual(columns(cut(row(3), { left: 9, top: 5, width: 2, height: 1 })), [0, 0]);
  });
});

describe("squareTo()", () => {
  it("gives a square from any shape", () => {
    for (const [width, height] of [[9, 4], [4, 9], [6, 6]] as const) {
      const image = { width, height, data: new Uint8Array(width * height * 3).fill(77) };
      assert.deepEqual(squareTo(image, 8), { width: 8, height: 8, data: new Uint8Array(192).fill(77) });
    }
  });
});
