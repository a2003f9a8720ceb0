import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { denseSegments, segmentMean } from "../../lib/metrics/segments.ts";

/** Dense prompts of three concepts of the paper's figures: three dense ones and one that needs facts. */
const PROMPTS: Readonly<Record<string, readonly string[]>> = {
  "<w_n>": [
    "A photo of a lively street in Hanoi, <w_n> is walking past food stalls. Red lanterns hang overhead and scooters are parked along the road.",
    "A photo of <w_n> sitting on a wooden boat in a river. Green hills rise in the distance and water ripples around the boat.",
    "A photo of a bright café interior, <w_n> is leaning on a counter. Hanging plants and chalkboard menus decorate the wall.",
    "A photo of <w_n> working, dressing in a white lab coat, holding a test tube in his hand. He appears to be looking anxious.",
  ],
  "<m>": [
    "A photo of a quiet suburban street, <m> is standing on the sidewalk. A row of houses and parked bicycles can be seen in the background.",
    "A photo of <m> sitting on a wooden bench in a park. Tall trees and a walking path stretch behind the bench.",
    "A photo of a sunny kitchen interior, <m> is lying on the tiled floor. A dining table and chairs are placed nearby.",
    "A photo of <m> doing what she loves at the beach, with a sandcastle nearby. The background shows the ocean and a clear sky.",
  ],
  "<g_p>": [
    "A photo of a modern living room, <g_p> is placed on a glass coffee table. A gray sofa and a floor lamp stand behind it.",
    "A photo of <g_p> sitting on a marble countertop in a kitchen. A bowl of fruit and a hanging light fixture are nearby.",
    "A photo of an outdoor patio at sunset, <g_p> rests on a wooden table. String lights hang overhead and potted plants surround the space.",
    "A photo of <g_p> during holidays, with festive decorations around it, and warm lighting.",
  ],
};
const CLAUSES: Readonly<Record<string, readonly number[]>> = {
  "<w_n>": [3, 2, 3, 4],
  "<m>": [3, 2, 3, 3],
  "<g_p>": [3, 2, 3, 3],
};
const COMMAS: Readonly<Record<string, readonly number[]>> = {
  "<w_n>": [2, 1, 2, 3],
  "<m>": [2, 1, 2, 2],
  "<g_p>": [2, 1, 2, 3],
};

describe("denseSegments()", () => {
  for (const [token, prompts] of Object.entries(PROMPTS)) {
    const counts = (splitter: "clauses" | "comma"): readonly number[] =>
      prompts.map((prompt) => denseSegments(prompt, { token, className: "thing" }, splitter).length);
    it(`cuts the prompts of ${token} into the counted clauses`, () => {
      assert.deepEqual(counts("clauses"), CLAUSES[token]);
      assert.deepEqual(counts("comma"), COMMAS[token]);
    });
  }
  const named = { token: "<m>", className: "dog" };
  it("keeps hyphens and slashes in a clause, unless told to cut there", () => {
    const prompt = "A photo of <m> (asleep) in a T-shirt/vest";
    assert.deepEqual(denseSegments(prompt, named), ["A photo of the dog (asleep) in a T-shirt/vest"]);
    assert.deepEqual(denseSegments(prompt, named, "punctuation"), [
      "A photo of the subject",
      "asleep",
      "in a T",
      "shirt",
      "vest",
    ]);
  });
  it("never returns an empty or untrimmed clause", () =>
    fc.assert(fc.property(
      fc.array(fc.constantFrom(" ", ",", ".", "a", "<m>", "-", "(")),
      fc.constantFrom("clauses", "punctuation", "comma"),
      (parts, splitter) => {
        for (const segment of denseSegments(parts.join(""), named, splitter as "comma")) {
          assert.ok(segment !== "" && segment === segment.trim());
        }
      },
    )));
});

describe("segmentMean()", () => {
  it("leaves out clauses without a score", () => {
    assert.equal(segmentMean([1, null, 0.5]), 0.75);
    assert.equal(segmentMean([null]), null);
  });
});
