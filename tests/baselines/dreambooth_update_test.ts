import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../lib/core/key.ts";
import { type BoothBatch, dreamboothUpdate } from "../../lib/baselines/dreambooth_update.ts";
import { runSettings } from "../../lib/baselines/settings.ts";
import { drawingBatch } from "../../lib/cold_start/batches.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree, type Tree } from "../../lib/tensor/tree.ts";
import { numbers } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyRuntime } from "../cold_start/tiny.ts";
import { tinyBaseline } from "./tiny_baseline.ts";

await useTestBackend();
const runtime = tinyRuntime();
const update = dreamboothUpdate(runtime.model, runSettings("textual_inversion", tinyBaseline()));
const drawing = (code: number) => ({
  textIds: runtime.encodeText("a photo of <mip> ."),
  views: [new Int32Array(16).fill(code)],
});
const batchOf = (code: number) =>
  drawingBatch([{ sample: 0, filler: false, viewKey: keyFromSeed(1) }], [drawing(code)], {
    speaker: runtime,
    dropCondition: 0,
    key: keyFromSeed(2),
  });

/** One update of the rows; the three losses and the new rows. */
function step(
  batch: BoothBatch,
  weight: number,
): { losses: Record<string, number>; rows: readonly number[] } {
  const trainable = { rows: mapTree(runtime.startRows, (leaf) => tf.clone(leaf)) };
  const optimizer = update.init(trainable);
  const scalars = { learningRate: tf.scalar(0.1), priorWeight: tf.scalar(weight) };
  const { losses, ...next } = update({ trainable, optimizer }, runtime.base, batch, scalars);
  const read = Object.entries(losses).map(([name, value]) => [name, value.dataSync()[0] as number]);
  const rows = numbers(next.trainable.rows.embed);
  disposeTree([trainable, optimizer, scalars, losses, next.trainable, next.optimizer] as Tree);
  return { losses: Object.fromEntries(read), rows: [...rows] };
}

describe("dreamboothUpdate()", () => {
  it("descends own + λ · prior, and own alone without pictures of the class", () => {
    const [own, prior] = [batchOf(3), batchOf(9)];
    const before = tf.memory().numTensors;
    const both = step({ own, prior }, 0.5).losses;
    assert.deepEqual(Object.keys(both).sort(), ["loss", "own", "prior"]);
    const { loss = NaN, own: first = NaN, prior: second = NaN } = both;
    assert.ok(Math.abs(loss - (first + 0.5 * second)) < 1e-4, `${loss} ${first} ${second}`);
    const alone = step({ own }, 0.5);
    assert.deepEqual(Object.keys(alone.losses).sort(), ["loss", "own"]);
    assert.ok(Math.abs((alone.losses["loss"] ?? NaN) - first) < 1e-5);
    const unweighted = step({ own, prior }, 0).rows;
    unweighted.forEach((value, index) => assert.ok(Math.abs(value - (alone.rows[index] as number)) < 1e-4));
    assert.notDeepEqual(step({ own, prior }, 4).rows, unweighted);
    assert.equal(tf.memory().numTensors, before);
    disposeTree([own, prior]);
  });
});
