import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { worldPrompts } from "../../lib/evaluation/world_prompts.ts";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { HELD_OUT_COLOUR, ITEMS } from "../../lib/world/scene.ts";
import { constraintsOf } from "../../lib/world/scene_truth.ts";

describe("worldPrompts()", () => {
  it("is what the bundled data set holds", async () => {
    const file = new URL("../../assets/world/prompts_to_eval.json", import.meta.url);
    const prompts = worldPrompts();
    assert.deepEqual(JSON.parse(await Deno.readTextFile(file)), { object: prompts, live_subject: prompts });
  });

  it("says one thing in words of the grammar, and nothing twice", () => {
    const words = new Set([...vocabularyWords(), "<sks>"]);
    const prompts = worldPrompts();
    assert.equal(new Set(prompts).size, 25);
    for (const prompt of prompts) {
      assert.ok(prompt.split(" ").every((word) => words.has(word)), prompt);
      assert.equal(Object.keys(constraintsOf(prompt)).length > 0, prompt !== "a photo of <sks> .", prompt);
    }
    for (const item of ITEMS) {
      const said = prompts.map(constraintsOf).filter(({ accessory }) => accessory === item);
      assert.ok(
        said.length > 0 && said.every((found) => found.accessory_colour !== HELD_OUT_COLOUR[item]),
        item,
      );
    }
  });
});
