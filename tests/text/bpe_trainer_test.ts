import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { mergePair, trainBpe } from "../../lib/text/bpe_trainer.ts";
import { BYTE_SYMBOLS } from "../../lib/text/byte_level.ts";
import { END_OF_TEXT, phiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { parseTokenizerJson } from "../../lib/text/tokenizer_json.ts";

const SYLLABLES = ["ba", "ne", "ki", "tor", "lu", "mash", "re", "po"];
/** 144 lower-case words, about as many as a closed vocabulary has. */
const WORDS = SYLLABLES.flatMap((first) =>
  SYLLABLES.flatMap((second) => [first + second, first + second + "ing"])
)
  .concat("a red hat and blue scarf at the beach wears photo of in is on".split(" "));

describe("trainBpe()", () => {
  it("learns the merges of the textbook example", () => {
    const corpus = [
      ..."low ".repeat(5).trim().split(" "),
      ...Array(2).fill("lower"),
      ...Array(6).fill("newest"),
    ];
    const { merges } = trainBpe([...corpus, ...Array(3).fill("widest")], { merges: 3 }).model;
    assert.deepEqual(merges, [["e", "s"], ["es", "t"], ["l", "o"]]);
  });

  it("makes every word of a closed vocabulary one token, with its leading space", () => {
    const json = trainBpe(WORDS.map((word) => ` ${word}`), { merges: 400, specialTokens: [END_OF_TEXT] });
    const tokenizer = phiTokenizer(json);
    for (const word of WORDS) assert.equal(tokenizer.encode(` ${word}`).length, 1, word);
    assert(json.model.merges.length < 400, "training goes on although every word is one token");
    assert.equal(tokenizer.idOf(END_OF_TEXT), 256 + json.model.merges.length);
  });

  it("falls back to bytes, so that any text survives", () => {
    const tokenizer = phiTokenizer(trainBpe(WORDS, { merges: 50 }), { cleanUpSpaces: false });
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }));
  });

  it("does not depend on the order of the corpus", () => {
    const forward = trainBpe(WORDS, { merges: 60 });
    assert.deepEqual(trainBpe([...WORDS].reverse(), { merges: 60 }), forward);
  });

  it("survives its own file", () => {
    const json = trainBpe(WORDS, { merges: 20, specialTokens: [END_OF_TEXT] });
    assert.deepEqual(parseTokenizerJson(JSON.stringify(json), "x"), { _tag: "Right", right: json });
  });

  it("numbers bytes, merges and special tokens without a gap", () => {
    const { vocab } = trainBpe(WORDS, { merges: 20, specialTokens: ["<a>", "<b>"] }).model;
    assert.deepEqual(Object.values(vocab).sort((a, b) => a - b), Array.from({ length: 278 }, (_, id) => id));
    assert.equal(vocab[BYTE_SYMBOLS[33] as string], 0);
    assert.deepEqual([vocab["<a>"], vocab["<b>"]], [276, 277]);
  });
});

describe("mergePair()", () => {
  it("merges from the left without overlap", () => {
    assert.deepEqual(mergePair(["a", "a", "a", "b"], ["a", "a"]), ["aa", "a", "b"]);
  });
});
