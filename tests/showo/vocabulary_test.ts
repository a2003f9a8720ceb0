import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { codesOfIds, imageIdsOf, makeVocabulary, withConceptRows } from "../../lib/showo/vocabulary.ts";
import { readJson } from "../support/fixture.ts";
import { vocabulary } from "./fixture_model.ts";

describe("makeVocabulary()", () => {
  const published = makeVocabulary({ textSize: 50295, endOfText: 50256, codebookSize: 8192 });

  it("has the published ids at each stage of a concept", () => {
    const rows = [0, 17, 25, 33].map((n) => withConceptRows(published, n));
    assert.deepEqual(rows.map((v) => v.firstImageId), [50305, 50322, 50330, 50338]);
    assert.deepEqual(rows.map((v) => v.maskTokenId), [58497, 58514, 58522, 58530]);
    assert.deepEqual(rows.map((v) => v.size), [58498, 58515, 58523, 58531]);
    assert.ok(rows.every((v) => v.firstConceptRow === 50305 && v.special["[PAD]"] === 50295));
  });

  it("agrees with the fixture's config", () => {
    const file = readJson<Record<string, number> & { special_tokens: Record<string, number> }>(
      "showo/config.json",
    );
    assert.deepEqual({ ...vocabulary.special }, file.special_tokens);
    assert.equal(vocabulary.firstImageId, file["image_token_offset"]);
    assert.equal(vocabulary.maskTokenId, file["mask_token_id"]);
    assert.equal(vocabulary.size, file["vocab_size"]);
    assert.equal(vocabulary.endOfText, file["eot_id"]);
  });

  it("orders its ranges for any sizes", () => {
    const size = fc.integer({ min: 1, max: 500 });
    fc.assert(fc.property(size, size, fc.nat(40), (textSize, codebookSize, conceptRows) => {
      const v = makeVocabulary({ textSize, endOfText: 0, codebookSize, conceptRows });
      assert.equal(v.size, textSize + 10 + conceptRows + codebookSize + 1);
      assert.equal(v.firstImageId - v.firstConceptRow, conceptRows);
      assert.deepEqual(withConceptRows(withConceptRows(v, 3), conceptRows), v);
    }));
  });
});

describe("imageIdsOf()", () => {
  it("is undone by codesOfIds(), unknown tokens included", () => {
    const codes = Int32Array.from([0, 63, -1, 5]);
    assert.deepEqual(imageIdsOf(vocabulary, codes), [70, 133, 134, 75]);
    assert.deepEqual(codesOfIds(vocabulary, imageIdsOf(vocabulary, codes)), codes);
  });
});
