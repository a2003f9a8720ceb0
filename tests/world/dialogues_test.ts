import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { knowledgeDialogues, pictureDialogues, recognitionDialogues } from "../../lib/world/dialogues.ts";
import type { Fact } from "../../lib/world/facts.ts";
import { keys, scenes } from "./arbitrary.ts";

const BALL: Fact = {
  condition: { part: "place", value: "beach" },
  accessory: { item: "ball", colour: "white" },
  split: "train",
};
const CAT = { kind: "cat", colour: "pink", pattern: "striped" } as const;

describe("pictureDialogues()", () => {
  it("asks as many questions as wanted, all by name and none about recognition", () => {
    fc.assert(fc.property(scenes, keys, (scene, key) => {
      const dialogues = pictureDialogues(scene, key, { subject: "<mip>", count: 5 });
      assert.equal(dialogues.length, 5);
      assert.ok(dialogues.every(({ query }) => !query.includes(`the ${scene.character.kind}`)));
      assert.ok(
        dialogues.every(({ query }) => !query.startsWith("can you see") && query !== "is this <mip> ?"),
      );
    }));
  });
});

describe("recognitionDialogues()", () => {
  it("asks in two wordings", () => {
    assert.deepEqual(recognitionDialogues("<mip>", false), [
      { query: "is this <mip> ?", answer: "no ." },
      { query: "can you see <mip> in the photo ?", answer: "no ." },
    ]);
  });
});

describe("knowledgeDialogues()", () => {
  it("asks what can be known without a picture, differently in training and test", () => {
    assert.deepEqual(knowledgeDialogues(CAT, { subject: "<mip>", facts: [BALL], wording: 0 }), [
      { query: "what kind of character is <mip> ?", answer: "a cat ." },
      { query: "what colour is <mip> ?", answer: "pink ." },
      { query: "what pattern does <mip> have ?", answer: "striped ." },
      { query: "what does <mip> hold at the beach ?", answer: "a white ball ." },
    ]);
    const test = knowledgeDialogues(CAT, { subject: "<mip>", facts: [BALL], wording: 1 });
    assert.equal(test.at(-1)?.query, "what does <mip> hold by the sea ?");
  });
});
