import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { interruptRule, ONE_PRESS, type SignalMeaning } from "../../lib/run/interrupt_rule.ts";

describe("interruptRule()", () => {
  it("takes all signals of the first half second for one press, and the next one for the second press", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: ONE_PRESS - 1 }), { maxLength: 6 });
    fc.assert(fc.property(gaps, fc.integer({ min: 0, max: 1e6 }), (within, start) => {
      const rule = interruptRule({ finishes: true });
      assert.equal(rule.requested(), false);
      assert.equal(rule.signal(start), "finish");
      for (const gap of within) assert.equal(rule.signal(start + gap), "nothing");
      assert.equal(rule.requested(), true);
      assert.equal(rule.signal(start + ONE_PRESS), "end");
    }));
  });

  it("ends when a key is held down: the half second is counted from the first signal", () => {
    const rule = interruptRule({ finishes: true });
    const meanings: SignalMeaning[] = [0, 200, 400, 600].map(rule.signal);
    assert.deepEqual(meanings, ["finish", "nothing", "nothing", "end"]);
  });

  it("ends a command that cannot finish anything at the first press", () => {
    assert.equal(interruptRule({ finishes: false }).signal(0), "end");
  });
});
