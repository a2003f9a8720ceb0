import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Fact } from "../../lib/concept/concept.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import {
  possibleQuestions,
  reasoningQuestion,
  sampleTask,
  type SamplingOptions,
  type Task,
} from "../../lib/method/task.ts";
import { concept, right } from "../cold_start/tiny.ts";

const options = (reasoningMix: number): SamplingOptions => ({
  reasoningMix,
  textReasoning: "{facts} prompt : {prompt}",
  plainPrompt: "a photo of {concept} .",
});
const draw = (seed: number, mix = 0.5, from = concept): Task =>
  right(sampleTask(keyFromSeed(seed), from, options(mix)));
const many = (mix: number, from = concept): readonly Task[] =>
  Array.from({ length: 200 }, (_, seed) => draw(seed, mix, from));

const isWording = ({ reasoningPrompt, otherWordings = [] }: Fact, prompt: string): boolean =>
  [reasoningPrompt, ...otherWordings].includes(prompt);

describe("sampleTask()", () => {
  it("draws the same task from the same key", () => {
    fc.assert(fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, mix) => {
      assert.deepEqual(draw(seed, mix), draw(seed, mix));
    }));
  });
  it("asks only for training facts, among all facts", () => {
    const test = concept.facts.filter(({ split }) => split === "test");
    assert.ok(test.length > 0);
    const asked = new Set(many(0).map(({ truthIndex }) => truthIndex));
    for (const index of asked) {
      assert.equal(concept.facts.find((fact) => fact.index === index)?.split, "train");
    }
    const askable = concept.facts.filter(({ split, reasoningPrompt }) =>
      split === "train" && reasoningPrompt !== undefined
    );
    assert.equal(asked.size, askable.length);
    const { candidates, question } = draw(1, 0);
    assert.deepEqual(candidates, concept.facts.map(({ text }) => text));
    for (const { text } of test) assert.ok(question.includes(text));
  });
  it("lists some facts of the training split in an order of their own, and knows where the right one stands", () => {
    const shown = { ...options(0), shownFacts: 2 };
    const tasks = Array.from(
      { length: 100 },
      (_, seed) => right(sampleTask(keyFromSeed(seed), concept, shown)),
    );
    const training = concept.facts.filter(({ split }) => split === "train").map(({ text }) => text);
    for (const { candidates, truthIndex, question, basePrompt } of tasks) {
      assert.equal(candidates.length, 2);
      assert.ok(candidates.every((each) => training.includes(each)));
      assert.equal(question, `${candidates.join(" ")} prompt : ${basePrompt}`);
      const needed = concept.facts.find((fact) => isWording(fact, basePrompt));
      assert.equal(candidates[truthIndex], needed?.text);
    }
    assert.deepEqual(new Set(tasks.map(({ truthIndex }) => truthIndex)), new Set([0, 1]));
    const longest = Math.max(...tasks.map(({ question }) => question.split(" ").length));
    const known = possibleQuestions(concept, { textReasoning: shown.textReasoning, shownFacts: 2 });
    assert.ok(known.some((question) => question.split(" ").length >= longest));
  });
  it("draws from the prompt that needs the fact", () => {
    for (const { basePrompt, truthIndex, candidates, image, explicitPrompt } of many(0).slice(0, 20)) {
      const fact = concept.facts[truthIndex];
      assert.ok(fact !== undefined && isWording(fact, basePrompt));
      assert.equal(explicitPrompt, fact.explicitPrompt);
      assert.equal(candidates[truthIndex], fact?.text);
      assert.equal(image, null);
    }
  });
  it("words a wish in all ways that training may use", () => {
    const worded = {
      ...concept,
      facts: concept.facts.map((fact) => ({ ...fact, otherWordings: [`other ${fact.index}`] })),
    };
    const tasks = many(0, worded);
    for (const { basePrompt, truthIndex, question } of tasks) {
      const fact = worded.facts[truthIndex];
      assert.ok([fact?.reasoningPrompt, `other ${truthIndex}`].includes(basePrompt));
      assert.ok(question.endsWith(basePrompt));
    }
    assert.equal(new Set(tasks.map(({ basePrompt }) => basePrompt.startsWith("other"))).size, 2);
    const known = possibleQuestions(worded, { textReasoning: options(0).textReasoning });
    assert.ok(tasks.every(({ question }) => known.includes(question)));
  });
  it("asks about train photos, with one right answer", () => {
    for (const { image, question, candidates, truthIndex, basePrompt } of many(1).slice(0, 50)) {
      assert.ok(concept.trainImages.includes(image as string));
      const exchanges = concept.photoDialogues.filter((each) => each.image === image)
        .flatMap((each) => each.exchanges);
      assert.ok(exchanges.some((each) => each.question === question && each.answer === candidates[0]));
      assert.deepEqual([candidates.length, truthIndex, basePrompt], [1, 0, "a photo of <mip> ."]);
    }
  });
  it("mixes both modes as often as asked", () => {
    const share = (mix: number) => many(mix).filter(({ mode }) => mode === "visual").length / 200;
    assert.deepEqual([share(0), share(1)], [0, 1]);
    assert.ok(Math.abs(share(0.5) - 0.5) < 0.12);
  });
  it("takes the other mode where one has no data, and says so where both have none", () => {
    const blind = { ...concept, photoDialogues: [] };
    const silent = { ...concept, facts: concept.facts.filter(({ split }) => split === "test") };
    assert.ok(many(1, blind).every(({ mode }) => mode === "textual"));
    assert.ok(many(0, silent).every(({ mode }) => mode === "visual"));
    const found = sampleTask(keyFromSeed(1), { ...silent, photoDialogues: [] }, options(0.5));
    assert.ok(E.isLeft(found) && found.left._tag === "InputInvalid");
  });
});

describe("reasoningQuestion()", () => {
  it("fills in facts and prompt literally", () =>
    assert.equal(
      reasoningQuestion("{facts} | {prompt}", ["a $& .", "b ."], "c $1 ."),
      "a $& . b . | c $1 .",
    ));
});
