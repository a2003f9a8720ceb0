import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { pauseMs, verdictOf } from "../../../lib/metrics/judge/retry.ts";
import { refusal } from "./fakes.ts";

describe("verdictOf()", () => {
  const cases = {
    use: [200, 204],
    retry: [408, 409, 425, 429, 500, 503, 529],
    skip: [400, 413, 422],
    stop: [401, 403, 404, 302],
  };
  for (const [verdict, statuses] of Object.entries(cases)) {
    it(`says ${verdict} for ${statuses.join(", ")}`, () =>
      statuses.forEach((status) => assert.equal(verdictOf(refusal(status)), verdict)));
  }
  it("retries without an answer", () =>
    assert.equal(verdictOf({ _tag: "NoAnswer", problem: "connection refused" }), "retry"));
});

describe("pauseMs()", () => {
  it("doubles, spread over the upper half, up to 30 s", () =>
    fc.assert(fc.property(fc.nat({ max: 12 }), fc.string(), (attempt, name) => {
      const pause = pauseMs(attempt, { asked: null, name });
      const longest = Math.min(30_000, 1000 * 2 ** attempt);
      assert.ok(pause >= longest / 2 && pause < longest);
      assert.equal(pauseMs(attempt, { asked: null, name }), pause);
    })));
  it("follows the server, up to a minute", () => {
    assert.equal(pauseMs(5, { asked: 1500, name: "a" }), 1500);
    assert.equal(pauseMs(0, { asked: 3_600_000, name: "a" }), 60_000);
  });
});
