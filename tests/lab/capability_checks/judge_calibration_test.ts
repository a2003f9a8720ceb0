import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { fold, keyFromSeed, uniforms } from "../../../lib/core/key.ts";
import {
  calibrationText,
  judgeCalibration,
  profileCalibration,
} from "../../../lab/capability_checks/judge_calibration.ts";
import { fitTemperature } from "../../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { calibration, type Forecast } from "../../../lib/metrics/calibration.ts";
import { liveBlobs } from "../../../lib/run/blobs.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { useTestBackend } from "../../support/backend.ts";
import { succeed } from "../../evaluation/world_fixture.ts";

await useTestBackend();

/** Logits of a head that is right with probability softmax(logits / 2)[label]: twice as sure as it may be. */
function boastingHead(count: number): { logits: readonly number[][]; labels: readonly number[] } {
  const rows = Array.from({ length: count }, (_, index) => {
    const [spread, draw] = uniforms(fold(keyFromSeed(4), index), 2) as unknown as [number, number];
    const logit = 8 * spread;
    return { logits: [logit, 0], label: draw < 1 / (1 + Math.exp(-logit / 2)) ? 0 : 1 };
  });
  return { logits: rows.map((row) => row.logits), labels: rows.map(({ label }) => label) };
}

const forecasts = ({ logits, labels }: ReturnType<typeof boastingHead>, temperature: number): Forecast[] =>
  logits.map(([logit = 0], index) => ({
    confidence: 1 / (1 + Math.exp(-logit / temperature)),
    right: labels[index] === 0,
  }));

describe("fitTemperature()", () => {
  it("finds the temperature of a head that boasts, and its probabilities hold on other pictures", () => {
    const all = boastingHead(6000);
    const half = (from: number) => ({
      logits: all.logits.slice(from, from + 3000),
      labels: all.labels.slice(from, from + 3000),
    });
    const [fitted, other] = [half(0), half(3000)];
    const temperature = fitTemperature(fitted.logits, fitted.labels);
    assert.ok(Math.abs(temperature - 2) < 0.35, `${temperature}`);
    const before = calibration(forecasts(other, 1))?.ece ?? 0;
    const after = calibration(forecasts(other, temperature))?.ece ?? 1;
    assert.ok(before > 0.05 && after < 0.03 && after < before / 2, `${before} → ${after}`);
  });
});

describe("judgeCalibration()", () => {
  it("compares what is read with what was rendered", async () => {
    const blind = {
      read: (images: readonly unknown[]) =>
        RTE.right(images.map(() => ({ kind: { value: "nothing", confidence: 0.8 } }))),
    };
    const found = await succeed(judgeCalibration(blind, { scenes: 5 }), {});
    assert.deepEqual(Object.keys(found), ["kind", "all"]);
    const { count, accuracy, ece } = found["all"] ?? { count: 0, accuracy: 1, ece: 0 };
    assert.deepEqual([count, accuracy], [5, 0]);
    assert.ok(Math.abs(ece - 0.8) < 1e-12);
    assert.deepEqual(calibrationText(found).split("\n").map((line) => line.split(/ +/)), [
      ["attribute", "n", "accuracy", "confidence", "ECE", "Brier"],
      ["kind", "5", "0.000", "0.800", "0.800", "0.640"],
      ["all", "5", "0.000", "0.800", "0.800", "0.640"],
    ]);
  });

  it("finds the probabilities of the bundled judge to hold, also on what the image tokenizer leaves of a scene", async () => {
    const { rendered, decoded } = await succeed(profileCalibration("assets/nano", { scenes: 64 }), {
      files: liveFiles(),
      blobs: liveBlobs,
    });
    for (const [topic, { ece, accuracy, confidence }] of Object.entries(rendered)) {
      assert.ok(ece < 0.15, `${topic}: ECE ${ece}`);
      assert.ok(Math.abs(accuracy - confidence) < 0.12, `${topic}: ${accuracy} at ${confidence}`);
    }
    assert.ok((rendered["all"]?.ece ?? 1) < 0.06, `${rendered["all"]?.ece}`);
    assert.ok((decoded["all"]?.ece ?? 1) < 0.1, `${decoded["all"]?.ece}`);
    assert.deepEqual(Object.keys(decoded), Object.keys(rendered));
  });
});
