import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { byteLevelTokenizerJson, parseTokenizerJson } from "../../lib/text/tokenizer_json.ts";

describe("parseTokenizerJson()", () => {
  it("reads what byteLevelTokenizerJson() describes, unknown keys included", () => {
    const json = byteLevelTokenizerJson({ a: 0, b: 1, ab: 2 }, [["a", "b"]], { "<end>": 3 });
    assert.deepEqual(parseTokenizerJson(JSON.stringify(json), "x"), E.right(json));
    assert.deepEqual(json.model["vocab"], { a: 0, b: 1, ab: 2, "<end>": 3 });
  });

  it("refuses what is no BPE tokenizer", () => {
    for (const text of ["{", "[]", `{"model":{"type":"WordPiece","vocab":{},"merges":[]}}`]) {
      const result = parseTokenizerJson(text, "tokenizer.json");
      assert(E.isLeft(result), text);
      assert.equal(result.left._tag, "InputInvalid");
    }
  });
});
