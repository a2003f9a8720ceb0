import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import {
  allCharacters,
  characterId,
  charactersOf,
  characterSplit,
  COLOURS,
  DEFAULT_SCENE,
  HELD_OUT_COLOUR,
  HELD_OUT_PLACE,
  isHeldOutCombination,
  isPerson,
  ITEMS,
  KINDS,
  sampleScene,
} from "../../lib/world/scene.ts";
import { keys } from "./arbitrary.ts";

describe("allCharacters()", () => {
  it("names every identity once", () => {
    assert.equal(new Set(allCharacters().map(characterId)).size, 224);
  });
});

describe("characterSplit()", () => {
  const splits = (["pretrain", "heldout", "dev"] as const).map((split) => charactersOf(split));

  it("puts every character into exactly one split", () => {
    assert.equal(splits.flat().length, 224);
    assert.equal(new Set(splits.flat().map(characterId)).size, 224);
  });

  it("holds out about a tenth and keeps about a twentieth for tuning", () => {
    const [, heldout, dev] = splits.map((split) => split.length);
    assert.ok(Math.abs((heldout ?? 0) / 224 - 0.1) < 0.04, `${heldout} held out`);
    assert.ok(Math.abs((dev ?? 0) / 224 - 0.05) < 0.03, `${dev} for tuning`);
  });

  it("has every kind in every split and every colour among the held-out ones", () => {
    for (const split of splits) {
      for (const kind of KINDS) assert.ok(split.some((character) => character.kind === kind), kind);
    }
    for (const colour of COLOURS) {
      assert.ok(splits[1]?.some((character) => character.colour === colour), colour);
    }
  });
});

describe("sampleScene()", () => {
  it("never shows pretraining a held-out character or combination", () => {
    fc.assert(fc.property(keys, (key) => {
      const scene = sampleScene(key, { characters: charactersOf("pretrain") });
      assert.equal(characterSplit(scene.character), "pretrain");
      assert.equal(isHeldOutCombination(scene), false);
    }));
  });

  it("draws only held-out combinations when asked", () => {
    fc.assert(fc.property(keys, (key) => {
      const scene = sampleScene(key, { characters: allCharacters(), combinations: "heldout" });
      const { accessory, place } = scene;
      assert.ok(accessory !== null);
      assert.ok(
        HELD_OUT_PLACE[accessory.item] === place || HELD_OUT_COLOUR[accessory.item] === accessory.colour,
      );
    }));
  });

  it("draws the same scene from the same key", () => {
    fc.assert(fc.property(keys, (key) => {
      const options = { characters: allCharacters(), combinations: "all" } as const;
      assert.deepEqual(sampleScene(key, options), sampleScene(key, options));
    }));
  });

  it("shows every kind and item about equally often", () => {
    const scenes = Array.from(
      { length: 3000 },
      (_, index) =>
        sampleScene(fold(keyFromSeed(1), index), { characters: allCharacters(), combinations: "all" }),
    );
    const people = scenes.filter((scene) => isPerson(scene.character)).length / 3000;
    assert.ok(Math.abs(people - 128 / 224) < 0.04);
    for (const item of [null, ...ITEMS]) {
      const share = scenes.filter((scene) => (scene.accessory?.item ?? null) === item).length / 3000;
      assert.ok(Math.abs(share - 1 / 6) < 0.03, `${item}: ${share}`);
    }
  });

  it("puts everything at its default when asked", () => {
    const { character, ...rest } = sampleScene(keyFromSeed(4), { characters: allCharacters(), defaults: 1 });
    assert.deepEqual(rest, DEFAULT_SCENE);
    assert.ok(allCharacters().includes(character) || characterId(character) !== "");
  });
});
