import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { splitFacts } from "../../lib/concept/fact_split.ts";
import { failureOf, valueOf } from "./expect_failure.ts";

const where = "info.json";
const testing = (count: number, numTesting?: number): number[] =>
  valueOf(splitFacts(count, { where, numTesting })).flatMap((split, index) =>
    split === "test" ? [index] : []
  );

describe("splitFacts()", () => {
  it("keeps the last half for the test, as the public evaluation code does", () => {
    assert.deepEqual([testing(5), testing(3), testing(1), testing(0)], [[3, 4], [2], [], []]);
  });

  it("leaves for training what the public training code draws: the first floor((n + 1) / 2)", () => {
    fc.assert(fc.property(fc.nat(40), (count) => {
      assert.equal(count - testing(count).length, Math.floor((count + 1) / 2));
    }));
  });

  it("follows num_testing_info, and a split per fact before it", () => {
    assert.deepEqual(testing(5, 1), [4]);
    const explicit = ["test", "train", "test"] as const;
    assert.deepEqual(valueOf(splitFacts(3, { where, explicit, numTesting: 1 })), explicit);
  });

  it("refuses numbers that do not fit", () => {
    assert.match(
      failureOf(splitFacts(2, { where, numTesting: 3 })),
      /`num_testing_info` is 3, `extra_info` has 2/,
    );
    const explicit = ["test"] as const;
    assert.match(
      failureOf(splitFacts(2, { where, explicit })),
      /`extra_info_split` has 1 items, `extra_info` has 2/,
    );
  });
});
