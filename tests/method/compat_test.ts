import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeConfig } from "../../lib/config/load.ts";
import { withCompat } from "../../lib/method/compat.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { right } from "../cold_start/tiny.ts";

const settingsOf = (data: Readonly<Record<string, unknown>>): TrainingSettings =>
  right(decodeConfig(TRAINING, data)) as TrainingSettings;

describe("withCompat()", () => {
  it("leaves exact settings alone", () => {
    const settings = settingsOf({});
    assert.equal(settings.compat, "exact");
    assert.equal(withCompat(settings), settings);
  });

  it("switches on every oddity that is a setting, and nothing else", () => {
    const settings = settingsOf({ compat: "released" });
    const { dsog, generation, cold_start, ...same } = TRAINING.codec.encode(withCompat(settings)) as Record<
      "dsog" | "generation" | "cold_start",
      Record<string, unknown>
    >;
    const before = TRAINING.codec.encode(settings) as typeof same & Record<string, Record<string, unknown>>;
    for (const [name, value] of Object.entries(same)) assert.deepEqual(value, before[name], name);
    assert.deepEqual(dsog, { ...before["dsog"], rule: "released", initial_threshold: 0.5 });
    assert.deepEqual(generation, { ...before["generation"], temperature: 1.8 });
    assert.deepEqual(cold_start, {
      ...before["cold_start"],
      order: "frozen",
      prompts: "released",
      flip: 0.25,
    });
  });

  it("keeps the first temperature where no preview is drawn, and is the same when applied again", () => {
    const settings = withCompat(settingsOf({ compat: "released", dsog: { enabled: false } }));
    assert.equal(settings.generation.temperature, 1);
    assert.deepEqual(withCompat(settings), settings);
  });
});
