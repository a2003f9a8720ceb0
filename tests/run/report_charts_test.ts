import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { drawLines, drawScores, seriesOf, smoothed } from "../../lib/run/report_charts.ts";

const rows = Array.from({ length: 30 }, (_, step) => ({
  step,
  metrics: { reward: step / 30, kl: step % 2 === 0 ? null : 0.1 },
}));

describe("report_charts", () => {
  it("smoothed() is the mean of the neighbourhood", () => {
    assert.deepEqual(smoothed([0, 3, 6, 9], 1), [1.5, 3, 6, 7.5]);
    assert.deepEqual(smoothed([1, 2, 3], 0), [1, 2, 3]);
    assert.deepEqual(smoothed([], 3), []);
  });

  it("smoothed() keeps a constant and stays between the lowest and the highest value", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(fc.property(values, fc.nat(9), (all, reach) => {
      const [low, high] = [Math.min(...all) - 1e-6, Math.max(...all) + 1e-6];
      assert(smoothed(all, reach).every((value) => value >= low && value <= high));
    }));
  });

  it("seriesOf() skips the steps at which nothing was measured", () => {
    assert.equal(seriesOf(rows, "kl").points.length, 15);
    assert.deepEqual(seriesOf(rows, "none"), { name: "none", points: [] });
  });

  it("drawLines() draws every series, with a legend for more than one", async () => {
    const reward = seriesOf(rows, "reward", "Belohnung");
    const alone = await drawLines({ title: "a", series: [reward] });
    assert.match(alone, /^<svg /);
    assert(!alone.includes("Belohnung</text>"));
    const both = await drawLines({ title: "a", series: [reward, seriesOf(rows, "kl")] });
    assert(both.includes("Belohnung</text>") && both.includes("kl</text>"));
  });

  it("drawScores() draws first and last evaluation and the metrics' titles", async () => {
    const evaluation = (step: number) => ({
      step,
      scores: { rec: { value: step / 200, low: 0, high: 1 }, faces: { value: null } },
      titles: { rec: "Rec" },
      notes: [],
    });
    const svg = await drawScores([0, 50, 100].map(evaluation));
    for (const text of ["Rec</text>", "step 0</text>", "step 100</text>"]) assert(svg.includes(text), text);
    assert(!svg.includes("step 50</text>") && !svg.includes("faces"));
  });
});
