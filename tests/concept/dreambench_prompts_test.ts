import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DREAMBENCH_SUBJECTS, dreambenchPrompts } from "../../lib/concept/dreambench_prompts.ts";

describe("dreambenchPrompts()", () => {
  it("has 25 different prompts per type, 15 of them shared", () => {
    const [live, object] = [dreambenchPrompts("live_subject", "X"), dreambenchPrompts("object", "X")];
    for (const prompts of [live, object]) {
      assert.equal(new Set(prompts).size, 25);
      assert.ok(prompts.every((prompt) => prompt.includes("X") && !prompt.includes("@")));
    }
    assert.deepEqual(live.filter((prompt) => object.includes(prompt)).length, 15);
  });

  it("keeps the published order and wording", () => {
    const live = dreambenchPrompts("live_subject", "<sks> dog");
    assert.deepEqual([live[0], live[9], live[13], live[24]], [
      "a <sks> dog in the jungle",
      "a <sks> dog on top of a purple rug in a forest",
      "a <sks> dog wearing a black top hat and a monocle",
      "a cube shaped <sks> dog",
    ]);
    assert.equal(dreambenchPrompts("object", "$& toy")[14], "a $& toy floating in an ocean of milk");
  });
});

describe("DREAMBENCH_SUBJECTS", () => {
  it("has 30 subjects, 9 of them alive", () => {
    assert.equal(DREAMBENCH_SUBJECTS.size, 30);
    const live = [...DREAMBENCH_SUBJECTS.values()].filter(({ generationType }) =>
      generationType === "live_subject"
    );
    assert.equal(live.length, 9);
    assert.deepEqual(new Set(live.map(({ className }) => className)), new Set(["cat", "dog"]));
  });
});
