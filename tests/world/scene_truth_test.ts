import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { nounPhrase } from "../../lib/world/lexicon.ts";
import { attributesOf, clauseHolds, clausesOf, constraintsOf } from "../../lib/world/scene_truth.ts";
import { characters, scenes } from "./arbitrary.ts";

describe("clausesOf()", () => {
  it("says what is true, and together everything", () => {
    fc.assert(fc.property(scenes, (scene) => {
      const [truth, clauses] = [attributesOf(scene), clausesOf(scene)];
      for (const clause of clauses) assert.equal(clauseHolds(clause, truth), true, clause);
      const said = Object.assign({}, ...clauses.map(constraintsOf));
      for (const [topic, value] of Object.entries(truth)) {
        assert.ok(said[topic] === value || (value === "none" && said[topic] === undefined), topic);
      }
    }));
  });

  it("contradicts a scene that differs in anything", () => {
    fc.assert(
      fc.property(scenes, scenes, (a, b) => {
        const same = JSON.stringify(attributesOf(a)) === JSON.stringify(attributesOf(b));
        const holds = clausesOf(a).every((clause) => clauseHolds(clause, attributesOf(b)) === true);
        assert.equal(holds, same);
      }),
      { numRuns: 300 },
    );
  });
});

describe("constraintsOf()", () => {
  it("tells the colour of the character from the colour of the accessory", () => {
    assert.deepEqual(constraintsOf("the dress of the woman is blue"), { kind: "woman", colour: "blue" });
    assert.deepEqual(constraintsOf("holding an orange ball"), {
      accessory: "ball",
      accessory_colour: "orange",
    });
    assert.deepEqual(constraintsOf("wearing nothing"), { accessory: "none", accessory_colour: "none" });
  });

  it("reads case and punctuation as people write them", () => {
    assert.deepEqual(constraintsOf("A photo of the Robot, at night."), { kind: "robot", time: "night" });
  });

  it("reads a description back to the character", () => {
    fc.assert(fc.property(characters, (character) => {
      assert.deepEqual(constraintsOf(nounPhrase(character)), { ...character });
    }));
  });
});

describe("clauseHolds()", () => {
  it("gives null where there is nothing to check", () => {
    assert.equal(clauseHolds("a very happy day out in".replace("day", ""), {}), null);
    assert.equal(clauseHolds("", { kind: "dog" }), null);
  });
});
