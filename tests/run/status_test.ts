import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { makeLog } from "../../lib/run/live_log.ts";
import {
  bytesText,
  durationText,
  showStatus,
  sparkline,
  statusBlock,
  type TrainingStatus,
} from "../../lib/run/status.ts";
import { right } from "./outcome.ts";

const status: TrainingStatus = {
  step: 40,
  maxSteps: 100,
  phase: "completion 7/9",
  secondsPerStep: 12.34,
  reward: 0.5321,
  rewardStd: 0.04,
  rewards: [0.1, 0.2, 0.4],
  rewardParts: { tier: 0.61, fer: NaN },
  kl: 0.01234,
  gradNorm: 0.8,
  passRate: 0.25,
  targetPassRate: 0.3,
  threshold: 0.5,
  tokensPerSecond: 2123.4,
  memory: 3.14e9,
  tensors: 1204,
};

describe("status", () => {
  it("statusBlock() shows progress, reward with its parts, policy, machine", () => {
    assert.deepEqual(statusBlock(status), [
      "step 40/100 ████████░░░░░░░░░░░░ 40 %   12.3 s/step   12 min 20 s left   completion 7/9",
      "reward 0.532 ± 0.040  ▁▃█   tier 0.610   fer -",
      "kl 0.0123   grad norm 0.800   pass rate 25 % (target 30 %)   threshold 0.500",
      "2,123 tokens/s   memory 3.1 GB   1,204 tensors",
    ]);
  });

  it("statusBlock() has a dash for what is not known yet", () => {
    assert.deepEqual(statusBlock({ step: 0, maxSteps: 5 }), [
      "step 0/5 ░░░░░░░░░░░░░░░░░░░░ 0 %",
      "reward -",
      "kl -   grad norm -   pass rate -   threshold -",
    ]);
  });

  it("statusBlock() never breaks a line, whatever the numbers", () => {
    const number = fc.option(fc.double(), { nil: undefined });
    fc.assert(fc.property(fc.nat(), fc.nat(), number, number, (step, maxSteps, reward, kl) => {
      const values = { ...(reward === undefined ? {} : { reward }), ...(kl === undefined ? {} : { kl }) };
      const lines = statusBlock({ step, maxSteps, ...values });
      assert(lines.every((line) => !line.includes("\n") && !line.includes("NaN")));
    }));
  });

  it("durationText() and bytesText() choose their units", () => {
    assert.deepEqual([0, 59.4, 60, 3599, 3600, 12_000, 200_000].map(durationText), [
      "0 s",
      "59 s",
      "1 min 0 s",
      "59 min 59 s",
      "1 h 0 min",
      "3 h 20 min",
      "2 d 7 h",
    ]);
    assert.deepEqual([0, 999, 1000, 812_000, 2.5e6, 3.14e9, 2e13].map(bytesText), [
      "0 B",
      "999 B",
      "1.0 kB",
      "812 kB",
      "2.5 MB",
      "3.1 GB",
      "20 TB",
    ]);
  });

  it("sparkline() rises with its numbers and keeps the last 24", () => {
    assert.equal(sparkline([1, 2, 3, 4, 5, 6, 7, 8]), "▁▂▃▄▅▆▇█");
    assert.equal(sparkline([1, NaN, 1]), "▅ ▅");
    assert.equal(sparkline(Array.from({ length: 50 }, (_, index) => index)).length, 24);
  });

  it("showStatus() is one line where there is no terminal", async () => {
    let out = "";
    const log = makeLog({ out: (text) => (out += text), error: () => {} });
    right(await showStatus(status)({ log })());
    assert.equal(out, `${statusBlock(status).join(" | ")}\n`);
  });
});
