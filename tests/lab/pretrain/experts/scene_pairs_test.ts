import { describe, it } from "@std/testing/bdd";
import { fold } from "../../../../lib/core/key.ts";
import { isForPretraining } from "../../../../lab/pretrain/experts/part.ts";
import {
  captionedPairs,
  CHANGES,
  fittingCaption,
  nearMiss,
} from "../../../../lab/pretrain/experts/scene_pairs.ts";
import { charactersOf, sampleScene } from "../../../../lib/world/scene.ts";
import { attributesOf } from "../../../../lib/world/scene_truth.ts";
import assert from "node:assert/strict";
import { KEY } from "./tiny.ts";

const characters = charactersOf("pretrain");
const scenes = Array.from({ length: 60 }, (_, index) => sampleScene(fold(KEY, index), { characters }));

describe("nearMiss()", () => {
  it("changes what it is told and nothing else", () => {
    for (const [index, scene] of scenes.entries()) {
      for (const change of CHANGES) {
        const [before, after] = [scene, nearMiss(fold(KEY, index), scene, { change, identity: true })].map(
          attributesOf,
        );
        const differ = Object.keys(before ?? {}).filter((name) =>
          before?.[name as "kind"] !== after?.[name as "kind"]
        );
        const expected: Record<string, readonly string[]> = {
          identity: ["kind", "colour", "pattern", "hair", "skin"],
          item: ["accessory", "accessory_colour"],
          item_colour: ["accessory", "accessory_colour"],
        };
        assert.ok(differ.length > 0);
        assert.ok(
          differ.every((name) => (expected[change] ?? [change]).includes(name)),
          `${change}: ${differ}`,
        );
      }
    }
  });

  it("leaves the identity alone if told so, and obeys what is allowed", () => {
    for (const [index, scene] of scenes.entries()) {
      const miss = nearMiss(fold(KEY, index), scene, { identity: false, allows: isForPretraining });
      assert.deepEqual(miss.character, scene.character);
      assert.ok(isForPretraining(miss));
    }
  });
});

describe("fittingCaption()", () => {
  it("says the kind; keeps to the length where no long description is in the way", () => {
    const fits = (text: string) => text.split(" ").length <= 30;
    for (const [index, scene] of scenes.entries()) {
      for (const style of ["description", "the", "a"] as const) {
        const text = fittingCaption(fold(KEY, index), scene, { style, fits });
        assert.ok(text.includes(scene.character.kind), text);
        if (style !== "description") assert.ok(fits(text), text);
      }
    }
  });
});

describe("captionedPairs()", () => {
  it("draws what pretraining may show; pairs are captioned differently", () => {
    const pairs = captionedPairs(KEY, { count: 64, characters, allows: isForPretraining, fits: () => true });
    assert.equal(pairs.length, 64);
    assert.ok(pairs.every(({ scene }) => isForPretraining(scene)));
    const different = pairs.filter(({ caption }, index) => caption !== pairs[index ^ 1]?.caption);
    assert.ok(different.length >= 62);
  });
});
