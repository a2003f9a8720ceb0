import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import {
  parseVocabulary,
  type Vocabulary,
  wordPieces,
  wordPieceTokenizer,
} from "../../lib/text/wordpiece_tokenizer.ts";

const FOLDER = new URL("../fixtures/text/", import.meta.url);
const read = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));

const vocabularyOf = (text: string): Vocabulary => {
  const vocabulary = parseVocabulary(text, "vocab.txt");
  assert(E.isRight(vocabulary));
  return vocabulary.right;
};

const SMALL = vocabularyOf("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##b\nab\n##c\na\n");

for (const expert of ["ernie", "blip2"]) {
  describe(`wordPieceTokenizer(), ${expert}`, () => {
    const cases = JSON.parse(read(`${expert}.json`));
    const vocabulary = vocabularyOf(read(`${expert}.vocab.txt`));
    const tokenizer = wordPieceTokenizer(vocabulary, { maxLength: cases.max_length });
    for (const { text, input_ids } of cases.texts) {
      it(`gives the reference ids of ${JSON.stringify(text).slice(0, 60)}`, () => {
        assert.deepEqual(tokenizer.encode(text), input_ids);
      });
    }

    it("never gets longer than allowed and always ends in [SEP]", () => {
      fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const ids = tokenizer.encode(text);
        assert(ids.length <= cases.max_length);
        assert.equal(ids.at(-1), tokenizer.idOf("[SEP]"));
        assert(ids.every((id) => id >= 0 && id < tokenizer.vocabularySize));
      }));
    });
  });
}

describe("wordPieces()", () => {
  it("takes the longest piece from the left and gives up on what it cannot cover", () => {
    assert.deepEqual(wordPieces("abc", SMALL), [6, 7]);
    assert.deepEqual(wordPieces("abbc", SMALL), [6, 5, 7]);
    assert.equal(wordPieces("abx", SMALL), null);
    assert.equal(wordPieces(`a${"b".repeat(99)}`, SMALL)?.length, 99);
    assert.equal(wordPieces(`a${"b".repeat(100)}`, SMALL), null);
  });
});

describe("parseVocabulary()", () => {
  it("numbers lines from zero, the last of equal lines counts", () => {
    assert.equal(SMALL.get("a"), 8);
    assert.equal(vocabularyOf("[UNK]\r\n[CLS]\r\n[SEP]\r\n\u2028x\r\n").get("\u2028x"), 3);
  });

  it("refuses a vocabulary without the tokens every text needs", () => {
    const result = parseVocabulary("a\nb\n", "vocab.txt");
    assert(E.isLeft(result));
    assert.deepEqual(result.left._tag, "InputInvalid");
  });
});

describe("decode()", () => {
  it("joins pieces to words", () => {
    const tokenizer = wordPieceTokenizer(SMALL);
    assert.equal(tokenizer.decode([2, 6, 5, 8, 3]), "[CLS] abb a [SEP]");
    assert.equal(tokenizer.decode([2, 6, 5, 8, 3, 99], { skipSpecial: true }), "abb a");
  });
});
