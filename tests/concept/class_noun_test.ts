import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { withClassNoun } from "../../lib/concept/class_noun.ts";

const dog = { token: "<m>", className: "dog" };
const owl = { token: "<m>", className: "owl" };

describe("withClassNoun()", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a <m> in the jungle", "a dog in the jungle", "an owl in the jungle"],
    ["A <m>.", "A dog.", "An owl."],
    ["an <m>", "a dog", "an owl"],
    ["a red <m>", "a red dog", "a red owl"],
    ["a cube shaped <m>", "a cube shaped dog", "a cube shaped owl"],
    ["A photo of a <m> displayed", "A photo of a dog displayed", "A photo of an owl displayed"],
    ["A photo of <m> at the beach.", "A photo of the dog at the beach.", "A photo of the owl at the beach."],
    [
      "The interior of the <m> is hollow.",
      "The interior of the dog is hollow.",
      "The interior of the owl is hollow.",
    ],
    ["<m> wears a pink bib.", "The dog wears a pink bib.", "The owl wears a pink bib."],
    ["It rains. <m> sleeps.", "It rains. The dog sleeps.", "It rains. The owl sleeps."],
    ["A bright café, <m> rests.", "A bright café, the dog rests.", "A bright café, the owl rests."],
    ["<m> and <m>'s toy", "The dog and the dog's toy", "The owl and the owl's toy"],
    ["no token here", "no token here", "no token here"],
  ];
  for (const [text, asDog, asOwl] of cases) {
    it(`rewrites "${text}"`, () => {
      assert.equal(withClassNoun(text, dog), asDog);
      assert.equal(withClassNoun(text, owl), asOwl);
    });
  }
  it("leaves no token behind, and other text alone", () =>
    fc.assert(fc.property(fc.array(fc.constantFrom("a", "<m>", "of", "red", ".", ",", "$1")), (words) => {
      const text = words.join(" ");
      const written = withClassNoun(text, dog);
      assert.ok(!written.includes("<m>"));
      if (!text.includes("<m>")) assert.equal(written, text);
    })));
  it("treats tokens and nouns with special characters literally", () =>
    assert.equal(withClassNoun("of <a.b+c>", { token: "<a.b+c>", className: "$& cup" }), "of the $& cup"));
});
