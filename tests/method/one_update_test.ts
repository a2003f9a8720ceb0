import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { oneUpdate, updateKey, type UpdateOutcome, type WeightedGroup } from "../../lib/method/one_update.ts";
import type { RunContext } from "../../lib/method/run_context.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyWorld } from "../cold_start/tiny.ts";
import {
  brightness,
  type Changes,
  freshState,
  plainExpert,
  right,
  runContextOf,
  runtimeFor,
  smallSettings,
} from "./tiny_run.ts";

await useTestBackend("wasm");
const runtime = runtimeFor(smallSettings());
const length = plainExpert("tier", ({ reasoning }) => reasoning.length % 7 / 7);
const experts: readonly RewardExpert[] = [plainExpert("ber", brightness), length];

const contextOf = (changes: Changes = {}): Promise<RunContext> =>
  runContextOf(
    runtime,
    smallSettings({ generation: { timesteps: 2 }, dsog: { preview_step: 1 }, ...changes }),
    experts,
  );

const once = async (run: RunContext, step = 0): Promise<UpdateOutcome> =>
  right(await oneUpdate(run, { ...freshState(runtime, run.settings), step })(tinyWorld())());

describe("oneUpdate()", () => {
  it("goes from a task to a new state: group, scores, advantages that sum to 0", async () => {
    const run = await contextOf();
    const before = tf.memory().numTensors;
    const { state, groups: [first], facts, seconds } = await once(run);
    const { group, scores, weighted, seconds: rewarding } = first as WeightedGroup;
    assert.equal(state.step, 1);
    assert.equal(group.trajectories.length, 4);
    assert.deepEqual(Object.keys(scores.experts), ["ber", "tier"]);
    const total = [...scores.experts["ber"] ?? []].map((ber, index) =>
      (ber + (scores.experts["tier"]?.[index] as number)) / 2
    );
    total.forEach((value, index) => assert.ok(Math.abs(value - (scores.total[index] as number)) < 1e-6));
    const mean = total.reduce((sum, value) => sum + value, 0) / 4;
    weighted.forEach(({ advantage }, index) =>
      assert.ok(Math.abs(advantage - ((total[index] as number) - mean)) < 1e-6)
    );
    assert.ok(facts.gradNorm > 0 && Number.isFinite(facts.loss));
    assert.ok(state.thresholds.textual !== null && seconds.total >= rewarding + seconds.update);
    disposeState(state);
    assert.equal(tf.memory().numTensors, before);
  });
  it("is a function of seed, step and state", async () => {
    const run = await contextOf();
    const [one, same, later] = [await once(run), await once(run), await once(run, 1)];
    assert.deepEqual(snapshot(one.state.trainable as Tree), snapshot(same.state.trainable as Tree));
    assert.deepEqual(one.groups[0]?.scores, same.groups[0]?.scores);
    assert.notDeepEqual(
      one.groups[0]?.group.trajectories[0]?.key,
      later.groups[0]?.group.trajectories[0]?.key,
    );
    assert.notDeepEqual(updateKey({ seed: 1 }, 3), updateKey({ seed: 2 }, 3));
    [one, same, later].forEach(({ state }) => disposeState(state));
  });
  it("draws several prompts an update, the first as if it were alone", async () => {
    const before = tf.memory().numTensors;
    const [one, three] = [
      await once(await contextOf()),
      await once(await contextOf({ rl: { batch_size: 3 } })),
    ];
    assert.equal(three.groups.length, 3);
    assert.deepEqual(three.groups[0]?.scores, one.groups[0]?.scores);
    const keys = three.groups.flatMap(({ group }) => group.trajectories.map(({ key }) => `${key}`));
    assert.equal(new Set(keys).size, keys.length);
    [one, three].forEach(({ state }) => disposeState(state));
    assert.equal(tf.memory().numTensors, before);
  });
  it("gives image tokens credit by part", async () => {
    const run = await contextOf({ rl: { credit: "by_part" } });
    const { groups: [first], state } = await once(run);
    const { weighted } = first as WeightedGroup;
    const among = new Map<string, number>();
    weighted.forEach(({ compoundPrompt, imageAdvantage = NaN }) =>
      among.set(compoundPrompt, (among.get(compoundPrompt) ?? 0) + imageAdvantage)
    );
    assert.ok([...among.values()].every((sum) => Math.abs(sum) < 1e-6));
    disposeState(state);
  });
  it("keeps the threshold empty without DSOG", async () => {
    const { state, groups } = await once(await contextOf({ dsog: { enabled: false, preview_step: 1 } }));
    const group = groups[0]?.group;
    assert.deepEqual([state.thresholds.textual, group?.screened.scored, group?.previewScores], [null, 4, []]);
    disposeState(state);
  });
  it("passes the failure of a stage on", async () => {
    const run = await contextOf();
    const state = freshState(runtime, run.settings);
    const problem = { _tag: "TensorFailure", operation: "update", problem: "no" } as const;
    const found = await oneUpdate({ ...run, update: () => E.left(problem) }, state)(tinyWorld())();
    assert.deepEqual(found, E.left(problem));
    disposeState(state);
    runtime.dispose();
  });
});
