import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { describe as describeError } from "../../lib/core/error.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";
import { readJson } from "../support/fixture.ts";
import { config } from "./fixture_model.ts";

const message = (json: unknown): string => {
  const parsed = parseShowoConfig(json, "config.json");
  assert.ok(E.isLeft(parsed));
  return describeError(parsed.left);
};

describe("parseShowoConfig()", () => {
  it("reads every size of the fixture", () => {
    assert.deepEqual({ ...config, vocabulary: null }, {
      width: 64,
      layers: 2,
      heads: 4,
      mlpWidth: 192,
      rotaryDims: 8,
      ropeTheta: 10000,
      normEpsilon: 1e-5,
      numVqTokens: 16,
      textBlock: 11,
      vocabulary: null,
    });
  });

  it("takes the missing sizes of the published file from phi-1.5", () => {
    const parsed = parseShowoConfig(
      { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 256, num_new_special_tokens: 10 },
      "config.json",
    );
    assert.ok(E.isRight(parsed));
    const { width, layers, heads, mlpWidth, rotaryDims, textBlock, vocabulary } = parsed.right;
    assert.deepEqual([width, layers, heads, mlpWidth, rotaryDims, textBlock], [2048, 24, 32, 8192, 32, 129]);
    assert.equal(vocabulary.endOfText, 50256);
  });

  it("names the field that is missing or has the wrong type", () => {
    const file = readJson<Record<string, unknown>>("showo/config.json");
    assert.match(
      message({ ...file, codebook_size: "64" }),
      /config\.json: codebook_size: expected Int, found "64"/,
    );
    assert.match(
      message({ ...file, num_vq_tokens: undefined }),
      /num_vq_tokens: expected Int, found nothing/,
    );
    assert.match(message(3), /expected/);
  });

  it("refuses sizes that do not fit each other", () => {
    const file = readJson<Record<string, unknown>>("showo/config.json");
    assert.match(message({ ...file, num_attention_heads: 5 }), /hidden_size 64 is no multiple/);
    assert.match(message({ ...file, vocab_size: 136 }), /vocab_size 136 is not/);
    assert.match(message({ ...file, eot_id: 60 }), /eot_id 60/);
    assert.match(message({ ...file, num_hidden_layers: 0 }), /layers: expected at least 1/);
  });
});
