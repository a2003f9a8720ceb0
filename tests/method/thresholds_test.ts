import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { initialThreshold, type ThresholdState, updateThreshold } from "../../lib/rl/threshold.ts";
import type { Mode } from "../../lib/method/task.ts";
import { nextThresholds, NO_THRESHOLDS, type ScreenedGroup } from "../../lib/method/thresholds.ts";
import { smallSettings } from "./tiny_run.ts";

/** A group of which so many passed. */
const group = (
  mode: Mode,
  threshold: ThresholdState | null,
  { passed, scored }: { readonly passed: number; readonly scored: number },
): ScreenedGroup => ({
  threshold,
  task: { mode },
  screened: { _tag: "Keep", kept: [], fallbacks: [], passed, scored, passRate: passed / scored },
});

const counts = fc.tuple(fc.nat(20), fc.integer({ min: 20, max: 40 })).map(([passed, scored]) => ({
  passed,
  scored,
}));
const start = initialThreshold(0.5);
const perMode = smallSettings({ dsog: { per_mode: true } });

describe("nextThresholds()", () => {
  it("moves the one threshold of the paper by the pass rate of every group", () =>
    fc.assert(fc.property(counts, fc.constantFrom<Mode>("visual", "textual"), (count, mode) => {
      const settings = smallSettings();
      const moved = nextThresholds({ visual: start, textual: start }, [group(mode, start, count)], settings);
      const expected = updateThreshold(start, count.passed / count.scored, {
        ...settings.dsog,
        rule: "paper",
      });
      assert.deepEqual(moved, { visual: expected, textual: expected });
    })));
  it("moves the threshold of a mode by its own groups alone", () =>
    fc.assert(fc.property(counts, counts, counts, (one, two, other) => {
      const groups = [
        group("visual", start, one),
        group("visual", start, two),
        group("textual", start, other),
      ];
      const moved = nextThresholds({ visual: start, textual: start }, groups, perMode);
      const pooled = (one.passed + two.passed) / (one.scored + two.scored);
      const { dsog } = perMode;
      assert.deepEqual(moved.visual, updateThreshold(start, pooled, { ...dsog, rule: "paper" }));
      assert.deepEqual(
        nextThresholds({ visual: start, textual: start }, groups.slice(2), perMode),
        { visual: start, textual: moved.textual },
      );
    })));
  it("takes a calibrated start from the group that made it", () => {
    const count = { passed: 5, scored: 20 };
    const fresh = nextThresholds(NO_THRESHOLDS, [group("textual", initialThreshold(0.7), count)], perMode);
    assert.deepEqual(fresh, { visual: null, textual: { ...initialThreshold(0.7) } });
  });
  it("stays as it was without scores, without screening, and under a rule that has none", () => {
    const before = { visual: start, textual: start };
    const none = group("visual", start, { passed: 0, scored: 0 });
    assert.deepEqual(nextThresholds(before, [none], smallSettings()), before);
    const off = smallSettings({ dsog: { enabled: false } });
    assert.deepEqual(nextThresholds(NO_THRESHOLDS, [group("visual", null, { passed: 4, scored: 4 })], off), {
      visual: null,
      textual: null,
    });
    const quantile = smallSettings({ dsog: { rule: "quantile" } });
    assert.deepEqual(
      nextThresholds(NO_THRESHOLDS, [group("visual", null, { passed: 4, scored: 8 })], quantile),
      NO_THRESHOLDS,
    );
  });
});
