import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { conceptTokens, expandMentions, nameBlock } from "../../lib/text/name_block.ts";

const block = { semanticTokens: 2, generationTokens: 1 };

describe("conceptTokens() and nameBlock()", () => {
  it("list the concept first and write it last", () => {
    assert.deepEqual(conceptTokens("<c>", block), ["<c>", "<token_0>", "<token_1>", "<token_2>"]);
    assert.equal(nameBlock("<c>", block), "<token_0><token_1><token_2><c>");
  });
});

describe("expandMentions()", () => {
  it("expands the first mention or all of them", () => {
    const name = nameBlock("<c>", block);
    assert.equal(expandMentions("<c> , <c>", "<c>", { ...block, mentions: "first" }), `${name} , <c>`);
    assert.equal(expandMentions("<c> , <c>", "<c>", { ...block, mentions: "all" }), `${name} , ${name}`);
  });
  it("leaves other text alone, and special patterns literal", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      fc.pre(!text.includes("<c>"));
      assert.equal(expandMentions(text, "<c>", { ...block, mentions: "all" }), text);
    }));
    assert.ok(expandMentions("<$&>", "<$&>", { ...block, mentions: "first" }).endsWith("<token_2><$&>"));
  });
});
