import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { aboveHalf, referenceScore, similarityScore } from "../../lib/rewards/similarity.ts";

const angle = fc.double({ min: -1, max: 1, noNaN: true });
const range = fc.constantFrom("clip01", "raw", "affine", "threshold") as fc.Arbitrary<"clip01">;

describe("similarityScore()", () => {
  it("rises with the cosine under `similarity` and falls under `distance`", () =>
    fc.assert(fc.property(angle, angle, range, (a, b, range) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(similarityScore(low, { range }) <= similarityScore(high, { range }));
      const distance = { range, orientation: "distance" } as const;
      assert.ok(similarityScore(low, distance) >= similarityScore(high, distance));
    })));
  it("stays in [0, 1] but for raw cosines", () =>
    fc.assert(
      fc.property(angle, range, fc.constantFrom("similarity", "distance"), (c, range, orientation) => {
        const score = similarityScore(c, { range, orientation: orientation as "similarity" });
        if ((range as string) !== "raw") assert.ok(score >= 0 && score <= 1);
      }),
    ));
  it("equals the printed 1 − cos for raw distances", () =>
    assert.equal(similarityScore(-0.5, { orientation: "distance", range: "raw" }), 1.5));
  it("keeps NaN", () => assert.ok(Number.isNaN(similarityScore(NaN))));
});

describe("aboveHalf()", () => {
  it("is 0 up to a half, then linear to 1", () =>
    assert.deepEqual([-1, 0.5, 0.75, 1].map(aboveHalf), [0, 0, 0.5, 1]));
});

describe("referenceScore()", () => {
  it("maps each cosine before it averages", () => {
    assert.equal(referenceScore([-1, 1]), 0.5);
    assert.equal(referenceScore([0.5, 1], { range: "threshold" }), 0.5);
    assert.equal(referenceScore([0.25, 0.75], { aggregation: "max" }), 0.75);
    assert.ok(Number.isNaN(referenceScore([])));
  });
  it("does not depend on the order of references", () =>
    fc.assert(fc.property(fc.array(angle, { minLength: 1 }), (cosines) => {
      assert.ok(Math.abs(referenceScore(cosines) - referenceScore(cosines.toReversed())) < 1e-12);
    })));
});
