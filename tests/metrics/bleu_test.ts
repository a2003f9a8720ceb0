import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { characterBleu, sentenceBleu, wordBleu } from "../../lib/metrics/bleu.ts";
import nltk from "../fixtures/metrics/bleu_nltk.json" with { type: "json" };

const near = (a: number, b: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} ${b}`);

describe("characterBleu()", () => {
  // Computed with NLTK 3.10: weights (0.7, 0.3), smoothing method 1 with ε = 0.1.
  const vectors: readonly (readonly [string, string, number])[] = [
    ["<w_n> has a blue T-shirt.", "<w_n> has a blue T-shirt.", 1],
    ["<w_n> has a blue T-shirt.", "blue", 0.005247518399],
    ["<w_n> has a blue T-shirt.", "<w_n> wears a red hat.", 0.599996076861],
    ["<w_n> works in a biological laboratory.", "<w_n> has a blue T-shirt.", 0.338171666701],
    ["<m> wears a pink bib when going out.", "<m> wears a pink bib.", 0.482066261397],
    ["The dog is brown.", "A brown dog", 0.507065680364],
    ["naïve café", "naive cafe", 0.757417984799],
    ["🐶 dog", "🐶 cat", 0.347395346444],
    ["abc", "cab", 0.812252396356],
    ["abc", "c", 0.067828316218],
    ["aaaa", "aa", 0.367879441171],
    ["aa", "aaaa", 0.442733746648],
    ["a", "a", 0.501187233627],
    ["abc", "xyz", 0],
    ["abc", "", 0],
    ["a red hat", "blue cap", 0.124167],
  ];
  for (const [reference, candidate, score] of vectors) {
    it(`scores "${candidate}" against "${reference}"`, () =>
      near(characterBleu(reference, candidate), score, score === 0.124167 ? 5e-7 : 5e-13));
  }
  it("equals NLTK on 150 drawn pairs", () =>
    nltk.rows.forEach((row) => near(characterBleu(row.reference, row.candidate), row.characters)));
  it("stays in [0, 1] and is 1 for equal texts of two code points or more", () =>
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const score = characterBleu(a, b);
      assert.ok(score >= 0 && score <= 1 + 1e-12);
      if (Array.from(a).length >= 2) near(characterBleu(a, a), 1);
    })));
});

describe("wordBleu()", () => {
  it("equals NLTK on words, with two and with four weights", () => {
    nltk.rows.forEach((row) => {
      near(wordBleu(row.reference, row.candidate), row.words);
      near(wordBleu(row.reference, row.candidate, { weights: [0.25, 0.25, 0.25, 0.25] }), row.words4);
    });
  });
});

describe("sentenceBleu()", () => {
  it("keeps tokens apart that join to the same text", () =>
    assert.equal(sentenceBleu(["ab", "c"], ["a", "bc"]), 0));
});
