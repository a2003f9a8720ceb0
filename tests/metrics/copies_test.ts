import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { perceptualHash } from "../../lib/image/perceptual_hash.ts";
import { resize } from "../../lib/image/resize.ts";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import { copyBound, nearestPhoto, type PhotoPrint, trainingPhotos } from "../../lib/metrics/copies.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { charactersOf, sampleScene } from "../../lib/world/scene.ts";

const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((values) => Float32Array.from(values));
const print = fc.record({ hash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), features: vector });
const photos = fc.array(print, { minLength: 1, maxLength: 6 })
  .map((all): readonly PhotoPrint[] => all.map((each, index) => ({ photo: `${index}.png`, ...each })));

const characters = charactersOf("heldout").slice(0, 1);
const images = [0, 1, 2, 3, 4].map((index) =>
  renderScene(sampleScene(fold(keyFromSeed(7), index), { characters }), { size: 64 })
);
const trained = trainingPhotos(
  images.slice(0, 4).map((image, index) => ({ photo: `${index}.png`, image, features: null })),
);

describe("nearestPhoto()", () => {
  it("catches a photo that was copied, resized or brightened, and not another image of the character", () => {
    images.slice(0, 4).forEach((image, index) => {
      const bright = { ...image, data: image.data.map((value) => Math.min(255, value + 6)) };
      for (const copied of [image, resize(image, { width: 48, height: 48 }, "bilinear"), bright]) {
        const found = nearestPhoto({ hash: perceptualHash(copied), features: null }, trained);
        assert.deepEqual([found?.copy, found?.byHash.photo], [true, `${index}.png`]);
      }
    });
    const other = nearestPhoto(
      { hash: perceptualHash(images[4] ?? assert.fail()), features: null },
      trained,
    );
    assert.equal(other?.copy, false);
  });
  it("asks both, hash and features, where features are known", () => {
    const known: readonly PhotoPrint[] = [
      { photo: "a", hash: 0n, features: Float32Array.of(1, 0) },
      { photo: "b", hash: ~0n & 0xffffffffn, features: Float32Array.of(0.8, 0.6) },
    ];
    const bound = copyBound(known);
    assert.ok(Math.abs(bound - 0.8) < 1e-6);
    const found = (hash: bigint, features: Float32Array) =>
      nearestPhoto({ hash, features }, { prints: known, bound });
    assert.equal(found(1n, Float32Array.of(1, 0.1))?.copy, true);
    assert.equal(found(1n, Float32Array.of(0, 1))?.copy, false, "the same layout, another subject");
    assert.equal(found(0xffffn, Float32Array.of(1, 0))?.copy, false, "the same subject elsewhere");
    assert.equal(found(0xffffn, Float32Array.of(1, 0))?.byFeatures?.photo, "a");
  });
  it("finds every photo itself, at 0 bits and cosine 1", () => {
    fc.assert(fc.property(photos, fc.nat(), (all, at) => {
      const photo = all[at % all.length] ?? assert.fail();
      const found = nearestPhoto(photo, { prints: all, bound: copyBound(all) });
      assert.equal(found?.byHash.bits, 0);
      if (photo.features?.some((value) => Math.abs(value) > 0.01)) {
        assert.ok((found?.byFeatures?.cosine ?? 0) > 0.999);
        assert.equal(found?.copy, true);
      }
    }));
  });
  it("does not depend on the order of the photos, and has none without any", () => {
    fc.assert(fc.property(photos, print, (all, image) => {
      const [one, other] = [all, all.toReversed()].map((list) =>
        nearestPhoto(image, { prints: list, bound: 0.9 })
      );
      assert.equal(one?.byHash.bits, other?.byHash.bits);
      assert.equal(one?.byFeatures?.cosine, other?.byFeatures?.cosine);
      assert.equal(one?.copy, other?.copy);
    }));
    assert.equal(nearestPhoto({ hash: 0n, features: null }, { prints: [], bound: 0.9 }), null);
  });
});

describe("copyBound()", () => {
  it("is the likeness of the two most alike photos, up to a bound, and guessed for one photo", () => {
    assert.equal(copyBound([]), 0.95);
    assert.equal(copyBound(trained.prints), 0.95);
    const twins = [1, 2].map(() => ({ hash: 0n, features: Float32Array.of(1, 2) }));
    assert.equal(copyBound(twins), 0.995);
  });
});
