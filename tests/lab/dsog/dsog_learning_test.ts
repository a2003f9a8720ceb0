import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { costUntil, learningCells, type LearningRow, stepAfter } from "../../../lab/dsog/dsog_learning.ts";
import { learningPart } from "../../../lab/dsog/dsog_summary.ts";
import { settings } from "../experiments/stub_runs.ts";

describe("learningCells()", () => {
  const given = settings({ concept: "assets/world/mip" });
  const cells = learningCells(given, { updates: 5, runs: "runs/x", out: "out" });
  it("begins without screening, and changes nothing but the screening", () => {
    assert.equal(cells[0]?.way, null);
    assert.deepEqual(cells.map(({ settings: { dsog } }) => dsog.enabled), [
      false,
      ...cells.slice(1).map(() => true),
    ]);
    assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
    for (const { settings: each } of cells) {
      const { dsog: _dsog, name: _name, ...others } = each;
      const { dsog: _none, name: _first, ...first } = cells[0]?.settings ?? assert.fail();
      assert.deepEqual(others, first);
      assert.deepEqual([each.rl.maxSteps, each.saveEvery, each.keep], [5, 1, 6]);
    }
  });
  it("compares the paper's rule, a threshold per mode, and both rules inside the group", () => {
    const rules = cells.slice(1).map(({ settings: { dsog } }) => `${dsog.rule} ${dsog.perMode} ${dsog.text}`);
    assert.deepEqual(rules, [
      "paper false compound",
      "paper true compound",
      "paper true explicit",
      "quantile false explicit",
      "extremes false explicit",
    ]);
  });
});

describe("costUntil() and stepAfter()", () => {
  const rows = [1, 2, 3].map((step) => ({ step, metrics: { step_time: 2, "dsog/decode_steps": 90 } }));
  it("add up, and find how far a run came", () => {
    assert.deepEqual(costUntil(rows, 2), { seconds: 4, decodeSteps: 180 });
    assert.deepEqual([0, 1.9, 2, 5, 6, 99].map((seconds) => stepAfter(rows, seconds)), [0, 0, 1, 2, 3, 3]);
  });
});

describe("learningPart()", () => {
  it("has a line per policy", () => {
    const row: LearningRow = {
      ...{ variant: "quantile", after: "seconds", updates: 3, reward: 0.91234, right: null },
      cost: { seconds: 12, decodeSteps: 270 },
    };
    const text = learningPart([row]).join("\n");
    assert.match(text, /\| quantile \| the seconds of the run without \| 3 \| 12 \| 270 \| 0\.912 \| – \|/);
  });
});
