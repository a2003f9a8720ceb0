import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { gatherMaterial, type StageMaterial } from "../../lib/cold_start/material.ts";
import { type StagePlan, stagesOf } from "../../lib/cold_start/plan.ts";
import type { ColdStartBatch } from "../../lib/cold_start/batches.ts";
import { rowGradients, type RowUpdate, rowUpdate } from "../../lib/cold_start/row_update.ts";
import { runStage } from "../../lib/cold_start/run_stage.ts";
import type { ColdStartOptions } from "../../lib/cold_start/settings.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { concept, right, tinyOptions, tinyRuntime, tinyWorld } from "./tiny.ts";

await useTestBackend();
const runtime = tinyRuntime();
const plan = stagesOf("joint", { ...runtime.naming, perceptionTokens: 0 })[0] as StagePlan;
const options = tinyOptions({ plan: "joint", understandingBatch: 2, generationBatch: 2 });
const material = right(await gatherMaterial(options, runtime, { concept, plans: [plan] })(tinyWorld())());
const update = rowUpdate(runtime.model, rowGradients(runtime.model), plan);
const stage = (changes: Partial<ColdStartOptions>, using: RowUpdate = update) => ({
  plan,
  options: { ...options, ...changes },
  runtime,
  material: material.stages.get("joint") as StageMaterial,
  length: material.length,
  update: using,
});

/** Runs a stage and returns the ids that each update saw. */
async function seenBy(changes: Partial<ColdStartOptions>): Promise<{ mmu: string; t2i: string }[]> {
  const seen: { mmu: string; t2i: string }[] = [];
  const ids = (batch: ColdStartBatch["mmu"]): string => batch === undefined ? "" : numbers(batch.ids).join();
  const watching: RowUpdate = (state, base, batch, knobs) => {
    seen.push({ mmu: ids(batch.mmu), t2i: ids(batch.t2i) });
    return update(state, base, batch, knobs);
  };
  disposeTree(right(await runStage(stage(changes, watching), runtime.startRows)(tinyWorld())()));
  return seen;
}

describe("runStage()", () => {
  it("leaves the rows it begins with to the caller, also without updates", async () => {
    const before = snapshot(runtime.startRows);
    const rows = right(await runStage(stage({ steps: 0 }), runtime.startRows)(tinyWorld())());
    assert.deepEqual(snapshot(rows), before);
    disposeTree(rows);
    assert.deepEqual(snapshot(runtime.startRows), before);
  });
  it("replays a frozen epoch with the same dialogues and pictures, hidden anew", async () => {
    const small = { understandingBatch: 30, generationBatch: 6, order: "frozen", flip: 0 } as const;
    const seen = await seenBy({ ...small, epochs: 2 });
    const half = seen.length / 2;
    assert.ok(half >= 1 && Number.isInteger(half));
    const [first, again] = [seen[0], seen[half]];
    assert.equal(again?.mmu, first?.mmu);
    assert.notEqual(again?.t2i, first?.t2i);
  });
  it("reads new dialogues in every shuffled update", async () => {
    const seen = await seenBy({ steps: 3 });
    assert.equal(new Set(seen.map(({ mmu }) => mmu)).size, 3);
  });
  it("stops when asked to and frees everything", async () => {
    const before = tf.memory().numTensors;
    const found = await runStage(stage({}), runtime.startRows)(tinyWorld(() => true))();
    assert.ok(E.isLeft(found) && found.left._tag === "Interrupted" && found.left.step === 1);
    assert.equal(tf.memory().numTensors, before);
  });
  it("reports what the backend throws and frees the state", async () => {
    const before = tf.memory().numTensors;
    const failing: RowUpdate = () => {
      throw new Error("out of memory");
    };
    const found = await runStage(stage({}, failing), runtime.startRows)(tinyWorld())();
    assert.ok(
      E.isLeft(found) && found.left._tag === "TensorFailure" && /all at once/.test(found.left.operation),
    );
    assert.equal(tf.memory().numTensors, before);
  });
});
