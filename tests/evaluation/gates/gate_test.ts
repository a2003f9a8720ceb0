import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { gateTable, passes, shareGate } from "../../../lib/evaluation/gates/gate.ts";

describe("passes()", () => {
  it("holds exactly within the bounds", () =>
    fc.assert(fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (value, least) => {
      const result = { name: "g", least, value, trials: 1 };
      assert.equal(passes(result), value >= least);
      assert.equal(passes({ ...result, most: least }), value === least || (value >= least && value <= least));
    })));

  it("fails without trials", () => assert.equal(passes(shareGate({ name: "g", least: 0 }, [])), false));
});

describe("gateTable()", () => {
  it("has a line per gate with bound, number and verdict", () => {
    const hits = shareGate({ name: "hits", least: 0.25, most: 0.75 }, [true, true, true, true]);
    const colour = shareGate({ name: "colour", least: 0.5 }, [true, false]);
    assert.deepEqual(gateTable([hits, colour]).slice(2), [
      "| hits | 0.25 to 0.75 | 1.000 | 4 | **fails** |",
      "| colour | ≥ 0.5 | 0.500 | 2 | holds |",
    ]);
  });
});
