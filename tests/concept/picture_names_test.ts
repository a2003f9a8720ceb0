import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { maskedPicture, pictureEnding } from "../../lib/concept/picture_names.ts";

describe("pictureEnding()", () => {
  it("knows what browsers, phones and cameras write", () => {
    for (const name of ["a.JPG", "a.jpe", "a.jfif", "a.pjpeg", "a.webp"]) {
      assert.equal(pictureEnding(name), "readable");
    }
    for (const name of ["a.HEIC", "a.tif", "a.avif"]) assert.equal(pictureEnding(name), "foreign");
    for (const name of ["a.txt", "png", "a.json"]) assert.equal(pictureEnding(name), "none");
  });
});

describe("maskedPicture()", () => {
  it("pairs a mask with the picture of its stem, and nothing else", () => {
    const names = [
      "0.jpg",
      "1.png",
      "0_mask.png",
      "mask-1.png",
      "1.mask.png",
      "unmasked.png",
      "mask.png",
      "red_mask.png",
    ];
    const pairs = names.map((name) => maskedPicture(name, names));
    assert.deepEqual(pairs, [
      undefined,
      undefined,
      "0.jpg",
      "1.png",
      "1.png",
      undefined,
      undefined,
      undefined,
    ]);
  });
});
