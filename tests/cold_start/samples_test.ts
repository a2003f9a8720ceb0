import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Concept } from "../../lib/concept/concept.ts";
import { dialoguesOf, drawingsOf } from "../../lib/cold_start/samples.ts";
import { concept } from "./tiny.ts";

const exchange = (question: string, answer = "yes .") => ({ question, answer });
const made = (changes: Partial<Concept>): Concept => ({
  ...concept,
  blackImage: "black.png",
  photoDialogues: [{ image: "0.png", exchanges: [exchange("a ?"), exchange("b ?")] }],
  textDialogues: [exchange("knows ?")],
  positiveRecognitions: [{ image: "0.png", exchanges: [exchange("is it ?")] }],
  negativeRecognitions: [{ image: "9.png", exchanges: [exchange("is it ?", "no .")] }],
  trainingData: { stage1: [], stage2: [], stage3: [] },
  ...changes,
});
const texts = (of: Concept, stage: "stage1" | "stage2" | "stage3", knowledge = true) =>
  dialoguesOf(of, stage, { knowledge }).map(({ image, exchanges }) =>
    `${image}: ${exchanges.map(({ question, answer }) => `${question} ${answer}`).join(" ")}`
  );

describe("dialoguesOf()", () => {
  it("takes the dialogues about photos where there is no training data", () =>
    assert.deepEqual(texts(made({}), "stage1"), [
      "0.png: a ? yes .",
      "0.png: b ? yes .",
      "0.png: is it ? yes .",
      "9.png: is it ? no .",
      "null: knows ? yes .",
    ]));
  it("prefers training data, stage 1's again in stage 2, and drops what is there already", () => {
    const sample = { image: "0.png", exchanges: [exchange("is it ?")] };
    const third = { image: "black.png", exchanges: [exchange("knows ?")] };
    const of = made({ trainingData: { stage1: [sample], stage2: [], stage3: [sample, third] } });
    const expected = ["0.png: is it ? yes .", "9.png: is it ? no .", "null: knows ? yes ."];
    assert.deepEqual(texts(of, "stage1"), expected);
    assert.deepEqual(texts(of, "stage2"), expected);
    assert.deepEqual(texts(of, "stage3").sort(), expected.sort());
  });
  it("leaves knowledge without photos out if told so", () =>
    assert.ok(texts(made({}), "stage1", false).every((text) => !text.startsWith("null"))));
  it("holds recognitions of both kinds and no test question of a world concept", () => {
    const all = dialoguesOf(concept, "stage1", { knowledge: true });
    const answers = new Set(all.flatMap(({ exchanges }) => exchanges.map(({ answer }) => answer)));
    assert.ok(answers.has("yes .") && answers.has("no ."));
    const tests = new Set(concept.testImages);
    assert.ok(all.every(({ image }) => image === null || !tests.has(image)));
    assert.ok(all.some(({ image }) => image === null));
  });
});

describe("drawingsOf()", () => {
  const base = { pictures: "all", captions: true, negatives: false } as const;
  const of = made({
    trainImages: ["t/0.png", "t/1.png"],
    croppedImages: ["t/cropped/0.png", "t/cropped/0_mask.png"],
    negativeImages: ["n/0.png"],
    captions: { "t/1.png": "<mip> jumps ." },
    base: ["a photo of <mip> ."],
    className: "dog",
  });
  const lines = (options: Partial<Parameters<typeof drawingsOf>[1]>) =>
    drawingsOf(of, { ...base, ...options }).map(({ image, prompt }) => `${image} ${prompt}`);

  it("draws photos from captions, else from the plain prompt, and no masks", () =>
    assert.deepEqual(lines({}), [
      "t/0.png a photo of <mip> .",
      "t/1.png <mip> jumps .",
      "t/cropped/0.png a photo of <mip> .",
    ]));
  it("draws only crops or only train photos, and can ignore captions", () => {
    assert.deepEqual(lines({ pictures: "cropped" }), ["t/cropped/0.png a photo of <mip> ."]);
    assert.deepEqual(lines({ pictures: "train", captions: false }).length, 2);
    assert.ok(lines({ captions: false }).every((line) => line.endsWith(" a photo of <mip> .")));
  });
  it("draws look-alikes from the class noun", () =>
    assert.equal(lines({ negatives: true }).at(-1), "n/0.png a photo of a dog ."));
  it("takes train photos for crops where there are none", () =>
    assert.equal(drawingsOf({ ...of, croppedImages: [] }, { ...base, pictures: "cropped" }).length, 2));
});
