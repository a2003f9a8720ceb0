import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Fact } from "../../lib/concept/concept.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { dealtAnew } from "../../lib/method/dealt_details.ts";
import { sampleTask } from "../../lib/method/task.ts";
import { concept, right } from "../cold_start/tiny.ts";

const WORN = ["a red hat", "a blue scarf", "a white backpack"];
const HELD = ["a pink ball", "a green umbrella"];
const PLACES = ["at the beach", "at night", "on the street", "at sunset", "in the kitchen"];
const facts: readonly Fact[] = [...WORN, ...HELD].map((detail, index) => {
  const verb = WORN.includes(detail) ? "wears" : "holds";
  const ing = verb === "wears" ? "wearing" : "holding";
  return {
    ...{ index, detail, split: "train" as const },
    text: `${PLACES[index]} <mip> ${verb} ${detail} .`,
    explicitPrompt: `a photo of <mip> ${ing} ${detail} ${PLACES[index]} .`,
  };
});

describe("dealtAnew()", () => {
  it("keeps places, order and the set of details, and lets nobody wear what is held", () =>
    fc.assert(fc.property(fc.nat(), fc.shuffledSubarray([...facts], { minLength: 1 }), (seed, listed) => {
      const dealt = dealtAnew(listed, keyFromSeed(seed));
      assert.deepEqual(dealt.map(({ index }) => index), listed.map(({ index }) => index));
      const details = (all: readonly Fact[]) => all.map(({ detail }) => detail).toSorted();
      assert.deepEqual(details(dealt), details(listed));
      dealt.forEach(({ index, text, detail = "", explicitPrompt }) => {
        const worn = WORN.includes(detail);
        assert.equal(text, `${PLACES[index]} <mip> ${worn ? "wears" : "holds"} ${detail} .`);
        assert.equal(
          explicitPrompt,
          `a photo of <mip> ${worn ? "wearing" : "holding"} ${detail} ${PLACES[index]} .`,
        );
      });
    })));

  it("gives a fact every detail of its kind", () => {
    const found = Array.from({ length: 60 }, (_, seed) => dealtAnew(facts, keyFromSeed(seed))[0]?.detail);
    assert.deepEqual([...new Set(found)].toSorted(), WORN.toSorted());
  });

  it("leaves a fact alone whose text does not name its detail once", () => {
    const odd: readonly Fact[] = [
      { index: 0, text: "<mip> is shy .", split: "train" },
      { index: 1, text: "<mip> wears a hat and a hat .", detail: "a hat", split: "train" },
      { index: 2, text: "<mip> likes tea .", detail: "a scarf", split: "train" },
    ];
    assert.deepEqual(dealtAnew(odd, keyFromSeed(1)), odd);
  });
});

describe("sampleTask()", () => {
  const asked = facts.map((fact) => ({
    ...fact,
    reasoningPrompt: `a picture of <mip> ${PLACES[fact.index]} .`,
  }));

  it("asks for the detail that was dealt, and changes nothing else", () => {
    const options = {
      ...{
        reasoningMix: 0,
        textReasoning: "{facts} prompt : {prompt}",
        plainPrompt: "a photo of {concept} .",
      },
      shownFacts: 5,
    };
    const from = { ...concept, facts: asked };
    let moved = 0;
    for (let seed = 0; seed < 40; seed++) {
      const plain = right(sampleTask(keyFromSeed(seed), from, options));
      const dealt = right(sampleTask(keyFromSeed(seed), from, { ...options, dealtShare: 1 }));
      assert.deepEqual([dealt.basePrompt, dealt.truthIndex], [plain.basePrompt, plain.truthIndex]);
      const answer = dealt.candidates[dealt.truthIndex] as string;
      const detail = answer.replace(/^.*(?:wears|holds) (.*) \.$/, "$1");
      assert.ok(dealt.explicitPrompt?.includes(detail) && dealt.question.includes(answer));
      moved += Number(answer !== plain.candidates[plain.truthIndex]);
    }
    assert.ok(moved > 10);
  });
});
