import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  loadPhotoDialogues,
  loadTextExchanges,
  readConversations,
  resolveImages,
} from "../../lib/concept/dialogue_files.ts";
import { memoryFiles } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const pair = { query: "Who?", answer: "<m>." };
const exchanges = [{ question: "Who?", answer: "<m>." }];
const options = { images: ["t/0.png", "t/dog_1.png"], where: "c.json" };

describe("readConversations()", () => {
  it("separates photos from text, and warns of loose keys", () => {
    const value = { "0.png": [pair], "text_only": [pair], "dog": pair };
    assert.deepEqual(valueOf(readConversations(value, options)), {
      photo: [{ image: "t/0.png", exchanges }, { image: "t/dog_1.png", exchanges }],
      text: exchanges,
      warnings: ['c.json: ["dog"] matches t/dog_1.png only in part'],
    });
    assert.deepEqual(valueOf(readConversations(undefined, options)), { photo: [], text: [], warnings: [] });
  });

  it("names the key without an image", () => {
    assert.match(
      failureOf(readConversations({ "8.png": [pair] }, options)),
      /^c\.json: \["8\.png"\]: names no train image/,
    );
  });
});

describe("resolveImages()", () => {
  it("asks once per path and names the first place of a lost one", async () => {
    const asked: string[] = [];
    const files = memoryFiles({ "d/a.png": "x" });
    const counting = { ...files, exists: (path: string) => (asked.push(path), files.exists(path)) };
    const stored = [{ path: "a.png", field: "[0]" }, { path: "a.png", field: "[1]" }];
    const found = valueOf(await resolveImages(stored, { root: "d", where: "f" })({ files: counting })());
    assert.deepEqual([[...found], asked], [[["a.png", "d/a.png"]], ["d/a.png"]]);
    const lost = [...stored, { path: "b.png", field: "[2]" }, { path: "b.png", field: "[3]" }];
    assert.match(
      failureOf(await resolveImages(lost, { root: "d", where: "f" })({ files })()),
      /^f: \[2\]: no image file/,
    );
  });
});

describe("loadPhotoDialogues() and loadTextExchanges()", () => {
  const files = memoryFiles({
    "d/concept/test/m/0.png": "x",
    "d/vqa.json": JSON.stringify({ "concept/test/m/0.png": [pair] }),
    "d/list.json": JSON.stringify([pair]),
  });

  it("read their file, and nothing where there is none", async () => {
    const world = { files };
    assert.deepEqual(valueOf(await loadPhotoDialogues("d/vqa.json", { root: "d" })(world)()), [
      { image: "d/concept/test/m/0.png", exchanges },
    ]);
    assert.deepEqual(valueOf(await loadTextExchanges("d/list.json")(world)()), exchanges);
    assert.deepEqual(valueOf(await loadPhotoDialogues("d/no.json", { root: "d" })(world)()), []);
    assert.deepEqual(valueOf(await loadTextExchanges("d/no.json")(world)()), []);
  });

  it("refuses a list where images are needed", async () => {
    const line = failureOf(await loadPhotoDialogues("d/list.json", { root: "d" })({ files })());
    assert.match(line, /^d\/list\.json: expected a record from image paths to questions/);
  });
});
