import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { compareRatios } from "../../bench/check.ts";

const committed = { band: 1.5, ratios: { a: 2, b: 3 } };

describe("compareRatios()", () => {
  it("accepts what lies inside the band, its ends included", () => {
    for (const a of [2 / 1.5, 2, 3]) assert.ok(compareRatios({ a, b: 3 }, committed).inside, `${a}`);
  });

  it("names what lies outside, on either side", () => {
    for (const [a, word] of [[1.3, /^a: .*OUTSIDE/], [3.1, /^a: .*above/]] as const) {
      const { inside, lines } = compareRatios({ a, b: 3 }, committed);
      assert.ok(!inside);
      assert.match(lines[0] as string, word);
      assert.match(lines[1] as string, /ok$/);
    }
  });

  it("does not let a ratio be left out", () => {
    assert.ok(!compareRatios({ a: 2 }, committed).inside);
    assert.ok(!compareRatios({ a: 2, b: 3, c: 1 }, committed).inside);
  });
});
