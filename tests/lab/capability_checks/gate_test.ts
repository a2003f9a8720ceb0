import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { gateTable, passes, share, shareGate } from "../../../lab/capability_checks/gate.ts";

describe("passes()", () => {
  it("holds exactly within the bounds", () =>
    fc.assert(fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (value, least) => {
      const result = { name: "g", least, value, trials: 1 };
      assert.equal(passes(result), value >= least);
      assert.equal(passes({ ...result, most: least }), value === least || (value >= least && value <= least));
    })));

  it("fails without trials", () => assert.equal(passes(shareGate({ name: "g", least: 0 }, [])), false));
});

describe("share()", () => {
  it("is the mean of hits as numbers", () =>
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1 }), (hits) => {
      const sum = hits.reduce((all, hit) => all + Number(hit), 0);
      assert.equal(share(hits), sum / hits.length);
    })));
  it("is no number without trials", () => assert.ok(Number.isNaN(share([]))));
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
