import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SPECIAL_TOKENS } from "../../lib/showo/vocabulary.ts";
import { MARKERS, PAD_TOKEN } from "../../lib/text/markers.ts";

describe("MARKERS", () => {
  it("follow padding in the vocabulary, each once", () => {
    assert.deepEqual(SPECIAL_TOKENS, [PAD_TOKEN, ...MARKERS]);
    assert.equal(new Set(SPECIAL_TOKENS).size, 10);
    assert.ok(MARKERS.every((marker) => /^<\|\w{3}\|>$/.test(marker)));
  });
});
