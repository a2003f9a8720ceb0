import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { densePrompts, denseReasoningPrompts, splitSegments } from "../../lib/world/dense.ts";
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

describe("densePrompts() and denseReasoningPrompts()", () => {
  const dense = fc.tuple(keys, characters, factLists).map(([key, character, facts]) => ({
    key,
    options: { character, subject: "<mip>", facts, count: 3 },
  }));

  it("have segments that are all true of their scene", () => {
    fc.assert(
      fc.property(dense, ({ key, options }) => {
        const prompts = [...densePrompts(key, options), ...denseReasoningPrompts(key, options)];
        assert.equal(prompts.length, 6);
        for (const { segments, scene } of prompts) {
          assert.ok(segments.length >= 3);
          for (const segment of segments) {
            assert.equal(clauseHolds(segment, attributesOf(scene)), true, segment);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("need no fact, or exactly the one they name, without telling it", () => {
    fc.assert(
      fc.property(dense, ({ key, options }) => {
        for (const { text } of densePrompts(key, options)) {
          assert.deepEqual(fittingFacts(text, options.facts), []);
        }
        for (const { text, explicit, facts } of denseReasoningPrompts(key, options)) {
          assert.deepEqual(fittingFacts(text, options.facts), facts);
          assert.equal(constraintsOf(text).accessory, undefined);
          assert.equal(constraintsOf(explicit).accessory, options.facts[facts[0] ?? 0]?.accessory.item);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("splitSegments()", () => {
  it("drops empty pieces and names the class", () => {
    assert.deepEqual(splitSegments("<mip> , , waving . .", { subject: "<mip>", kind: "bear" }), [
      "the bear",
      "waving",
    ]);
  });
});
