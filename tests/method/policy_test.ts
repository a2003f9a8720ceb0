import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { initialTrainable, loraConfigOf, policyOf } from "../../lib/method/policy.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, flatten, type Tree } from "../../lib/tensor/tree.ts";
import { snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { runtimeFor, smallSettings } from "./tiny_run.ts";

await useTestBackend("cpu");
const settingsOf = (trainable: string) => smallSettings({ rl: { trainable, lora_rank: 3, lora_alpha: 6 } });

describe("initialTrainable()", () => {
  it("copies what is trained and nothing else", () => {
    const runtime = runtimeFor(smallSettings());
    for (const [kind, parts] of [["concept_rows", []], ["lora", ["lora"]], ["full", ["base"]]] as const) {
      const before = tf.memory().numTensors;
      const trainable = initialTrainable(runtime, runtime.startRows, settingsOf(kind));
      assert.deepEqual(Object.keys(trainable), ["rows", ...parts]);
      assert.deepEqual(snapshot(trainable.rows as Tree), snapshot(runtime.startRows as Tree));
      if (trainable.base !== undefined) {
        assert.deepEqual(snapshot(trainable.base as Tree), snapshot(runtime.base as Tree));
      }
      disposeTree(trainable as Tree);
      assert.equal(tf.memory().numTensors, before);
      assert.ok(!runtime.startRows.embed.isDisposed && !runtime.base.head.weight.isDisposed);
    }
    runtime.dispose();
  });
  it("begins LoRA as no change, from the seed", () => {
    const settings = settingsOf("lora");
    const runtime = runtimeFor(settings);
    const make = (seed: number) => initialTrainable(runtime, runtime.startRows, { ...settings, seed });
    const [one, again, other] = [make(1), make(1), make(2)];
    assert.deepEqual(snapshot(one.lora as Tree), snapshot(again.lora as Tree));
    assert.notDeepEqual(snapshot(one.lora as Tree), snapshot(other.lora as Tree));
    const zero = flatten(one.lora as Tree).leaves.filter((leaf) =>
      leaf.dataSync().every((value) => value === 0)
    );
    assert.equal(zero.length * 2, flatten(one.lora as Tree).leaves.length, "one factor of each pair is 0");
    disposeTree([one, again, other] as Tree);
    runtime.dispose();
  });
});

describe("loraConfigOf() and policyOf()", () => {
  it("have low-rank updates exactly where they are trained", () => {
    assert.equal(loraConfigOf(smallSettings()), undefined);
    assert.deepEqual(loraConfigOf(settingsOf("lora")), { rank: 3, alpha: 6, targets: ["qkv", "fc1", "fc2"] });
  });
  it("let a trained base replace the frozen one, sharing all tensors", () => {
    const [frozen, trained, rows] = [{ frozen: 1 }, { trained: 1 }, { rows: 1 }] as never[];
    assert.equal(policyOf(frozen as never, { rows: rows as never }).base, frozen);
    assert.equal(policyOf(frozen as never, { rows: rows as never, base: trained as never }).base, trained);
    assert.equal(policyOf(frozen as never, { rows: rows as never }).rows, rows);
  });
});
