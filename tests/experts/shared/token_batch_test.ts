import { describe, it } from "@std/testing/bdd";
import { parameter } from "../../../lib/experts/shared/parameters.ts";
import { padTokens, readWordTable, wordVectors } from "../../../lib/experts/shared/token_batch.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { right } from "../../run/outcome.ts";
import { memoryWeights } from "./fixture_model.ts";

describe("padTokens()", () => {
  it("keeps every text at the start of its row and marks nothing else", () => {
    const texts = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(fc.property(texts, (rows) => {
      const { ids, length, mask } = padTokens(rows, { limit: 20 });
      assert.ok(length <= 20 && ids.length >= rows.length);
      rows.forEach((row, index) => {
        assert.deepEqual(ids[index], [...row, ...Array(length - row.length).fill(0)]);
        const marked = mask.slice(index * length, (index + 1) * length);
        assert.deepEqual([...marked], [...row.map(() => 1), ...Array(length - row.length).fill(0)]);
      });
      for (let row = rows.length; row < ids.length; row++) assert.equal(mask[row * length], 1);
    }));
  });
});

describe("wordVectors()", () => {
  const data = Float32Array.of(0, 1, 10, 11, 20, 21);
  it("looks up rows of the table", () => {
    const table = right(
      readWordTable(
        memoryWeights(new Map([["words", { dtype: "F32", shape: [3, 2], data }]])),
        parameter("words", [3, 2]),
      ),
    );
    const batch = { ids: [[2, 0], [1, 1]], length: 2, mask: Float32Array.of(1, 1, 1, 1) };
    assert.deepEqual([...wordVectors(table, batch)], [20, 21, 0, 1, 10, 11, 10, 11]);
  });
  it("refuses an id without a row", () => {
    const batch = { ids: [[3]], length: 1, mask: Float32Array.of(1) };
    assert.throws(
      () => wordVectors({ rows: 3, width: 2, data }, batch),
      /token 3 is outside the word table of 3 rows/,
    );
  });
});
