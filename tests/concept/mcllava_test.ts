import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { loadMcllava, mcllavaRecognition, scenarioOf } from "../../lib/concept/mcllava.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { type FileContent, memoryFiles, testWorld } from "../support/files.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const concept = (part: string, id: string): Record<string, FileContent> => ({
  [`m/${part}/concept/train/${id}/0.png`]: "x",
  [`m/${part}/concept/train/${id}/0_mask.png`]: "x",
  [`m/${part}/concept/test/${id}/0.png`]: "x",
  [`m/${part}/concept/test/${id}/1.png`]: "x",
  [`m/${part}/concept/test/${id}/vqa.json`]: JSON.stringify({
    [`/data/${part}/concept/test/${id}/1.png`]: { Human: `What is <${id}>?`, AI: "A cup." },
  }),
  [`m/${part}/concept/test/${id}/choice.json`]: JSON.stringify({ "0.png": { Human: "A or B?", AI: "A" } }),
  [`m/${part}/concept/test/${id}/qa.json`]: JSON.stringify([{ question: "A or B?", answer: "B" }]),
});
const content: Record<string, FileContent> = {
  ...concept("two_concept", "red_cup"),
  ...concept("two_concept", "bo"),
  ...concept("two_concept", "lamp"),
  ...concept("three_concept", "tom"),
  "m/two_concept/multi/red_cup_bo/0.png": "x",
  "m/concept_type.json": JSON.stringify({ red_cup: "two_concept", tom: "three_concept" }),
};
const load = async (changes: Record<string, FileContent> = {}) =>
  await loadMcllava("m")(testWorld(memoryFiles({ ...content, ...changes })))();

describe("loadMcllava()", () => {
  it("reads the single-concept part: photos without masks, questions by image name, scenarios", async () => {
    const all = valueOf(await load());
    assert.deepEqual(all.map(({ id, type }) => [id, type]), [
      ["bo", "two_concept"],
      ["lamp", "two_concept"],
      ["red_cup", "two_concept"],
      ["tom", "three_concept"],
    ]);
    const [bo, lamp, cup] = all;
    assert.deepEqual([bo?.scenario, lamp?.scenario, cup?.scenario], [["red_cup"], [], ["bo"]]);
    assert.deepEqual(cup?.trainImages, ["m/two_concept/concept/train/red_cup/0.png"]);
    assert.deepEqual(cup?.vqa, [{
      image: "m/two_concept/concept/test/red_cup/1.png",
      exchanges: [{ question: "What is <red_cup>?", answer: "A cup." }],
    }]);
    assert.deepEqual(cup?.choice[0]?.image, "m/two_concept/concept/test/red_cup/0.png");
    assert.deepEqual(cup?.qa, [{ question: "A or B?", answer: "B" }]);
  });

  it("refuses what does not fit, naming file and field", async () => {
    const vqa = "m/two_concept/concept/test/bo/vqa.json";
    const lost = await load({ [vqa]: JSON.stringify({ "9.png": { Human: "?", AI: "!" } }) });
    assert.match(failureOf(lost), /test\/bo\/vqa\.json: \["9\.png"\]: no image file for "9\.png"/);
    const shape = await load({ [vqa]: JSON.stringify({ "0.png": { Human: "?" } }) });
    assert.match(failureOf(shape), /vqa\.json: \["0\.png"\]: is no question with an answer/);
    const types = await load({ "m/concept_type.json": JSON.stringify({ ghost: "two_concept" }) });
    assert.match(
      failureOf(types),
      /^m\/concept_type\.json: ghost: there is no folder m\/two_concept\/concept\/train\/ghost/,
    );
    assert.match(
      failureOf(await loadMcllava("z")(testWorld(memoryFiles()))()),
      /^z: has no MC-LLaVA concept/,
    );
  });
});

describe("scenarioOf()", () => {
  it("reads concepts whose ids hold underscores, and nothing else", () => {
    const ids = ["a", "a_b", "b", "c_d"];
    assert.deepEqual(scenarioOf("a_b_c_d", ids), ["a", "b", "c_d"]);
    assert.deepEqual(scenarioOf("c_d_a", ids), ["c_d", "a"]);
    assert.equal(scenarioOf("a_x", ids), null);
  });
});

describe("mcllavaRecognition()", () => {
  it("takes negatives from the scenario and draws the rest by key", async () => {
    const all = valueOf(await load());
    const bo = all[0];
    assert.ok(bo);
    const of = (seed: number, randomNegatives = 0) =>
      mcllavaRecognition(bo, all, { key: keyFromSeed(seed), randomNegatives });
    assert.deepEqual(of(1).map(({ truth }) => truth), [true, true, false, false]);
    assert.ok(of(1).slice(2).every(({ image }) => image.includes("/red_cup/")));
    const drawn = of(1, 3).slice(4);
    assert.equal(drawn.length, 3);
    assert.ok(drawn.every(({ image, truth }) => !truth && /\/(lamp|tom)\//.test(image)));
    assert.deepEqual(of(1, 3), of(1, 3));
    assert.equal(of(1, 99).length, 8);
  });
});
