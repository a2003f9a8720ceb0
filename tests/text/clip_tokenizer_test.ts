import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import {
  clipTokenizer,
  type ClipVocabulary,
  clipVocabularyOf,
  parseClipVocabulary,
} from "../../lib/text/clip_tokenizer.ts";
import { parseTokenizerJson } from "../../lib/text/tokenizer_json.ts";
import type { Checked } from "../../lib/core/stage.ts";

const FOLDER = new URL("../fixtures/text/", import.meta.url);
const read = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));
const right = <A>(value: Checked<A>): A => {
  assert(E.isRight(value));
  return value.right;
};

const cases = JSON.parse(read("clip.json"));
const pair = right(parseClipVocabulary(read("clip.vocab.json"), read("clip.merges.txt"), "clip"));
const single: ClipVocabulary = right(
  clipVocabularyOf(right(parseTokenizerJson(read("clip.tokenizer.json"), "x")), "x"),
);

describe("clipTokenizer()", () => {
  const tokenizer = clipTokenizer(pair, { maxLength: cases.max_length });
  for (const { text, input_ids } of cases.texts) {
    it(`gives the reference ids of ${JSON.stringify(text).slice(0, 60)}`, () => {
      assert.deepEqual(tokenizer.encode(text), input_ids);
    });
  }

  it("is the same from tokenizer.json", () => {
    const other = clipTokenizer(single, { maxLength: cases.max_length });
    for (const { text, input_ids } of cases.texts) assert.deepEqual(other.encode(text), input_ids);
    assert.equal(other.vocabularySize, tokenizer.vocabularySize);
  });

  it("decodes to lower-cased text with a space behind each word", () => {
    const ids = tokenizer.encode("A Photo of a cat");
    assert.equal(tokenizer.decode(ids, { skipSpecial: true }), "a photo of a cat");
    assert.match(tokenizer.decode(ids), /^<\|startoftext\|>a photo/);
    assert.equal(tokenizer.decode([]), "");
  });

  it("knows its special tokens", () => {
    assert.deepEqual(["<|startoftext|>", "<|endoftext|>", "nowhere"].map(tokenizer.idOf), [
      642,
      643,
      undefined,
    ]);
    assert.equal(tokenizer.vocabularySize, 644);
  });

  it("does not take a special token in capitals for one", () => {
    const ids = tokenizer.encode("<|ENDOFTEXT|>");
    assert(!ids.slice(1, -1).includes(643), `${ids}`);
  });
});

describe("parseClipVocabulary()", () => {
  it("refuses damaged files", () => {
    const vocab = JSON.stringify({ "<|startoftext|>": 0, "<|endoftext|>": 1 });
    assert(E.isRight(parseClipVocabulary(vocab, "#version: 0.2\na b</w>\n", "x")));
    for (
      const [json, merges] of [["{", ""], ["{}", ""], [`{"a":"b"}`, ""], [vocab, "a b c"], [
        vocab,
        "a",
      ]] as const
    ) {
      assert(E.isLeft(parseClipVocabulary(json, merges, "x")), `${json} ${merges}`);
    }
  });
});
