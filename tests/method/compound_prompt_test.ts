import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanReasoning, compoundPrompt } from "../../lib/method/compound_prompt.ts";

const named = { token: "<bo>", className: "dog" };
const clean = (answer: string) => cleanReasoning(answer, named, { maxWords: 6 });

describe("cleanReasoning()", () => {
  it("keeps the first sentence of the first line", () => {
    assert.equal(clean("a red hat . more\nlast"), "a red hat .");
    assert.equal(clean("stop! go? yes"), "stop!");
    assert.equal(clean("really? yes"), "really?");
    assert.equal(clean("no end"), "no end");
  });
  it("writes the concept for its class noun, whole words only", () => {
    assert.equal(clean("The dog sleeps ."), "<bo> sleeps .");
    assert.equal(clean("a hotdog ."), "a hotdog .");
  });
  it("limits the words", () =>
    assert.equal(clean("one two three four five six seven"), "one two three four five six"));
  it("is idempotent, short and without line breaks", () =>
    fc.assert(fc.property(fc.string(), (answer) => {
      const once = clean(answer);
      assert.equal(clean(once), once);
      assert.ok(!once.includes("\n") && once.split(" ").length <= 6);
    })));
});

describe("compoundPrompt()", () => {
  it("is the base prompt alone for an empty answer", () => {
    assert.equal(compoundPrompt({ basePrompt: "a photo of <bo> ." }, ""), "a photo of <bo> .");
    assert.equal(compoundPrompt({ basePrompt: "a photo of <bo> ." }, "a hat ."), "a photo of <bo> . a hat .");
  });
});
