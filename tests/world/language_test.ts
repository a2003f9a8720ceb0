import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { CAPTION_FORMS, captionOf } from "../../lib/world/language.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { DEFAULT_SCENE } from "../../lib/world/scene.ts";
import { attributesOf, constraintsOf, describedAttributes } from "../../lib/world/scene_truth.ts";
import { keys, scenes } from "./arbitrary.ts";

const forms = fc.constantFrom(...CAPTION_FORMS);
const vocabulary = new Set(vocabularyWords());

describe("captionOf()", () => {
  it("parses back to its scene in every form, whatever is left out", () => {
    fc.assert(
      fc.property(scenes, keys, forms, fc.constantFrom(0, 0.5, 1), (scene, key, form, drop) => {
        const caption = captionOf(scene, key, { form, drop });
        assert.deepEqual(describedAttributes(caption), attributesOf(scene), caption);
      }),
      { numRuns: 400 },
    );
  });

  it("never says anything false, even when it may be silent about anything", () => {
    fc.assert(fc.property(scenes, keys, forms, (scene, key, form) => {
      const caption = captionOf(scene, key, { form, drop: 0.7, silence: "open" });
      const truth = attributesOf(scene);
      for (const [topic, value] of Object.entries(constraintsOf(caption))) {
        assert.equal(value, truth[topic as keyof typeof truth], caption);
      }
      assert.equal(constraintsOf(caption).position, scene.position);
    }));
  });

  it("uses only the closed vocabulary, with single spaces", () => {
    fc.assert(
      fc.property(scenes, keys, (scene, key) => {
        for (const word of captionOf(scene, key, { drop: 0.5 }).split(" ")) {
          assert.ok(vocabulary.has(word), `"${word}"`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("puts a subject in place of the description, also at the second mention", () => {
    fc.assert(fc.property(scenes, keys, forms, (scene, key, form) => {
      const caption = captionOf(scene, key, { form, subject: "<mip>", drop: 0.5 });
      assert.ok(caption.startsWith("a photo of <mip> "), caption);
      assert.ok(!caption.includes(`the ${scene.character.kind}`), caption);
    }));
  });

  it("says no more than the subject of a scene at its defaults", () => {
    const scene = { ...DEFAULT_SCENE, character: { kind: "cat", colour: "red", pattern: "plain" } } as const;
    fc.assert(fc.property(keys, (key) => {
      const caption = captionOf(scene, key, { form: "sentence", subject: "<mip>", drop: 1 });
      assert.equal(caption, "a photo of <mip> .");
    }));
  });

  it("writes the compound form as a prompt followed by a fact", () => {
    const scene = {
      character: { kind: "dog", colour: "blue", pattern: "spotted" },
      accessory: { item: "ball", colour: "orange" },
      place: "park",
      time: "night",
      activity: "standing",
      position: "middle",
    } as const;
    const texts = new Set(
      Array.from({ length: 64 }, (_, seed) => captionOf(scene, [0, seed], { form: "compound", drop: 1 })),
    );
    assert.ok(texts.has("a photo of a spotted blue dog at night . the dog holds an orange ball at night ."));
    assert.ok(
      texts.has("a photo of a spotted blue dog at night . under the moon the dog holds an orange ball ."),
    );
  });
});
