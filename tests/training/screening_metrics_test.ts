import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { solidImage } from "../../lib/image/image.ts";
import { initialDecodeState } from "../../lib/showo/decode_state.ts";
import type { Group, Reject } from "../../lib/method/screening.ts";
import type { Trajectory } from "../../lib/method/rollout.ts";
import type { Task } from "../../lib/method/task.ts";
import { initialThreshold } from "../../lib/rl/threshold.ts";
import { decodeSteps, SCREENING_METRICS, screeningMetrics } from "../../lib/training/screening_metrics.ts";
import { concept, smallSettings } from "../method/tiny_run.ts";

const task: Task = {
  ...{ concept, mode: "textual", question: "?", image: null, basePrompt: "a photo" },
  ...{ candidates: ["right", "wrong"], truthIndex: 0 },
};

const trajectory = (text: string): Trajectory => ({
  ...{ key: keyFromSeed(1), text, cleaned: text, compoundPrompt: `a photo ${text}`, imagePromptIds: [] },
  unreadTokens: 0,
  sample: { ids: [], logps: [], stopped: true },
  records: [],
  image: solidImage(1, 1),
});

const reject = (text: string, score: number): Reject => ({
  ...trajectory(text),
  state: initialDecodeState({ key: keyFromSeed(1), numTokens: 1 }),
  score,
});

/** A group of kept and left candidates, each an answer and a preview score. */
const group = (
  mode: Task["mode"],
  kept: readonly (readonly [string, number])[],
  left: readonly (readonly [string, number])[],
): Group => ({
  task: { ...task, mode, promptIds: [], promptLength: 0 },
  trajectories: kept.map(([text]) => trajectory(text)),
  previewScores: kept.map(([, score]) => score),
  rejects: left.map(([text, score]) => reject(text, score)),
  screened: {
    ...{ _tag: "Keep", kept: kept.map((_, index) => index), fallbacks: [], passed: kept.length },
    scored: kept.length + left.length,
    passRate: kept.length / (kept.length + left.length),
  },
  threshold: initialThreshold(0.5),
  seconds: { reason: 0, preview: 0, complete: 0 },
});

const settings = smallSettings({ dsog: { preview_step: 2 }, generation: { timesteps: 5 } });
const one = group("textual", [["right", 0.9], ["wrong", 0.8]], [["right", 0.2], ["right", 0.1]]);
const two = group("visual", [["right", 0.5], ["right", 0.6], ["right", 0.7]], [["right", 0.4]]);

describe("screeningMetrics()", () => {
  it("names every metric, with or without screening", () => {
    const rewarded = { group: one, rewards: [1, 2] };
    const off = smallSettings({ dsog: { enabled: false }, generation: { timesteps: 5 } });
    for (const some of [settings, off]) {
      assert.deepEqual(Object.keys(screeningMetrics([rewarded], some)).sort(), [...SCREENING_METRICS].sort());
    }
    const plain = screeningMetrics([rewarded], off);
    assert.deepEqual([plain["dsog/right/started"], plain["dsog/rank_correlation"]], [null, null]);
    assert.equal(plain["dsog/decode_steps"], 2 * 5);
  });
  it("tells what screening does to right answers, spread and cost", () => {
    const found = screeningMetrics([{ group: one, rewards: [0.3, 0.2] }], settings);
    assert.deepEqual([found["dsog/right/started"], found["dsog/right/kept"]], [0.75, 0.5]);
    assert.ok((found["dsog/spread_kept"] as number) < 0.2);
    assert.equal(found["dsog/decode_steps"], 4 * 2 + 2 * 3);
    assert.equal(decodeSteps(one, settings), 14);
    assert.equal(found["dsog/rank_correlation"], null);
    assert.deepEqual([found["dsog/pass_rate/textual"], found["dsog/pass_rate/visual"]], [0.5, null]);
  });
  it("adds counts over groups, pools pass rates, and correlates inside prompts", () => {
    const both = [{ group: one, rewards: [0.3, 0.2] }, { group: two, rewards: [0.1, 0.2, 0.3] }];
    const found = screeningMetrics(both, settings);
    assert.deepEqual([found["dsog/candidates"], found["dsog/pass_rate"]], [8, 5 / 8]);
    assert.deepEqual([found["dsog/pass_rate/textual"], found["dsog/pass_rate/visual"]], [0.5, 0.75]);
    assert.equal(found["dsog/rank_correlation"], 1);
    assert.equal(found["dsog/right/started"], (0.75 + 1) / 2);
  });
});
