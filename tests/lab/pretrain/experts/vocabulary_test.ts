import { describe, it } from "@std/testing/bdd";
import {
  mergesText,
  worldClipVocabulary,
  worldPieces,
  worldVocabulary,
} from "../../../../lab/pretrain/experts/vocabulary.ts";
import { clipTokenizer, parseClipVocabulary } from "../../../../lib/text/clip_tokenizer.ts";
import { parseVocabulary, wordPieceTokenizer } from "../../../../lib/text/wordpiece_tokenizer.ts";
import { vocabularyWords } from "../../../../lib/world/lexicon.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { rightOf } from "../../../experts/shared/fixture_model.ts";

describe("worldPieces()", () => {
  const pieces = worldPieces();
  const tokenizer = wordPieceTokenizer(worldVocabulary());

  it("has no piece twice and reads back from a vocab.txt", () => {
    assert.equal(new Set(pieces).size, pieces.length);
    assert.deepEqual(rightOf(parseVocabulary(`${pieces.join("\n")}\n`, "vocab.txt")), worldVocabulary());
  });

  it("makes every word of the world one token", () => {
    for (const word of vocabularyWords()) assert.equal(tokenizer.encode(word).length, 3, word);
  });

  it("encodes any ASCII text without the unknown token", () => {
    const unknown = tokenizer.idOf("[UNK]") as number;
    fc.assert(fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 90 }), (text) => {
      assert.ok(text.includes("[UNK]") || !tokenizer.encode(text).includes(unknown), text);
    }));
  });
});

describe("worldClipVocabulary()", () => {
  const vocabulary = worldClipVocabulary();
  const tokenizer = clipTokenizer(vocabulary);

  it("reads back from its files", () => {
    const { vocab, merges } = vocabulary;
    assert.deepEqual(
      rightOf(parseClipVocabulary(JSON.stringify(vocab), mergesText(merges), "here")),
      vocabulary,
    );
  });

  it("makes every word one token, with the end of text as the largest id", () => {
    for (const word of vocabularyWords()) assert.equal(tokenizer.encode(word).length, 3, word);
    assert.equal(vocabulary.vocab["<|endoftext|>"], tokenizer.vocabularySize - 1);
  });

  it("gives any text back", () => {
    const text = "a photo of <mip> zürich 42 !";
    assert.equal(
      tokenizer.decode(tokenizer.encode(text), { skipSpecial: true }).replaceAll(" ", ""),
      text.replaceAll(" ", ""),
    );
  });
});
