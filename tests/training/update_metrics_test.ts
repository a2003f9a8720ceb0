import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { updateMetricNames } from "../../lib/training/update_metrics.ts";

describe("updateMetricNames()", () => {
  it("names each metric once, those of the experts included", () => {
    const names = updateMetricNames(["tier", "mine"]);
    assert.equal(new Set(names).size, names.length);
    for (const name of ["rewards/tier/mean", "rewards/mine/std", "dsog/pass_rate"]) {
      assert.ok(names.includes(name));
    }
  });
});
