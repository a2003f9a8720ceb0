import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { densePrompts, denseReasoningPrompts, promptClauses } from "../../lib/world/dense.ts";
import { fittingFacts, sampleFacts } from "../../lib/world/facts.ts";
import { attributesOf, clauseHolds, constraintsOf } from "../../lib/world/scene_truth.ts";
import { characters, keys } from "./arbitrary.ts";

const factLists = keys.map((key) => sampleFacts(key, { count: 5, tests: 2 }));

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

describe("promptClauses()", () => {
  it("drops empty pieces and names the class", () => {
    assert.deepEqual(promptClauses("<mip> , , waving . .", { subject: "<mip>", kind: "bear" }), [
      "the bear",
      "waving",
    ]);
  });
});
