import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeConfig } from "../../../lib/config/load.ts";
import { magvitConfigOf, PRETRAINING, type Pretraining } from "../../../lab/pretrain/config.ts";
import { blockRows, unifiedConfig } from "../../../lab/pretrain/unified_model.ts";
import { worldTokenizer } from "../../../lab/pretrain/world_text.ts";
import { right } from "../../cold_start/tiny.ts";

const config = right(decodeConfig(PRETRAINING, {})) as Pretraining;

describe("magvitConfigOf()", () => {
  it("mirrors encoder and decoder", () => {
    const sizes = magvitConfigOf(config.tokenizer);
    assert.deepEqual(sizes.encoder, sizes.decoder);
    assert.equal(sizes.codeBits, config.tokenizer.codeBits);
  });
});

describe("unifiedConfig()", () => {
  it("has as many image tokens as the tokenizer makes codes", () => {
    const sizes = unifiedConfig(config, worldTokenizer());
    const side = config.imageSize / 2 ** (config.tokenizer.channelMultipliers.length - 1);
    assert.equal(sizes.numVqTokens, side * side);
    assert.equal(sizes.vocabulary.codebookSize, 2 ** config.tokenizer.codeBits);
    assert.equal(
      blockRows(config.unified),
      1 + config.unified.semanticTokens + config.unified.generationTokens,
    );
  });
});

describe("worldTokenizer()", () => {
  it("has one token per word and loses no text", () => {
    const tokenizer = worldTokenizer();
    assert.equal(tokenizer.encode(" photo").length, 1);
    assert.equal(tokenizer.decode(tokenizer.encode("a photo of Ünïcode .")), "a photo of Ünïcode .");
  });
});
