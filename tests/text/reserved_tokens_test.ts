import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { freeName, freeToken } from "../../lib/text/reserved_tokens.ts";
import { conceptTokens } from "../../lib/text/name_block.ts";
import { problem, right } from "../run/outcome.ts";

describe("freeName()", () => {
  it("refuses every token of a name block, the placeholder and the markers, in any case", () => {
    const block = conceptTokens("<mip>", { semanticTokens: 16, generationTokens: 8 }).slice(1);
    const taken = [
      ...block.map((token) => token.slice(1, -1)),
      "sks",
      "SKS",
      "Token_3",
      "pad",
      "soi",
      "t2i",
      "image",
      "s",
    ];
    for (const id of taken) assert.match(problem(freeName(id)), /<.*>.*; choose another name/, id);
    for (const id of ["mip", "token", "token_a", "sksy", "padme", "my_token_0"]) right(freeName(id));
  });
});

describe("freeToken()", () => {
  it("refuses what the tokenizer knows", () => {
    const tokenizer = { idOf: (token: string) => token === "<bo>" ? 7 : undefined };
    assert.match(
      problem(freeToken(tokenizer, "<bo>")),
      /^bo: the model's tokenizer has a token <bo> already/,
    );
    right(freeToken(tokenizer, "<mip>"));
    assert.match(problem(freeToken(tokenizer, "<token_1>")), /learnable token/);
  });
});
