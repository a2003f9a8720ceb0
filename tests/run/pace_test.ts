import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { paceLine } from "../../lib/run/pace.ts";

describe("paceLine()", () => {
  it("counts the steps of this process alone", () => {
    const done = { step: 120, steps: 200, seconds: 10 };
    assert.equal(paceLine("judge", done, {}), "judge 120/200  12.0 steps/s  ETA 7 s");
    assert.equal(paceLine("judge", { ...done, since: 100 }, {}), "judge 120/200  2.0 steps/s  ETA 40 s");
  });
  it("names every metric, four digits each", () => {
    const line = paceLine("stage 1", { step: 2, steps: 2, seconds: 1 }, { loss: 12.34567, grad_norm: 1e-5 });
    assert.equal(line, "stage 1 2/2  2.0 steps/s  ETA 0 s  loss 12.35  grad_norm 0.00001000");
  });
  it("is finite before any time has passed", () => {
    assert.doesNotMatch(paceLine("x", { step: 0, steps: 5, seconds: 0 }, {}), /NaN|Infinity/);
  });
});
