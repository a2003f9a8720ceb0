import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { squareTo } from "../../lib/image/crop.ts";
import { resize } from "../../lib/image/resize.ts";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import {
  groupDiversity,
  type ImageStatistics,
  imageStatistics,
  meanStatistics,
  STATISTICS,
} from "../../lib/metrics/image_statistics.ts";
import { bandWarnings, type Measured } from "../../lib/rl/image_band.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { charactersOf, sampleScene } from "../../lib/world/scene.ts";

const image = fc.integer({ min: 1, max: 9 }).chain((side) =>
  fc.uint8Array({ minLength: side * side * 3, maxLength: side * side * 3 })
    .map((data): RgbImage => ({ width: side, height: side, data }))
);
const rearranged = (source: RgbImage, place: (x: number, y: number) => number): RgbImage => {
  const data = new Uint8Array(source.data.length);
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < source.width; x++) {
      const at = place(x, y) * 3;
      data.set(source.data.subarray(at, at + 3), (y * source.width + x) * 3);
    }
  }
  return { ...source, data };
};
const near = (one: ImageStatistics, other: ImageStatistics): void =>
  STATISTICS.forEach((name) => assert.ok(Math.abs(one[name] - other[name]) < 1e-9, name));

const scenes = [0, 1, 2, 3, 4, 5].map((index) =>
  renderScene(sampleScene(fold(keyFromSeed(3), index), { characters: charactersOf("heldout") }), { size: 64 })
);
/** Every pixel half way, and more, to the mean of its image. */
const flattened = (source: RgbImage): RgbImage => {
  const middle = source.data.reduce((sum, value) => sum + value, 0) / source.data.length;
  return { ...source, data: source.data.map((value) => Math.round(middle + (value - middle) * 0.2)) };
};
const measured = (images: readonly RgbImage[]): Measured => ({
  ...meanStatistics(images.map(imageStatistics)),
});

describe("imageStatistics()", () => {
  it("stays in its ranges", () => {
    fc.assert(fc.property(image, (source) => {
      const { edge_density, colour_entropy, saturation, dark_share } = imageStatistics(source);
      for (const value of [edge_density, saturation, dark_share]) assert.ok(value >= 0 && value <= 1);
      const most = Math.log2(Math.min(512, source.width * source.height));
      assert.ok(colour_entropy >= 0 && colour_entropy <= most + 1e-9);
    }));
  });
  it("does not change when an image is mirrored or turned by 180°", () => {
    fc.assert(fc.property(image, (source) => {
      const { width, height } = source;
      near(imageStatistics(source), imageStatistics(rearranged(source, (x, y) => y * width + width - 1 - x)));
      near(
        imageStatistics(source),
        imageStatistics(rearranged(source, (x, y) => width * height - 1 - (y * width + x))),
      );
    }));
  });
  it("counts edges between neighbours only, none across the border", () => {
    const halves: RgbImage = {
      ...{ width: 2, height: 2 },
      data: Uint8Array.from([0, 255, 0, 255].flatMap((value) => [value, value, value])),
    };
    assert.deepEqual(imageStatistics(halves), {
      ...{ edge_density: 0.5, colour_entropy: 1, saturation: 0, dark_share: 0.5 },
    });
  });
  it("measures images of any size on one scale", () => {
    const [scene] = scenes;
    const large = resize(scene as RgbImage, { width: 512, height: 512 }, "bilinear");
    const wide = resize(scene as RgbImage, { width: 256, height: 128 }, "bilinear");
    assert.deepEqual(imageStatistics(large), imageStatistics(squareTo(large, 128)));
    assert.ok(imageStatistics(wide).colour_entropy > 0);
  });
  it("has nothing to say for images of one colour", () => {
    fc.assert(fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), (colour) => {
      const { edge_density, colour_entropy } = imageStatistics(solidImage(5, 4, colour));
      assert.deepEqual([edge_density, colour_entropy], [0, 0]);
    }));
    assert.deepEqual(imageStatistics(solidImage(3, 3)), {
      ...{ edge_density: 0, colour_entropy: 0, saturation: 0, dark_share: 1 },
    });
  });
  it("shows that images were flattened: the warnings name edges and colours", () => {
    const found = bandWarnings(measured(scenes), measured(scenes.map(flattened))).map(({ name }) => name);
    assert.ok(found.includes("edge_density") && found.includes("colour_entropy"), found.join());
    assert.deepEqual(bandWarnings(measured(scenes), measured(scenes)), []);
  });
});

describe("groupDiversity()", () => {
  const vectors = fc.array(
    fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
      .map((values) => Float32Array.from(values)),
    { minLength: 2, maxLength: 6 },
  );
  it("is 0 for equal images, positive else, and does not mind the order", () => {
    fc.assert(fc.property(vectors, (all) => {
      const value = groupDiversity(all) ?? assert.fail();
      assert.ok(value >= -1e-6 && value <= 2);
      assert.ok(Math.abs(value - (groupDiversity(all.toReversed()) ?? 0)) < 1e-9);
      assert.ok(Math.abs(groupDiversity([all[0], all[0], all[0]] as Float32Array[]) ?? 1) < 1e-6);
    }));
  });
  it("has no value for a single image", () => assert.equal(groupDiversity([Float32Array.of(1)]), null));
});
