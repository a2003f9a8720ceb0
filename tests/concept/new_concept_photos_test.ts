import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { sortPhotos } from "../../lib/concept/new_concept_photos.ts";
import type { NewConcept } from "../../lib/concept/new_concept_spec.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { valueOf } from "./expect_failure.ts";

const photos = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => ({ name: `${index}.jpg`, bytes: encodePng(solidImage(2, 2, [index, 0, 0])) }),
  );
const sorted = (spec: Partial<NewConcept>) => {
  const warnings: string[] = [];
  const otherPhotos = [{ name: "o.png", bytes: encodePng(solidImage(3, 3, [0, 9, 0])) }];
  const full = { id: "m", className: "dog", facts: [], otherPhotos, photos: photos(1), ...spec };
  return { warnings, photos: valueOf(sortPhotos(full, warnings)) };
};

describe("sortPhotos()", () => {
  it("holds out one photo in four, none of fewer than three", () => {
    const counts = [1, 2, 3, 4, 7, 8, 12].map((count) =>
      sorted({ photos: photos(count) }).photos.test.length
    );
    assert.deepEqual(counts, [0, 0, 1, 1, 1, 2, 3]);
  });

  it("names files by their content and warns of wrong names", () => {
    const { photos: found, warnings } = sorted({ photos: photos(3) });
    assert.deepEqual(found.train.map(({ path }) => path), ["concept/train/m/0.png", "concept/train/m/1.png"]);
    assert.deepEqual(found.test.map(({ path }) => path), ["concept/test/m/0.png"]);
    assert.deepEqual(found.easy.map(({ path }) => path), ["random_images/m_0.png"]);
    assert.deepEqual(warnings[0], "0.jpg: content is PNG, not JPEG");
  });
});
