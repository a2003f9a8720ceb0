import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { showoModel } from "../../lib/showo/model.ts";
import { dreambooth } from "../../lib/baselines/dreambooth.ts";
import { type BaselineSettings, runSettings } from "../../lib/baselines/settings.ts";
import { loraConfigOf, type Trainable } from "../../lib/method/policy.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { concept, right, tinyRuntime, tinyWorld } from "../cold_start/tiny.ts";
import { tinyBaseline } from "./tiny_baseline.ts";

await useTestBackend();
const plain = tinyRuntime();

function runtimeFor(settings: BaselineSettings): typeof plain {
  const lora = loraConfigOf(runSettings("dreambooth", settings));
  return { ...plain, model: showoModel(plain.config, { compile: "none", lora }) };
}

async function train(changes: Partial<BaselineSettings> = {}, world = tinyWorld()): Promise<Trainable> {
  const settings = tinyBaseline(changes);
  return right(await dreambooth(settings, runtimeFor(settings), concept)(world)());
}

const changed = (a: Trainable, b: Trainable): readonly string[] => {
  const other = new Map(namedLeaves(b as Tree));
  return namedLeaves(a as Tree).flatMap(([name, leaf]) =>
    numbers(leaf).join() === numbers(other.get(name) as tf.Tensor).join() ? [] : [name]
  );
};

describe("dreambooth()", () => {
  it("trains LoRA's updates and the word, with pictures of the class, and leaves the weights as they are", async () => {
    const [base, before] = [snapshot(plain.base), tf.memory().numTensors];
    const world = tinyWorld();
    const [start, end] = [await train({ steps: 0 }), await train({}, world)];
    const names = changed(start, end);
    for (const part of ["q", "k", "v", "dense", "fc1", "fc2"]) {
      assert.ok(names.includes(`lora.layers.0.${part}.b`), part);
    }
    assert.ok(names.includes("rows.embed"));
    assert.deepEqual(snapshot(plain.base), base);
    assert.ok(
      world.lines.some((line) => /^dreambooth 3\/3 .* own .* prior /.test(line)),
      world.lines.join("\n"),
    );
    disposeTree([start, end] as Tree);
    assert.equal(tf.memory().numTensors, before);
  });

  it("trains all weights, the same again", async () => {
    const full = { trainable: "full", steps: 2 } as const;
    const [start, one, two] = [await train({ ...full, steps: 0 }), await train(full), await train(full)];
    assert.deepEqual(snapshot(one as Tree), snapshot(two as Tree));
    assert.ok(changed(start, one).filter((name) => name.startsWith("base.layers.0")).length > 5);
    disposeTree([start, one, two] as Tree);
  });

  it("is held by the pictures of the class", async () => {
    const own = (lines: readonly string[]): number =>
      Number(/ prior ([\d.]+)/.exec(lines.findLast((line) => line.includes("dreambooth")) ?? "")?.[1] ?? NaN);
    const without = tinyWorld();
    disposeTree(await train({ priorWeight: 0 }, without) as Tree);
    assert.ok(Number.isNaN(own(without.lines)), "without a weight no picture of the class is drawn");
    const [weak, strong] = [tinyWorld(), tinyWorld()];
    const long = { steps: 8, trainable: "full", learningRate: 0.02 } as const;
    disposeTree(await train({ ...long, priorWeight: 1e-6 }, weak) as Tree);
    disposeTree(await train({ ...long, priorWeight: 4 }, strong) as Tree);
    assert.ok(own(strong.lines) < own(weak.lines), `${own(strong.lines)} < ${own(weak.lines)}`);
  });

  it("stops when asked to, and frees everything", async () => {
    const before = tf.memory().numTensors;
    const settings = tinyBaseline();
    const stopped = await dreambooth(settings, runtimeFor(settings), concept)(tinyWorld(() => true))();
    assert.ok(E.isLeft(stopped) && stopped.left._tag === "Interrupted" && stopped.left.step === 1);
    const diverged = await dreambooth({ ...settings, learningRate: NaN }, runtimeFor(settings), concept)(
      tinyWorld(),
    )();
    assert.ok(E.isLeft(diverged) && diverged.left._tag === "Diverged");
    assert.equal(tf.memory().numTensors, before);
  });
});
