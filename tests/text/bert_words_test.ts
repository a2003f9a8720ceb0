import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { bertWords } from "../../lib/text/bert_words.ts";

describe("bertWords()", () => {
  it("drops accents and controls, separates punctuation and ideographs", () => {
    assert.deepEqual(bertWords("É\u0007t\u000bé\u00a0$5 ΟΔΟΣ 猫a\ufffd"), [
      "ete",
      "$",
      "5",
      "οδοσ",
      "猫",
      "a",
    ]);
  });

  it("yields neither spaces nor capitals", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const word of bertWords(text)) {
        assert(!/[\s\p{Mn}]/u.test(word.replace(/\p{C}/gu, "")), JSON.stringify(word));
      }
    }));
  });
});
