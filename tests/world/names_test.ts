import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { vocabularyWords } from "../../lib/world/lexicon.ts";
import { CONCEPT_NAMES } from "../../lib/world/names.ts";

describe("CONCEPT_NAMES", () => {
  it("are different short words that the world does not use", () => {
    const words = new Set(vocabularyWords());
    assert.equal(new Set(CONCEPT_NAMES).size, CONCEPT_NAMES.length);
    for (const name of CONCEPT_NAMES) assert.ok(/^[a-z]{3,5}$/.test(name) && !words.has(name), name);
  });
});
