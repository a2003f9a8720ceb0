import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadConceptImage, loadConceptImages } from "../../lib/concept/photo.ts";
import { changedFiles, memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const good = "assets/photos/concept/train/ash_cat/0.jpg";
const bad = "tests/fixtures/hostile/truncated.jpg";

describe("loadConceptImage()", () => {
  it("gives a square of the size asked for, from photos of any shape", async () => {
    const image = valueOf(await loadConceptImage(good, 64)({ files: changedFiles() })());
    assert.deepEqual([image.width, image.height, image.data.length], [64, 64, 64 * 64 * 3]);
  });

  it("fails on a bad or missing file, with its path", async () => {
    const world = { files: changedFiles() };
    assert.match(
      failureOf(await loadConceptImage(bad, 64)(world)()),
      /hostile\/truncated\.jpg: JPEG data ends early/,
    );
    assert.match(failureOf(await loadConceptImage("no.png", 64)(world)()), /^no\.png: file not found/);
  });
});

describe("loadConceptImages()", () => {
  it("skips a bad photo with a warning and counts it", async () => {
    const world = testWorld(changedFiles());
    const batch = valueOf(await loadConceptImages([bad, good], 32)(world)());
    assert.deepEqual([batch.photos.map(({ path }) => path), batch.skipped], [[good], [bad]]);
    assert.equal(world.warnings.length, 1);
    assert.match(
      world.warnings[0] ?? "",
      /^skipped tests\/fixtures\/hostile\/truncated\.jpg: JPEG data ends early/,
    );
  });

  it("passes on the warnings of a photo that is used", async () => {
    const world = testWorld(changedFiles());
    valueOf(await loadConceptImages(["tests/fixtures/hostile/animated_gif.png"], 32)(world)());
    assert.equal(world.warnings.length, 2);
  });

  it("fails if no valid photo is left", async () => {
    const world = testWorld(changedFiles());
    assert.match(
      failureOf(await loadConceptImages([bad], 32)(world)()),
      /^1 photos: none can be used \(.+ends early/,
    );
    assert.match(failureOf(await loadConceptImages([], 32)(testWorld(memoryFiles()))()), /the list is empty/);
  });
});
