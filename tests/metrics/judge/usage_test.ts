import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { makeUsageCounter } from "../../../lib/metrics/judge/usage.ts";

describe("makeUsageCounter()", () => {
  it("adds up and prices tokens per million", () => {
    const counter = makeUsageCounter({ input: 2.5, output: 10 });
    counter.add({ requests: 1, promptTokens: 1000, completionTokens: 100 });
    counter.add({ requests: 1, cached: 2, unscored: 1, promptTokens: 1000 });
    assert.deepEqual(counter.read(), {
      requests: 2,
      cached: 2,
      unscored: 1,
      promptTokens: 2000,
      completionTokens: 100,
      cost: 0.006,
    });
  });
  it("has no cost without a price", () => assert.equal(makeUsageCounter(null).read().cost, null));
});
