import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { MARKERS, PAD_TOKEN } from "../../lib/text/markers.ts";
import { phiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import { parseTokenizerJson, type TokenizerJson } from "../../lib/text/tokenizer_json.ts";

const FOLDER = new URL("../fixtures/text/", import.meta.url);
const read = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));

function base(): TokenizerJson {
  const json = parseTokenizerJson(read("phi.tokenizer.json"), "phi.tokenizer.json");
  assert(E.isRight(json));
  return json.right;
}

const CONCEPT = ["<bo>", ...Array.from({ length: 24 }, (_, index) => `<token_${index}>`)];

describe("phiTokenizer()", () => {
  const plain = phiTokenizer(base());
  const tokenizer = plain.withConceptTokens(CONCEPT);
  const { tokens, texts } = JSON.parse(read("phi.json"));

  for (const { text, ids, decoded, skipped } of texts) {
    it(`gives the reference ids and texts of ${JSON.stringify(text).slice(0, 60)}`, () => {
      assert.deepEqual(tokenizer.encode(text), ids);
      assert.equal(tokenizer.decode(ids), decoded);
      assert.equal(tokenizer.decode(ids, { skipSpecial: true }), skipped);
    });
  }

  it("puts padding, markers and concept tokens behind the base vocabulary, in this order", () => {
    assert.equal(tokenizer.vocabularySize, tokens);
    const added = [PAD_TOKEN, ...MARKERS, ...CONCEPT].map(tokenizer.idOf);
    assert.deepEqual(added, added.map((_, index) => 595 + index));
    assert.equal(plain.vocabularySize, 605);
    assert.equal(plain.idOf("<bo>"), undefined);
  });

  it("adds nothing twice", () => {
    assert.deepEqual(tokenizer.withConceptTokens(["<bo>", "<new>", "<new>"]).vocabularySize, tokens + 1);
    const again = phiTokenizer(tokenizer.json);
    assert.deepEqual(again.json, tokenizer.json);
  });

  it("leaves out ids that are no text, such as image codes", () => {
    assert.equal(tokenizer.decode([tokens + 5, ...tokenizer.encode("a hat"), tokens, -1]), "a hat");
    assert.equal(tokenizer.decode([tokens]), "");
  });

  it("keeps spaces before punctuation if told so", () => {
    const exact = phiTokenizer(base(), { cleanUpSpaces: false });
    assert.equal(exact.decode(exact.encode("he , she .")), "he , she .");
    assert.equal(plain.decode(plain.encode("he , she .")), "he, she.");
  });
});
