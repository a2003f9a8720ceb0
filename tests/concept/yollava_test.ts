import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadYollava, yollavaRecognition } from "../../lib/concept/yollava.ts";
import { memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const visual = {
  bo: {
    "./yollava-data/test/bo/1.png": {
      question: "Is <sks> lying?",
      options: { A: "Yes, <sks> is.", B: "No" },
      correct_answer: "A",
    },
  },
};
const textual = {
  bo: { "0": { question: "Is sks a dog?", option: { A: "Yes", B: "No" }, correct_answer: "A" } },
};
const content = {
  "y/yollava-data/train/bo/0.png": png,
  "y/yollava-data/train/bo/negative_example/3.png": png,
  "y/yollava-data/train/thao/0.png": png,
  "y/yollava-data/test/bo/0.png": png,
  "y/yollava-data/test/bo/1.png": png,
  "y/yollava-data/test/thao/0.png": png,
  "y/yollava-data/yollava-visual-qa.json": JSON.stringify(visual),
  "y/yollava-data/text_qa.json": JSON.stringify(textual),
};
const load = async (changes: Record<string, string | Uint8Array> = {}) =>
  await loadYollava("y")(testWorld(memoryFiles({ ...content, ...changes })))();

describe("loadYollava()", () => {
  it("reads photos and questions, with the token in place of <sks> and sks", async () => {
    const [bo, thao, ...more] = valueOf(await load());
    assert.deepEqual(more, []);
    assert.deepEqual([bo?.id, bo?.category, thao?.category], ["bo", "other", "human"]);
    assert.deepEqual(bo?.negativeImages, ["y/yollava-data/train/bo/negative_example/3.png"]);
    assert.deepEqual(bo?.vqa, [{
      image: "y/yollava-data/test/bo/1.png",
      question: "Is <bo> lying?",
      options: { A: "Yes, <bo> is.", B: "No" },
      answer: "A",
    }]);
    assert.deepEqual(bo?.qa, [{
      image: null,
      question: "Is <bo> a dog?",
      options: { A: "Yes", B: "No" },
      answer: "A",
    }]);
    assert.deepEqual(thao?.vqa, []);
  });

  it("refuses Git LFS pointers, lost images, wrong answers and missing options, naming file and field", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n";
    assert.match(
      failureOf(await load({ "y/yollava-data/train/bo/0.png": pointer })),
      /bo\/0\.png: is a Git LFS pointer/,
    );
    const question = { question: "?", options: { A: "", B: "" }, correct_answer: "A" };
    const path = "y/yollava-data/yollava-visual-qa.json";
    const lost = JSON.stringify({ bo: { "./yollava-data/test/bo/9.png": question } });
    assert.match(
      failureOf(await load({ [path]: lost })),
      /visual-qa\.json: bo\["\.\/.+9\.png"\]: names no test image/,
    );
    const wrong = JSON.stringify({ bo: { "1.png": { ...question, correct_answer: "C" } } });
    assert.match(
      failureOf(await load({ [path]: wrong })),
      /`bo\.1\.png\.correct_answer`: expected "A" or "B", got the string/,
    );
    const text = JSON.stringify({ bo: { "4": { question: "?", correct_answer: "A" } } });
    assert.match(
      failureOf(await load({ "y/yollava-data/text_qa.json": text })),
      /text_qa\.json: bo\.4: missing field `option`/,
    );
    assert.match(
      failureOf(await loadYollava("z")(testWorld(memoryFiles()))()),
      /^z: has no Yo'LLaVA subject/,
    );
  });
});

describe("yollavaRecognition()", () => {
  it("asks about every test image of every subject", async () => {
    const subjects = valueOf(await load());
    const items = subjects.flatMap((subject) => yollavaRecognition(subject, subjects));
    assert.equal(items.length, 6);
    assert.deepEqual(items.filter(({ truth }) => truth).map(({ concept, image }) => [concept, image]), [
      ["bo", "y/yollava-data/test/bo/0.png"],
      ["bo", "y/yollava-data/test/bo/1.png"],
      ["thao", "y/yollava-data/test/thao/0.png"],
    ]);
    assert.equal(items[0]?.question, "Can you see <bo> in this photo? Answer with a single word or phrase.");
  });
});
