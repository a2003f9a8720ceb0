import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { makeConcept, randomScenes, similarCharacters } from "../../lib/world/concept.ts";
import { characterId, characterSplit, isHeldOutCombination } from "../../lib/world/scene.ts";
import { constraintsOf } from "../../lib/world/scene_truth.ts";
import { characters, keys } from "./arbitrary.ts";

describe("makeConcept()", () => {
  it("shows the character in different scenes, none of which gives a test fact away", () => {
    fc.assert(
      fc.property(characters, keys, (character, key) => {
        const concept = makeConcept(character, key, { name: "mip", trainImages: 6, testImages: 5 });
        const scenes = [...concept.trainScenes, ...concept.testScenes];
        assert.deepEqual([concept.trainScenes.length, concept.testScenes.length], [6, 5]);
        assert.equal(new Set(scenes.map((scene) => JSON.stringify(scene))).size, 11);
        for (const scene of scenes) {
          assert.deepEqual(scene.character, character);
          assert.equal(isHeldOutCombination(scene), false);
          for (const { condition } of concept.facts.slice(5)) {
            assert.notEqual(scene[condition.part], condition.value);
          }
        }
        for (const part of ["activity", "time", "place"] as const) {
          for (const set of [concept.trainScenes, concept.testScenes]) {
            assert.ok(new Set(set.map((scene) => scene[part])).size > 1, `one ${part} only`);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has look-alikes that differ in one attribute and are known to pretraining", () => {
    fc.assert(
      fc.property(characters, keys, (character, key) => {
        const { negativeScenes } = makeConcept(character, key, { name: "mip" });
        assert.ok(negativeScenes.length === 4);
        const similar = new Set(similarCharacters(character).map(characterId));
        for (const scene of negativeScenes) {
          assert.ok(similar.has(characterId(scene.character)));
          assert.equal(characterSplit(scene.character), "pretrain");
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("dense prompts of a concept", () => {
  it("need one of the ten facts, a test fact", () => {
    fc.assert(
      fc.property(characters, keys, (character, key) => {
        const { denseReasoning, facts } = makeConcept(character, key, { name: "mip" });
        for (const { explicit, facts: [needed = -1] } of denseReasoning) {
          assert.equal(facts[needed]?.split, "test");
          assert.equal(constraintsOf(explicit).accessory, facts[needed]?.accessory.item);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe("similarCharacters()", () => {
  it("counts one change an attribute", () => {
    assert.equal(similarCharacters({ kind: "dog", colour: "blue", pattern: "plain" }).length, 3 + 7 + 2);
    assert.equal(
      similarCharacters({ kind: "man", colour: "blue", hair: "grey", skin: "dark" }).length,
      1 + 7 + 3 + 1,
    );
  });
});

describe("randomScenes()", () => {
  it("draws pretraining characters only, and a prefix is a prefix", () => {
    fc.assert(fc.property(keys, (key) => {
      const scenes = randomScenes(key, 6);
      assert.ok(scenes.every((scene) => characterSplit(scene.character) === "pretrain"));
      assert.deepEqual(randomScenes(key, 3), scenes.slice(0, 3));
    }));
  });
});
