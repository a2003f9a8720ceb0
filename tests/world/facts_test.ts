import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  explicitPrompt,
  type Fact,
  factConditions,
  factScene,
  factSentence,
  fittingFacts,
  isHeldOutFact,
  reasoningPrompt,
  sampleFacts,
  sampleFactTask,
} from "../../lib/world/facts.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import {
  attributesOf,
  clauseHolds,
  constraintsOf,
  describedAttributes,
} from "../../lib/world/scene_truth.ts";
import { characters, keys } from "./arbitrary.ts";

const wordings = fc.constantFrom(0 as const, 1 as const);
const factLists = keys.map((key) => sampleFacts(key, { count: 5, tests: 2 }));
const HAT: Fact = {
  condition: { part: "activity", value: "jumping" },
  accessory: { item: "hat", colour: "orange" },
  split: "train",
};

describe("sampleFacts()", () => {
  it("gives each character different conditions, items and colours", () => {
    fc.assert(fc.property(factLists, (facts) => {
      assert.equal(new Set(facts.map(({ condition }) => condition.value)).size, 5);
      assert.equal(new Set(facts.map(({ accessory }) => accessory.item)).size, 5);
      assert.equal(new Set(facts.map(({ accessory }) => accessory.colour)).size, 5);
    }));
  });

  it("keeps for test what pretraining never shows", () => {
    fc.assert(fc.property(factLists, (facts) => {
      assert.deepEqual(facts.map(({ split }) => split), ["train", "train", "train", "test", "test"]);
      for (const fact of facts) assert.equal(isHeldOutFact(fact), fact.split === "test");
    }));
  });

  it("names no condition that pictures have by default", () => {
    assert.deepEqual(factConditions().map(({ value }) => value), [
      ...[
        "beach",
        "street",
        "forest",
        "kitchen",
        "bedroom",
        "sunset",
        "night",
        "waving",
        "jumping",
        "sleeping",
      ],
    ]);
  });
});

describe("reasoningPrompt()", () => {
  it("fits exactly one fact, in every wording, and does not tell it", () => {
    fc.assert(fc.property(factLists, wordings, (facts, wording) => {
      facts.forEach((fact, index) => {
        const prompt = reasoningPrompt(fact, { subject: "<mip>", wording });
        assert.deepEqual(fittingFacts(prompt, facts), [index], prompt);
        assert.equal(constraintsOf(prompt).accessory, undefined);
      });
    }));
  });
});

describe("factSentence() and explicitPrompt()", () => {
  it("say the fact in both orders and wordings", () => {
    assert.equal(factSentence(HAT, { subject: "<mip>" }), "<mip> wears an orange hat while jumping .");
    assert.equal(
      factSentence(HAT, { subject: "<mip>", conditionFirst: true, wording: 1 }),
      "while up in the air <mip> wears an orange hat .",
    );
    assert.equal(
      explicitPrompt(HAT, { subject: "<mip>" }),
      "a photo of <mip> wearing an orange hat while jumping .",
    );
    assert.equal(reasoningPrompt(HAT, { subject: "<mip>" }), "a photo of <mip> jumping .");
  });

  it("describe the scene of the fact", () => {
    fc.assert(fc.property(factLists, characters, wordings, (facts, character, wording) => {
      for (const fact of facts) {
        const truth = attributesOf(factScene(character, fact));
        const said = describedAttributes(explicitPrompt(fact, { subject: "<mip>", wording }));
        for (const [topic, value] of Object.entries(said)) {
          assert.equal(truth[topic as keyof typeof truth], value);
        }
        assert.equal(clauseHolds(factSentence(fact, { subject: "<mip>", wording }), truth), true);
      }
    }));
  });
});

describe("sampleFactTask()", () => {
  const vocabulary = new Set([...vocabularyWords(), "<mip>"]);

  it("lists the answer among its facts and nothing held out", () => {
    fc.assert(fc.property(keys, fc.integer({ min: 1, max: 5 }), fc.boolean(), (key, count, paraphrase) => {
      const task = sampleFactTask(key, { subject: "<mip>", count, paraphrase });
      assert.equal(task.facts.length, count);
      assert.equal(task.facts.filter((fact) => fact === task.answer).length, 1);
      assert.equal(isHeldOutFact(task.fact), false);
      const asked = constraintsOf(task.prompt)[task.fact.condition.part];
      assert.equal(
        task.facts.filter((fact) => constraintsOf(fact)[task.fact.condition.part] === asked).length,
        1,
      );
      for (const word of [...task.facts, task.prompt, task.explicitPrompt].join(" ").split(" ")) {
        assert.ok(vocabulary.has(word), `"${word}"`);
      }
    }));
  });
});
