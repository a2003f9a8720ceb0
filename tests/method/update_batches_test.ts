import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { imageBatches, textBatches } from "../../lib/method/update_batches.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import {
  askedTask,
  type Changes,
  contextOf,
  freshState,
  runtimeFor,
  smallSettings,
  weightedGroup,
} from "./tiny_run.ts";

await useTestBackend("wasm");
const settings = smallSettings();
const runtime = runtimeFor(settings);
const state = freshState(runtime, settings);
const task = askedTask(runtime);
const group = weightedGroup(contextOf(runtime, settings, state), task);
const key = keyFromSeed(4);
const T = 5;
const N = 16;

const images = (changes: Changes = {}) =>
  imageBatches([{ task, weighted: group }], { runtime, settings: smallSettings(changes), key });
const texts = (changes: Changes = {}, of = group) =>
  textBatches([{ task, weighted: of }], { runtime, settings: smallSettings(changes) });

/** What all micro-batches hold together. */
function total(makes: readonly (() => { readonly tokens: { readonly [name: string]: tf.Tensor } })[]) {
  const sums = makes.map((make) => {
    const batch = make();
    const { completionMask, advantages, scale } = batch.tokens as Record<string, tf.Tensor>;
    const mask = (completionMask as tf.Tensor).dataSync();
    const found = {
      rows: (completionMask as tf.Tensor).shape[0] as number,
      tokens: [...mask].reduce((sum, value) => sum + value, 0),
      advantages: [...(advantages as tf.Tensor).dataSync()],
      scale: (scale as tf.Tensor).dataSync()[0] as number,
    };
    disposeTree(batch as unknown as Tree);
    return found;
  });
  return {
    rows: sums.map(({ rows }) => rows),
    tokens: sums.reduce((sum, { tokens }) => sum + tokens, 0),
    advantages: sums.flatMap(({ advantages }) => advantages),
    scales: [...new Set(sums.map(({ scale }) => scale))],
  };
}

describe("imageBatches()", () => {
  it("cut a group by trajectories and steps; every token is in exactly one", () => {
    const whole = total(images());
    assert.deepEqual(whole.rows, [4 * T]);
    for (
      const [microbatch, steps, sizes] of [[2, 0, [10, 10]], [1, 2, [2, 2, 1]], [4, 3, [12, 8]]] as const
    ) {
      const cut = total(images({ rl: { microbatch, microbatch_steps: steps } }));
      const perTrajectory = 4 / microbatch;
      const expected = Array.from({ length: perTrajectory }, () => sizes).flat();
      assert.deepEqual(cut.rows, microbatch === 2 ? [...sizes] : expected);
      assert.equal(cut.tokens, whole.tokens);
      assert.deepEqual(cut.scales, whole.scales);
      assert.deepEqual([...cut.advantages].sort(), [...whole.advantages].sort());
    }
  });
  it("scale drawn steps by T/k, and tokens by weight and group or count", () => {
    const close = (found: number | undefined, expected: number) =>
      assert.ok(Math.abs((found as number) / expected - 1) < 1e-6, `${found}, ${expected}`);
    const rl = { generation_weight: 0.6 };
    close(total(images({ rl })).scales[0], 0.6 / 4);
    const drawn = total(images({ rl: { ...rl, timesteps_per_update: 2 } }));
    close(drawn.scales[0], (0.6 / 4) * (T / 2));
    assert.deepEqual(drawn.rows, [4 * 2]);
    close(
      total(images({ rl: { ...rl, loss_normalization: "tokens", image_token_scope: "all" } })).scales[0],
      0.6 / (4 * T * N),
    );
  });
  it("record states and choices as they were", () => {
    const [make] = images();
    const { steps } = (make as NonNullable<typeof make>)();
    const states = steps.states.arraySync() as number[][];
    const chosen = steps.chosen.arraySync() as number[][];
    group.forEach(({ records }, index) =>
      records.forEach((record, step) => {
        assert.deepEqual(states[index * T + step], [...record.state]);
        assert.deepEqual(chosen[index * T + step], [...record.chosen]);
      })
    );
    assert.equal(steps.guidance?.dataSync()[0], settings.generation.guidanceScale);
    disposeTree(steps as unknown as Tree);
    for (const changes of [{ rl: { guidance_in_objective: false } }, { generation: { guidance_scale: 0 } }]) {
      const before = tf.memory().numTensors;
      const batch = (images(changes)[0] as NonNullable<typeof make>)();
      assert.equal(batch.steps.guidance, undefined);
      disposeTree(batch as unknown as Tree);
      assert.equal(tf.memory().numTensors, before);
    }
  });
});

describe("textBatches()", () => {
  it("cut a group by trajectories; answers are padded and shifted by one token", () => {
    const count = group.reduce((sum, { sample }) => sum + sample.ids.length, 0);
    assert.equal(total(texts()).tokens, count);
    const cut = total(texts({ rl: { microbatch: 2 } }));
    assert.deepEqual([cut.rows, cut.tokens], [[2, 2], count]);
    const [make] = texts();
    const { answers, tokens } = (make as NonNullable<typeof make>)();
    const [inputs, targets] = [answers.inputs.arraySync(), answers.targets.arraySync()] as number[][][];
    group.forEach(({ sample: { ids } }, index) => {
      const [input, target] = [inputs?.[index] as number[], targets?.[index] as number[]];
      assert.equal(input[0], task.promptIds.at(-1));
      assert.deepEqual(input.slice(1, ids.length), ids.slice(0, -1));
      assert.deepEqual(target, [...ids, ...Array.from({ length: target.length - ids.length }, () => -1)]);
    });
    disposeTree({ answers, tokens } as unknown as Tree);
  });
  it("are none where nothing was said", () => {
    const silent = group.map((each) => ({ ...each, sample: { ...each.sample, ids: [], logps: [] } }));
    assert.deepEqual(texts({}, silent), []);
  });
  it("the end: all is freed", () => {
    disposeState(state);
    runtime.dispose();
    assert.ok(runtime.base.head.weight.isDisposed);
  });
});
