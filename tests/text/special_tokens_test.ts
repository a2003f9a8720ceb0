import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { lowerCase, splitSpecialTokens } from "../../lib/text/special_tokens.ts";

describe("splitSpecialTokens()", () => {
  it("finds the longest token first and marks it", () => {
    assert.deepEqual(splitSpecialTokens("x<a><ab><a", ["<a>", "<ab>", "<a><ab>", ""]), [
      { text: "x", isSpecial: false },
      { text: "<a><ab>", isSpecial: true },
      { text: "<a", isSpecial: false },
    ]);
    assert.deepEqual(splitSpecialTokens("", ["a"]), []);
    assert.deepEqual(splitSpecialTokens("a", []), [{ text: "a", isSpecial: false }]);
  });

  it("loses no character", () => {
    const text = fc.array(fc.constantFrom("[SEP]", "[", "SEP]", "a", " ", "🐶")).map((parts) =>
      parts.join("")
    );
    fc.assert(fc.property(text, (input) => {
      const sections = splitSpecialTokens(input, ["[SEP]", "🐶"]);
      assert.equal(sections.map((section) => section.text).join(""), input);
      for (const section of sections) {
        assert.equal(section.isSpecial, ["[SEP]", "🐶"].includes(section.text), section.text);
      }
    }));
  });
});

describe("lowerCase()", () => {
  it("knows no final sigma", () => {
    assert.equal(lowerCase("ΟΔΟΣ Éa𐐀"), "οδοσ éa𐐨");
  });
});
