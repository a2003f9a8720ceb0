import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeImage } from "../../lib/image/image_file.ts";
import {
  hashDistance,
  NEAR_DUPLICATE_BITS,
  nearDuplicates,
  perceptualHash,
} from "../../lib/image/perceptual_hash.ts";
import { resize } from "../../lib/image/resize.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { valueOf } from "../concept/expect_failure.ts";

const picture = (path: string): RgbImage =>
  valueOf(
    decodeImage(Deno.readFileSync(new URL(`../../assets/photos/concept/${path}`, import.meta.url)), path),
  ).image;

describe("perceptualHash()", () => {
  const image = picture("train/biscuit/0.jpg");

  it("survives resizing and a little noise", () => {
    const small = resize(image, { width: 70, height: 50 });
    const noisy = {
      ...small,
      data: small.data.map((value, index) => Math.min(255, value + (index * 7) % 5)),
    };
    const bits = hashDistance(perceptualHash(image), perceptualHash(noisy));
    assert.ok(bits <= NEAR_DUPLICATE_BITS, `${bits} bits`);
  });

  it("tells different photos of one subject apart", () => {
    for (
      const other of [
        "train/biscuit/1.jpg",
        "train/biscuit/2.jpg",
        "test/biscuit/0.jpg",
        "test/biscuit/1.jpg",
      ]
    ) {
      const bits = hashDistance(perceptualHash(image), perceptualHash(picture(other)));
      assert.ok(bits > NEAR_DUPLICATE_BITS, `${other}: ${bits} bits`);
    }
  });
});

describe("nearDuplicates()", () => {
  it("lists the pairs up to the limit", () => {
    const train = [{ path: "a", hash: 0n }, { path: "b", hash: (1n << 64n) - 1n }];
    const test = [{ path: "c", hash: 0b111111n }, { path: "d", hash: 0b1111111n }];
    assert.deepEqual(nearDuplicates(train, test), [{ train: "a", test: "c", bits: 6 }]);
  });
});
