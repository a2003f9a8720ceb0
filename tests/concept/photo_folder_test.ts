import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { addConcept, existingRoot, parseFact, readPhotoFolder } from "../../lib/concept/photo_folder.ts";
import { loadConcept } from "../../lib/concept/unifybench.ts";
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";
import { memoryFiles, testWorld } from "../support/files.ts";

const png = (shade: number) => encodePng(solidImage(40, 40, [shade, 0, 255 - shade]));
const photos = [1, 2, 3].map((index) => ({ name: `${index}.png`, bytes: png(index * 60) }));
const spec = (id: string) => ({ id, className: "dog", facts: [], photos });

describe("readPhotoFolder()", () => {
  it("reads pictures in order by content; names everything else with its reason", async () => {
    const world = testWorld(memoryFiles({
      "in/10.png": png(10),
      "in/2.jpg": png(2),
      "in/IMG_1.HEIC": png(3),
      "in/2_mask.png": png(4),
      "in/mask.jpe": png(5),
      "in/empty.png": "",
      "in/notes.txt": "x",
    }));
    const read = await readPhotoFolder("in")(world)();
    assert.deepEqual(E.isRight(read) && read.right.map(({ name }) => name), [
      "in/2.jpg",
      "in/10.png",
      "in/IMG_1.HEIC",
      "in/mask.jpe",
    ]);
    assert.deepEqual(world.warnings, [
      "skipped in/2_mask.png: it is the mask of 2.jpg",
      "skipped in/empty.png: file is empty; copy the picture again",
      "skipped in/notes.txt: not an image (content is text); give a PNG, JPEG, WebP or GIF file",
    ]);
  });

  it("tells a folder that is missing from one without pictures", async () => {
    const world = testWorld(memoryFiles({ "in/notes.txt": "x" }));
    const outcomes = [await readPhotoFolder("none")(world)(), await readPhotoFolder("in")(world)()];
    assert.deepEqual(outcomes.map((outcome) => E.isLeft(outcome) && outcome.left._tag), [
      "FileMissing",
      "InputInvalid",
    ]);
  });
});

describe("parseFact()", () => {
  it("reads two or three parts and nothing else", () => {
    assert.deepEqual(
      parseFact("a|b | c "),
      E.right({ text: "a", reasoningPrompt: "b", explicitPrompt: "c" }),
    );
    assert.deepEqual(parseFact("a | b"), E.right({ text: "a", reasoningPrompt: "b" }));
    for (const text of ["", "a", "a|", "|b", "a|b|", "a|b|c|d"]) assert(E.isLeft(parseFact(text)), text);
  });
});

describe("addConcept()", () => {
  it("adds one concept after another to a data set that loads", async () => {
    const world = testWorld(memoryFiles());
    assert(E.isRight(await addConcept("data", spec("bo"))(world)()));
    assert(E.isRight(await addConcept("data", spec("mo"))(world)()));
    const root = await existingRoot("data")(world)();
    assert.deepEqual(E.isRight(root) && [root.right.concepts, Object.keys(root.right.trainImages)], [
      ["bo", "mo"],
      ["bo", "mo"],
    ]);
    const loaded = await loadConcept("data", "bo")(world)();
    assert.equal(E.isRight(loaded) && loaded.right.trainImages.length, 2);
  });

  it("never touches a concept that is there, and writes nothing of a wrong one", async () => {
    const world = testWorld(memoryFiles());
    await addConcept("data", spec("bo"))(world)();
    const again = await addConcept("data", spec("bo"))(world)();
    assert.match(E.isLeft(again) ? JSON.stringify(again.left) : "", /exists already/);
    assert(E.isLeft(await addConcept("other", spec("a b"))(world)()));
    assert.deepEqual(await world.files.exists("other")(), E.right(false));
  });
});
