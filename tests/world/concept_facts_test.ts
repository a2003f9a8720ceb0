import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { conceptFacts, OPENINGS } from "../../lib/world/concept_facts.ts";
import { factConditions, fittingFacts, isHeldOutFact, reasoningPrompt } from "../../lib/world/facts.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { keys } from "./arbitrary.ts";

const drawn = keys.map(conceptFacts);
const different = <A>(values: readonly A[]): number => new Set(values).size;

describe("conceptFacts()", () => {
  it("gives every condition one fact: five to learn from, then five to test on", () => {
    fc.assert(fc.property(drawn, ({ facts }) => {
      assert.deepEqual(facts.map(({ split }) => split), [
        ...Array(5).fill("train"),
        ...Array(5).fill("test"),
      ]);
      const values = facts.map(({ condition }) => condition.value);
      assert.deepEqual(values.toSorted(), factConditions().map(({ value }) => value).toSorted());
    }));
  });

  it("draws both splits alike: what pretraining shows, every item once, all colours different, nothing twice", () => {
    fc.assert(fc.property(drawn, ({ facts }) => {
      assert.ok(!facts.some(isHeldOutFact));
      for (const split of [facts.slice(0, 5), facts.slice(5)]) {
        assert.equal(different(split.map(({ accessory }) => accessory.item)), 5);
        assert.equal(different(split.map(({ accessory }) => accessory.colour)), 5);
      }
      assert.equal(different(facts.map(({ accessory: { item, colour } }) => `${item} ${colour}`)), 10);
    }));
  });

  it("has new combinations under the test facts' conditions, none of which pretraining shows", () => {
    fc.assert(fc.property(drawn, ({ facts, newCombinations }) => {
      assert.deepEqual(
        newCombinations.map(({ condition }) => condition),
        facts.slice(5).map(({ condition }) => condition),
      );
      assert.ok(newCombinations.every(isHeldOutFact));
      assert.equal(different(newCombinations.map(({ accessory }) => accessory.item)), 5);
      assert.equal(different(newCombinations.map(({ accessory }) => accessory.colour)), 5);
    }));
  });
});

describe("OPENINGS", () => {
  it("keep one wording for the test, and none is that of pretraining", () => {
    const [shared = "", kept = ""] = OPENINGS.test;
    assert.ok(OPENINGS.train.includes(shared) && !OPENINGS.train.includes(kept));
    const known = new Set(vocabularyWords());
    for (const opening of [...OPENINGS.train, ...OPENINGS.test]) {
      assert.ok(opening !== "a photo of" && opening.split(" ").every((word) => known.has(word)), opening);
    }
  });

  it("leave the prompt to its one fact", () => {
    fc.assert(fc.property(drawn, ({ facts }) => {
      facts.forEach((fact, index) => {
        for (const opening of OPENINGS[fact.split]) {
          const prompt = reasoningPrompt(fact, { subject: "<mip>", opening });
          assert.deepEqual(fittingFacts(prompt, facts), [index], prompt);
        }
      });
    }));
  });
});
