import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeConfig } from "../../lib/config/load.ts";
import {
  activationBytes,
  announceMemory,
  estimateLine,
  gradientRows,
  layerNumbers,
  memoryEstimate,
} from "../../lib/training/memory_estimate.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { parseShowoConfig, type ShowoConfig } from "../../lib/showo/config.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { config } from "../showo/fixture_model.ts";
import { useTestBackend } from "../support/backend.ts";
import { right } from "../cold_start/tiny.ts";

await useTestBackend("cpu");

const settingsOf = (data: Readonly<Record<string, unknown>>): TrainingSettings =>
  right(decodeConfig(TRAINING, data)) as TrainingSettings;

describe("gradientRows()", () => {
  it("counts trajectories, drawn steps and both branches", () => {
    const rows = gradientRows(
      config,
      settingsOf({ rl: { microbatch: 3, timesteps_per_update: 4, trainable: "lora" } }),
    );
    assert.deepEqual(rows, {
      rows: 24,
      tokens: 18,
      prefix: 11,
      logits: { positions: 24 * 16, columns: 64 },
    });
  });
  it("follows what a forward holds: steps, no guidance, all steps", () => {
    const at = (rl: Readonly<Record<string, unknown>>, generation = {}) =>
      gradientRows(config, settingsOf({ rl: { microbatch: 3, trainable: "full", ...rl }, generation })).rows;
    assert.equal(at({ timesteps_per_update: 4, trainable: "concept_rows" }), 12);
    assert.equal(at({ timesteps_per_update: 4, microbatch_steps: 2 }), 12);
    assert.equal(at({ timesteps_per_update: 4, guidance_in_objective: false }), 12);
    assert.equal(at({ timesteps_per_update: 4 }, { guidance_scale: 0 }), 12);
    assert.equal(at({ timesteps_per_update: 0 }), 60);
  });
});

describe("activationBytes()", () => {
  const rows = { rows: 2, tokens: 18, prefix: 11, logits: { positions: 32, columns: 64 } };
  it("adds layers and logits, forward and back", () => {
    // D 64, M 192, H 4.
    assert.equal(layerNumbers(config, rows), 18 * (42 * 64 + 11 * 192 + 4 * (4 * 18 + 5 * 11)));
    const layer = 2 * layerNumbers(config, rows);
    const forward = 4 * (2 * layer + 11 * 32 * 64);
    const ratio = activationBytes(config, rows, { layerwise: false }) / forward;
    assert.ok(Math.abs(ratio - 2.5) < 1e-9, String(ratio));
  });
  it("keeps one layer and the inputs of all, layer by layer", () => {
    const deep = { ...config, layers: 24 };
    const [whole, layerwise] = [false, true].map((mode) => activationBytes(deep, rows, { layerwise: mode }));
    assert.ok((layerwise as number) < (whole as number) / 5);
  });
  it("grows in proportion to the rows", () => {
    const twice = { ...rows, rows: 4, logits: { positions: 64, columns: 64 } };
    const [one, two] = [rows, twice].map((each) => activationBytes(config, each, { layerwise: false }));
    assert.equal(two, 2 * (one as number));
  });
});

describe("the estimate at nano size", () => {
  const GIB = 2 ** 30;
  // `deno task bench memory`: held before, and peak of the first gradient, each mode in a process of its own.
  const measured = [["concept_rows", 0.39, 2.36], ["lora", 0.39, 4], ["full", 0.41, 4]] as const;
  const nano: ShowoConfig = right(parseShowoConfig(
    JSON.parse(Deno.readTextFileSync("assets/nano/unified/config.json")),
    "config.json",
  ));
  for (const [trainable, held, peak] of measured) {
    it(`is within 20 % of the measured peak, ${trainable}`, () => {
      const rows = gradientRows(nano, settingsOf({ rl: { trainable } }));
      const activations = activationBytes(nano, rows, { layerwise: false });
      const estimate = memoryEstimate({ held: held * GIB, trained: 50_000, activations });
      const ratio = estimate.peak / (peak * GIB);
      assert.ok(ratio > 0.8 && ratio < 1.2, String(ratio));
    });
  }
});

describe("memoryEstimate()", () => {
  it("is the sum of its parts", () => {
    const estimate = memoryEstimate({ held: 100, trained: 7, activations: 50 });
    assert.deepEqual(estimate, { held: 100, optimizer: 140, activations: 50, peak: 290 });
  });
  it("is one line", () => {
    const estimate = { held: 2 ** 30, optimizer: 0, activations: 2 ** 29, peak: 1.5 * 2 ** 30 };
    assert.equal(
      estimateLine(estimate, "lora"),
      "memory: about 1.5 GiB at the first update (lora): 1.0 GiB held now, 0.5 GiB activations, " +
        "0.0 GiB gradients and optimizer",
    );
  });
});

describe("announceMemory()", () => {
  it("prints the line for what is trained", async () => {
    const lines: string[] = [];
    const log = { info: (line: string) => void lines.push(line), warn: () => {}, progress: () => {} };
    const rows = { embed: tf.zeros([2, 64]), headWeight: tf.zeros([2, 64]), headBias: tf.zeros([2]) };
    const run = { runtime: { config }, settings: settingsOf({}) };
    await announceMemory(run, { trainable: { rows } }, 3 * 2 ** 30)({ log })();
    assert.match(
      lines.join("|"),
      /^memory: about 3\.\d GiB at the first update \(concept_rows\): 3\.0 GiB held now/,
    );
  });
});
