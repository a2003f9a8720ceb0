import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { byPreview, drawPool, POOL_BATCHES, previewWays, wayName } from "../../../lab/dsog/dsog_pools.ts";
import type { Study } from "../../../lab/dsog/dsog_rollouts.ts";
import { disposeState } from "../../../lib/method/policy.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { tinyWorld } from "../../cold_start/tiny.ts";
import { succeed } from "../../evaluation/world_fixture.ts";
import {
  brightness,
  freshState,
  plainExpert,
  runContextOf,
  runtimeFor,
  smallSettings,
} from "../../method/tiny_run.ts";
import { useTestBackend } from "../../support/backend.ts";

await useTestBackend("wasm");
const settings = smallSettings({ reasoning: { mix: 0 } });
const runtime = runtimeFor(settings);
const state = freshState(runtime, settings);
const bright = plainExpert("ber", (row) => brightness(row) + row.compoundPrompt.length / 1000);
const study: Study = { ...await runContextOf(runtime, settings, [bright]), state };

describe("drawPool()", () => {
  it("scores every preview in every way, finishes all, and leaves no tensor behind", async () => {
    const ways = previewWays(settings);
    assert.equal(ways.length, 6, "T/2 is the settings' step here");
    const before = tf.memory().numTensors;
    const rows = await succeed(drawPool(byPreview(study), 0, ways), tinyWorld());
    assert.equal(tf.memory().numTensors, before);
    assert.equal(rows.length, POOL_BATCHES * settings.rl.numGenerations);
    const column = (text: string, preview: string) =>
      rows.map(({ scores }) => scores[`${text}, ${preview}, step 2`] as number);
    for (const row of rows) assert.deepEqual(Object.keys(row.scores), ways.map(wayName));
    assert.ok(rows.every(({ reward, right }) => reward > 0 && !right));
    assert.notDeepEqual(column("base", "sampled"), column("base", "likely"));
    const texts = column("compound", "sampled").map((score, index) =>
      Math.round(1000 * (score - (column("base", "sampled")[index] as number)))
    );
    assert.ok(new Set(texts).size > 1, "compound prompts differ in length, the base prompt is one");
    disposeState(state);
    runtime.dispose();
  });
});
