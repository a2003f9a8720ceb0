import { describe, it } from "@std/testing/bdd";
import { bestCosine } from "../../../lib/experts/blip2/blip2_expert.ts";
import assert from "node:assert/strict";

describe("bestCosine()", () => {
  it("takes the best of the queries, negative ones included", () => {
    assert.equal(bestCosine(Float32Array.of(1, 0, 0, 1, -1, 0), Float32Array.of(0, 1)), 1);
    assert.equal(bestCosine(Float32Array.of(0, -1, -1, 0), Float32Array.of(0, 1)), 0);
    assert.equal(bestCosine(Float32Array.of(0, -1), Float32Array.of(0, 1)), -1);
  });
});
