import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { encodePng } from "../../lib/image/png.ts";
import { codePictures, mirrored, viewsOf } from "../../lib/cold_start/pictures.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { right } from "./tiny.ts";

const key = keyFromSeed(2);
/** Every pixel is different. */
const image = {
  width: 12,
  height: 8,
  data: Uint8Array.from({ length: 12 * 8 * 3 }, (_, at) => Math.floor(at / 3) * 2),
};
const plain = { size: 8, flip: 0, crop: 1, views: 4 };

describe("mirrored()", () => {
  it("swaps left and right and is its own inverse", () => {
    const flipped = mirrored(image);
    assert.deepEqual([...flipped.data.subarray(0, 3)], [...image.data.subarray(33, 36)]);
    assert.deepEqual(mirrored(flipped), image);
  });
});

describe("viewsOf()", () => {
  it("makes one view where all would be equal", () => {
    const [view, ...rest] = viewsOf(key, image, plain);
    assert.equal(rest.length, 0);
    assert.deepEqual([view?.width, view?.height], [8, 8]);
  });
  it("mirrors about as often as asked", () => {
    const [straight] = viewsOf(key, image, plain);
    const views = viewsOf(key, image, { ...plain, flip: 0.25, views: 400 });
    const flipped = views.filter(({ data }) => data[0] !== straight?.data[0]).length;
    assert.ok(flipped > 70 && flipped < 130, `${flipped} of 400`);
  });
  it("cuts out random windows of the enlarged photo", () => {
    const views = viewsOf(key, image, { ...plain, crop: 1.5, views: 12 });
    assert.ok(views.every(({ width, height }) => width === 8 && height === 8));
    assert.ok(new Set(views.map(({ data }) => data.join())).size > 6);
  });
  it("gives the same views for the same key", () => {
    const options = { ...plain, flip: 0.5, crop: 1.2 };
    assert.deepEqual(viewsOf(key, image, options), viewsOf(key, image, options));
  });
});

describe("codePictures()", () => {
  it("encodes each photo once and leaves out what can't be read, with a warning", async () => {
    const world = testWorld(memoryFiles({ "a.png": encodePng(image), "b.png": "no picture" }));
    const seen: number[] = [];
    const codec = {
      encode: (images: readonly unknown[]) => {
        seen.push(images.length);
        return images.map((_, index) => Int32Array.of(index));
      },
      decode: () => [],
    };
    const coded = right(
      await codePictures(["a.png", "b.png"], { codec, key, view: { ...plain, flip: 1 } })(world)(),
    );
    assert.deepEqual([...coded.keys()], ["a.png"]);
    assert.deepEqual(coded.get("a.png")?.map(([code]) => code), [0, 1, 2, 3]);
    assert.deepEqual(seen, [4]);
    assert.equal(world.warnings.length, 1);
  });
});
