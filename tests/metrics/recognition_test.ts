import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { isHit, recognition } from "../../lib/metrics/recognition.ts";

const item = fc.record({
  truth: fc.boolean(),
  answer: fc.constantFrom("Yes.", "no", "I know it", "yes and no", "", "NO"),
});

describe("isHit()", () => {
  const cases: readonly (readonly [boolean, string, readonly [boolean, boolean, boolean]])[] = [
    [true, "Yes, it is <bo>.", [true, true, true]],
    [false, "No.", [true, true, true]],
    [false, "I don't know.", [false, true, false]],
    [false, "Yes and no", [true, true, false]],
    [true, "No, or yes", [true, true, false]],
    [true, "yesterday", [false, true, false]],
    [true, "", [false, false, false]],
  ];
  for (const [truth, answer, [wordBoundary, substring, strict]] of cases) {
    it(`reads "${answer}" where ${truth ? "yes" : "no"} is right`, () => {
      assert.equal(isHit({ truth, answer }), wordBoundary);
      assert.equal(isHit({ truth, answer }, "substring"), substring);
      assert.equal(isHit({ truth, answer }, "strict"), strict);
    });
  }
});

describe("recognition()", () => {
  it("equals a count in a loop, whatever the order", () =>
    fc.assert(fc.property(fc.array(item), (items) => {
      let positives = 0, negatives = 0, posHits = 0, negHits = 0;
      for (const { truth, answer } of items) {
        const hit = isHit({ truth, answer });
        if (truth) positives++, posHits += hit ? 1 : 0;
        else negatives++, negHits += hit ? 1 : 0;
      }
      const score = recognition(items);
      assert.deepEqual(score, recognition(items.toReversed()));
      assert.equal(score.posRecall, positives === 0 ? null : posHits / positives);
      assert.equal(score.negRecall, negatives === 0 ? null : negHits / negatives);
      assert.equal(score.accuracy, items.length === 0 ? null : (posHits + negHits) / items.length);
    })));
  it("has no weight if one class is missing", () => {
    assert.equal(recognition([{ truth: true, answer: "yes" }]).weight, null);
    assert.deepEqual(recognition([]).accuracy, null);
  });
  it("gives a constant answer the weight 0.5", () => {
    const items = [true, true, true, false].map((truth) => ({ truth, answer: "yes" }));
    assert.deepEqual([recognition(items).weight, recognition(items).accuracy], [0.5, 0.75]);
  });
});
