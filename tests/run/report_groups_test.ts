import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { groupMetrics } from "../../lib/run/report_groups.ts";

describe("report_groups", () => {
  it("groups the experts, names them, and keeps the rest apart", () => {
    const metrics = {
      reward: 1,
      "rewards/clip/mean": 1,
      "rewards/dino/mean": 2,
      "rewards/clip/std": 3,
      step_time: 4,
    };
    const { main, others } = groupMetrics([{ step: 1, metrics }]);
    assert.deepEqual(main.map(({ title, series }) => [title, series.map(({ name }) => name)]), [
      ["Reward", ["reward"]],
      ["Reward by expert", ["clip", "dino"]],
    ]);
    assert.deepEqual(others.map(({ title }) => title), ["rewards/clip/std", "step_time"]);
  });

  it("leaves out metrics that were never measured", () => {
    assert.deepEqual(groupMetrics([{ step: 1, metrics: { reward: null, other: null } }]), {
      main: [],
      others: [],
    });
    assert.deepEqual(groupMetrics([]), { main: [], others: [] });
  });
});
