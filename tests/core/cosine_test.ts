import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { cosine } from "../../lib/core/cosine.ts";

const vector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 });

describe("cosine()", () => {
  it("is 1 for parallel, 0 for orthogonal, −1 for opposite vectors", () => {
    assert.equal(cosine([1, 2], [2, 4]), 1);
    assert.equal(cosine([1, 0], [0, 3]), 0);
    assert.equal(cosine([1, 2], [-1, -2]), -1);
    assert.equal(cosine([0, 0], [1, 2]), 0);
  });
  it("is symmetric, bounded, and blind to length", () =>
    fc.assert(fc.property(vector, vector, fc.integer({ min: 1, max: 5 }), (a, b, times) => {
      assert.ok(Math.abs(cosine(a, b)) <= 1);
      assert.equal(cosine(a, b), cosine(b, a));
      assert.ok(Math.abs(cosine(a.map((x) => x * times), b) - cosine(a, b)) < 1e-12);
    })));
});
