import { describe, it } from "@std/testing/bdd";
import { compare, compareExactly, parityTable, passed } from "../../../lab/parity/check.ts";
import fc from "fast-check";
import assert from "node:assert/strict";

const options = { name: "case", quantity: "value", tolerance: 0.1 };

describe("compare()", () => {
  it("finds the largest difference", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (values) => {
        const shifted = values.map((value, index) => value + (index === values.length - 1 ? 0.5 : 0.25));
        const { difference } = compare(shifted, values, options);
        assert.ok(Math.abs(difference - 0.5) < 1e-9);
      }),
    );
  });
  it("never passes numbers that are missing or not finite", () => {
    assert.equal(passed(compare([1], [1, 2], options)), false);
    assert.equal(passed(compare([NaN], [1], options)), false);
    assert.equal(passed(compare([Infinity], [Infinity], options)), false);
  });
});

describe("compareExactly()", () => {
  it("counts what differs", () => {
    assert.equal(compareExactly(["a", "b", 3], ["a", "c"], options).difference, 2);
    assert.equal(passed(compareExactly([1, "x"], [1, "x"], options)), true);
  });
});

describe("parityTable()", () => {
  it("lists every comparison with its verdict and counts the failures", () => {
    const lines = parityTable([compare([1], [1], options), compare([1], [2], options)]);
    assert.equal(lines.length, 4);
    assert.match(lines[1] ?? "", /case +value +0 +1\.0e-1 +ok$/);
    assert.match(lines[2] ?? "", /1\.0e\+0 +1\.0e-1 +FAILED$/);
    assert.equal(lines[3], "2 comparisons, 1 outside tolerance");
  });
  it("prints the count alone if there is nothing to list", () => {
    assert.deepEqual(parityTable([], 7), ["7 comparisons, all within tolerance"]);
  });
});
