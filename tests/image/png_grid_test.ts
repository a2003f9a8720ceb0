import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { imageGrid } from "../../lib/image/png_grid.ts";

const pixel = (image: RgbImage, x: number, y: number): number[] => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

describe("png_grid", () => {
  it("places every picture in its cell, enlarged by a whole factor", () => {
    const colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]] as const;
    const cells = colours.map((colour) => ({ image: solidImage(10, 10, colour), caption: {} }));
    const grid = imageGrid(cells, { columns: 2, minimumSide: 20 });
    assert.deepEqual([grid.width, grid.height], [6 + 2 * 26, 6 + 2 * 26]);
    assert.deepEqual(pixel(grid, 6, 6), [255, 0, 0]);
    assert.deepEqual(pixel(grid, 25, 25), [255, 0, 0]);
    assert.deepEqual(pixel(grid, 26, 26), [24, 24, 24]);
    assert.deepEqual(pixel(grid, 32, 6), [0, 255, 0]);
    assert.deepEqual(pixel(grid, 6, 32), [0, 0, 255]);
  });

  it("captions add height only where there is something to say", () => {
    const image = solidImage(128, 128);
    const plain = imageGrid([{ image, caption: {} }]);
    const told = imageGrid([{ image, caption: { reward: 0.25, advantage: NaN } }]);
    assert.equal(told.height - plain.height, 9 + 4);
    assert(told.data.some((value) => value === 235));
    assert(!plain.data.some((value) => value === 235));
  });

  it("any number of pictures of any size fits", () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })), {
      minLength: 1,
      maxLength: 7,
    });
    fc.assert(
      fc.property(sizes, (all) => {
        const cells = all.map(([width, height]) => ({
          image: solidImage(width, height, [9, 9, 9]),
          caption: { prompt: "x" },
        }));
        const grid = imageGrid(cells, { minimumSide: 16 });
        const enlarged = Math.max(1, Math.ceil(16 / Math.max(...all.flat())));
        const area = all.reduce((sum, [width, height]) => sum + width * height * enlarged ** 2, 0);
        assert.equal(grid.data.filter((value) => value === 9).length, area * 3);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses to draw nothing", () => {
    assert.throws(() => imageGrid([]), RangeError);
  });
});
