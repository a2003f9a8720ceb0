import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { SAME_COMMAND } from "../../../lib/core/error.ts";
import { fold, keyFromSeed, uniforms } from "../../../lib/core/key.ts";
import { makeUpdate, train, type Training } from "../../../lab/pretrain/trainer.ts";
import { adamw, chain, clipByGlobalNorm } from "../../../lib/tensor/optimizer.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import { snapshot } from "../../showo/fixture_weights.ts";
import { useTestBackend } from "../../support/backend.ts";
import { memoryFiles } from "../../support/files.ts";
import { right } from "../../cold_start/tiny.ts";

await useTestBackend("cpu");
const optimizer = chain(clipByGlobalNorm(1), adamw({ weightDecay: 0 }));

function training(steps: number, changes: Partial<Training> = {}): Training {
  return {
    name: "toy",
    folder: "out",
    steps,
    schedule: { peak: 0.1, warmup: 2, decay: 0, floor: 1 },
    logEvery: 3,
    saveEvery: 2,
    initial: () => {
      const parameters = { w: tf.tensor1d([1, 2, 3]) };
      return { parameters, optimizer: optimizer.init(parameters) as Tree };
    },
    batch: (step) => ({ x: tf.tensor1d(uniforms(fold(keyFromSeed(1), step), 3)) }),
    update: makeUpdate("toy", ({ w }: { w: tf.Tensor }, { x }: { x: tf.Tensor }) => ({
      loss: tf.sum(tf.square(tf.sub(w, x))) as tf.Scalar,
      aux: {},
    }), optimizer),
    ...changes,
  };
}

function world(interrupted: () => boolean = () => false) {
  let now = 0;
  const silent = (): void => {};
  return {
    files: memoryFiles(),
    log: { info: silent, warn: silent, progress: silent },
    clock: { now: () => now += 1000, date: () => "2025-01-01T00:00:00Z" },
    interrupt: { requested: interrupted },
  };
}

describe("train()", () => {
  it("gives the same numbers straight or resumed", async () => {
    const straight = right(await train(training(6))(world())());
    const place = world();
    disposeTree(right(await train(training(4))(place)()));
    const resumed = right(await train(training(6))(place)());
    assert.deepEqual(snapshot(resumed), snapshot(straight));
    disposeTree([straight, resumed]);
  });
  it("writes the first, every third and the last step to the curve", async () => {
    const place = world();
    disposeTree(right(await train(training(7))(place)()));
    const lines = right(await place.files.readText("out/toy.jsonl")()).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.deepEqual(lines.map(({ step }) => step), [1, 3, 6, 7]);
    assert.ok(lines[3].loss < lines[0].loss && lines.every(({ grad_norm }) => grad_norm > 0));
  });
  it("saves and ends when a person asks it to stop", async () => {
    let begun = 0;
    const place = world(() => begun >= 3);
    const { batch } = training(9);
    const counted = training(9, {
      batch: (step) => {
        begun++;
        return batch(step);
      },
    });
    const found = await train(counted)(place)();
    assert.ok(E.isLeft(found));
    assert.deepEqual(found.left, { _tag: "Interrupted", step: 3, next: SAME_COMMAND });
    assert.ok(right(await place.files.exists("out/toy.state.safetensors")()));
  });
  it("tells when a logged number is none", async () => {
    const broken = training(5, { batch: () => ({ x: tf.tensor1d([NaN, 0, 0]) }) });
    const found = await train(broken)(world())();
    assert.ok(E.isLeft(found) && found.left._tag === "Diverged");
  });
});
