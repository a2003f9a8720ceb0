import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { centreCrop, shortestEdge } from "../../lib/image/crop.ts";
import { decodeImage } from "../../lib/image/image_file.ts";
import { weightRows } from "../../lib/image/resample_weights.ts";
import { type PillowResampling, resize, resizePlane } from "../../lib/image/resize.ts";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { valueOf } from "../concept/expect_failure.ts";

const folder = new URL("../fixtures/resize/", import.meta.url);
const read = (name: string): Uint8Array => Deno.readFileSync(new URL(name, folder));
const picture = (name: string): RgbImage => valueOf(decodeImage(read(name), name)).image;

describe("resize() is bit-exact", () => {
  const { cases } = JSON.parse(new TextDecoder().decode(read("pillow.json"))) as {
    cases: { rule: PillowResampling; width: number; height: number; sha256: string }[];
  };
  const coffee = picture("coffee_180x120.png");
  for (const { rule, width, height, sha256 } of cases) {
    it(`with Pillow's ${rule} to ${width} x ${height}`, () => {
      const { data } = resize(coffee, { width, height }, rule);
      assert.equal(createHash("sha256").update(data).digest("hex"), sha256);
    });
  }

  it("with the image processors of the experts (DINOv2, BLIP-2, CLIP)", () => {
    const square = { width: 224, height: 224 };
    const dino = resize(coffee, shortestEdge(coffee, 256));
    assert.deepEqual(centreCrop(dino, square), picture("dinov2_coffee_180x120.png"));
    assert.deepEqual(resize(coffee, square), picture("blip2_coffee_180x120.png"));
    const wide = picture("wide_90x31.png");
    const clip = resize(wide, shortestEdge(wide, 224));
    assert.deepEqual(centreCrop(clip, square), picture("clip_wide_90x31.png"));
  });
});

describe("resize()", () => {
  it("keeps a solid picture solid under every rule", () => {
    const side = fc.integer({ min: 1, max: 40 });
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
    const rule = fc.constantFrom<PillowResampling>("bicubic", "bilinear", "box");
    fc.assert(fc.property(side, side, side, side, colour, rule, (w, h, width, height, rgb, name) => {
      assert.deepEqual(
        resize(solidImage(w, h, rgb), { width, height }, name),
        solidImage(width, height, rgb),
      );
    }));
  });
});

describe("resizePlane()", () => {
  it("equals the sum over both axes' weights", () => {
    const data = Float32Array.from({ length: 7 * 5 * 2 }, (_, index) => Math.sin(index));
    const plane = { width: 7, height: 5, channels: 2, data };
    for (const rule of ["bicubic", "bicubic-torch", "bilinear-torch", "area"] as const) {
      const out = resizePlane(plane, { width: 4, height: 9 }, rule);
      const [columns, rows] = [weightRows(rule, 7, 4), weightRows(rule, 5, 9)];
      for (let index = 0; index < out.data.length; index++) {
        const [y, x, channel] = [Math.floor(index / 8), Math.floor(index / 2) % 4, index % 2];
        let sum = 0;
        rows[y]?.weights.forEach((high, j) =>
          columns[x]?.weights.forEach((wide, i) => {
            const at = (((rows[y]?.start ?? 0) + j) * 7 + (columns[x]?.start ?? 0) + i) * 2 + channel;
            sum += high * wide * (data[at] ?? NaN);
          })
        );
        assert.ok(Math.abs((out.data[index] ?? NaN) - sum) < 1e-6);
      }
    }
  });
});
