import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { fold, keyFromSeed, normals } from "../../lib/core/key.ts";
import { bootstrapInterval } from "../../lib/metrics/bootstrap.ts";

const key = keyFromSeed(3);

describe("bootstrapInterval()", () => {
  it("lies within the values and is the same for the same key", () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }),
        (values) => {
          const interval = bootstrapInterval(values, { key, resamples: 200 });
          assert.ok(interval !== null && interval.low <= interval.high);
          assert.ok(
            interval.low >= Math.min(...values) - 1e-9 && interval.high <= Math.max(...values) + 1e-9,
          );
          assert.deepEqual(bootstrapInterval(values, { key, resamples: 200 }), interval);
        },
      ),
      { numRuns: 30 },
    ));
  it("collapses for equal values and is undefined for fewer than two", () => {
    const interval = bootstrapInterval([0.5, 0.5, 0.5], { key });
    assert.deepEqual(interval, { low: 0.5, high: 0.5 });
    assert.equal(bootstrapInterval([0.5], { key }), null);
  });
  it("covers the true mean about as often as it claims", () => {
    const trials = 300;
    const covered = Array.from({ length: trials }, (_, trial) => {
      const values = [...normals(fold(key, trial), 30)];
      const interval = bootstrapInterval(values, { key: fold(key, trial + trials), resamples: 400 });
      return interval !== null && interval.low <= 0 && interval.high >= 0;
    }).filter(Boolean).length;
    assert.ok(covered / trials > 0.89 && covered / trials < 0.98, `${covered / trials}`);
  });
  it("widens with the level", () => {
    const values = [0.1, 0.5, 0.4, 0.9, 0.7];
    const [narrow, wide] = [0.5, 0.99].map((level) => bootstrapInterval(values, { key, level }));
    assert.ok(narrow && wide && wide.high - wide.low > narrow.high - narrow.low);
  });
});
