import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import { selectTimesteps } from "../../lib/rl/image_tokens.ts";
import type { Evidence } from "../../lib/method/evidence.ts";
import { disposeState, type PolicyState } from "../../lib/method/policy.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { makeUpdate, type UpdateFacts } from "../../lib/method/update.ts";
import type { Weighted } from "../../lib/method/update_batches.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { numbers, snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { maxDifference } from "../support/fixture.ts";
import {
  askedTask,
  type Changes,
  contextOf,
  freshState,
  right,
  runtimeFor,
  smallSettings,
  weightedGroup,
} from "./tiny_run.ts";

await useTestBackend("wasm");
const settings = smallSettings();
const runtime = runtimeFor(settings);
const task = askedTask(runtime);
const first = freshState(runtime, settings);
const group = weightedGroup(contextOf(runtime, settings, first), task);
disposeState(first);

interface Updated {
  readonly facts: UpdateFacts;
  /** The state afterwards, by name. */
  readonly trained: Record<string, number[]>;
  readonly optimizer: Record<string, number[]>;
}

/** Some updates from the start; the optimizer's moments show the gradients. */
function updated(
  changed: TrainingSettings,
  options: { readonly updates?: number; readonly seed?: number; readonly weighted?: readonly Weighted[] } =
    {},
): Updated {
  const { updates = 1, seed = 1, weighted = group } = options;
  const model = changed.rl.trainable === "lora" ? { ...runtimeFor(changed), base: runtime.base } : runtime;
  const update = makeUpdate(model, changed);
  let state = freshState(runtime, changed);
  let facts: UpdateFacts | undefined;
  for (let count = 0; count < updates; count++) {
    const next = right(update(state, [{ task, weighted }], keyFromSeed(seed)));
    ({ state, facts } = next);
  }
  assert.equal(state.step, updates);
  const found = {
    facts: facts as UpdateFacts,
    trained: snapshot(state.trainable as Tree),
    optimizer: snapshot(state.optimizer),
  };
  disposeState(state);
  return found;
}

const withChanges = (changes: Changes): TrainingSettings => smallSettings(changes);

function assertNear(
  found: Record<string, number[]>,
  expected: Record<string, number[]>,
  tolerance = 1e-5,
): void {
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const difference = maxDifference(found[name] as number[], values);
    assert.ok(difference <= tolerance, `${name}: ${difference}`);
  }
}

/** First moments after one update with several groups: they show the gradients. */
function momentsOf(
  changed: TrainingSettings,
  groups: readonly (readonly Weighted[])[],
): Record<string, number[]> {
  const { state } = right(
    makeUpdate(runtime, changed)(
      freshState(runtime, changed),
      groups.map((weighted) => ({ task, weighted })),
      keyFromSeed(1),
    ),
  );
  const moments = Object.entries(snapshot(state.optimizer)).filter(([name]) => name.includes("first"));
  disposeState(state);
  return Object.fromEntries(moments);
}

describe("makeUpdate()", () => {
  it("changes every tensor that is trained and none that is frozen", () => {
    for (const trainable of ["concept_rows", "lora", "full"]) {
      const changed = withChanges({ rl: { trainable } });
      const [base, rows] = [snapshot(runtime.base), snapshot(runtime.startRows)];
      const state = freshState(runtime, changed);
      const start = snapshot(state.trainable as Tree);
      const reference = snapshot(state.reference as Tree);
      assert.deepEqual(reference, start);
      disposeState(state);
      const { trained } = updated(changed, { updates: 2 });
      assert.deepEqual(Object.keys(trained), Object.keys(start));
      const same = Object.keys(start).filter((name) =>
        maxDifference(trained[name] ?? [], start[name] ?? []) === 0
      );
      assert.deepEqual(same, [], trainable);
      assert.deepEqual([snapshot(runtime.base), snapshot(runtime.startRows)], [base, rows]);
    }
  });
  it("keeps the reference policy", () => {
    const state = freshState(runtime, settings);
    const before = snapshot(state.reference as Tree);
    const next = right(makeUpdate(runtime, settings)(state, [{ task, weighted: group }], keyFromSeed(1)));
    assert.deepEqual(snapshot(next.state.reference as Tree), before);
    disposeState(next.state);
  });
  it("raises the likelihood of trajectories with a positive advantage", () => {
    const positive = group.map((each) => ({ ...each, advantage: 1 }));
    const changed = withChanges({ rl: { num_iterations: 3, beta: 0, epsilon: 10, learning_rate: 1e-3 } });
    const { surrogate } = updated(changed, { weighted: positive }).facts.generation;
    const still =
      updated(withChanges({ rl: { beta: 0 } }), { weighted: positive }).facts.generation.surrogate;
    assert.ok(surrogate > still, `${still} to ${surrogate}`);
  });
  it("sums the same gradients in micro-batches of any size", () => {
    const whole = updated(settings);
    for (const [microbatch, steps] of [[1, 0], [2, 0], [4, 2], [2, 3], [1, 1]]) {
      const cut = updated(withChanges({ rl: { microbatch, microbatch_steps: steps } }));
      assertNear(cut.optimizer, whole.optimizer);
      assert.ok(Math.abs(cut.facts.loss - whole.facts.loss) < 1e-3 * Math.max(1, Math.abs(whole.facts.loss)));
      assert.ok(Math.abs(cut.facts.gradNorm / whole.facts.gradNorm - 1) < 1e-4);
      assert.equal(cut.facts.generation.tokens, whole.facts.generation.tokens);
      assert.equal(cut.facts.understanding.tokens, whole.facts.understanding.tokens);
    }
  });
  it("counts the tokens of the scope", () => {
    const answers = group.reduce((sum, { sample }) => sum + sample.ids.length, 0);
    const tokens = (scope: string) => updated(withChanges({ rl: { image_token_scope: scope } })).facts;
    assert.equal(tokens("all").generation.tokens, 4 * 5 * 16);
    assert.equal(tokens("revealed").generation.tokens, 4 * 16);
    const masked = group.reduce(
      (sum, { records }) =>
        sum + records.reduce((inner, { state }) => inner + state.filter((code) => code < 0).length, 0),
      0,
    );
    assert.equal(tokens("masked").generation.tokens, masked);
    assert.equal(tokens("all").understanding.tokens, answers);
  });
  it("draws decoding steps without bias", () => {
    const free = { max_grad_norm: 1e9 };
    const whole = updated(withChanges({ rl: free }));
    const seeds = new Map<string, number>();
    for (let seed = 0; seeds.size < 10; seed++) {
      const key = fold(fold(keyFromSeed(seed), "update"), "timesteps");
      const name = selectTimesteps(key, { timesteps: 5, perUpdate: 2 }).steps.join();
      if (!seeds.has(name)) seeds.set(name, seed);
    }
    const some = withChanges({ rl: { ...free, timesteps_per_update: 2 } });
    const each = [...seeds.values()].map((seed) => updated(some, { seed }));
    const moments = Object.keys(whole.optimizer).filter((name) => /mu|first|mean/i.test(name));
    assert.ok(moments.length > 0, Object.keys(whole.optimizer).join());
    for (const name of moments) {
      const expected = whole.optimizer[name] as number[];
      const mean = expected.map((_, index) =>
        each.reduce((sum, { optimizer }) => sum + ((optimizer[name] as number[])[index] as number), 0) /
        each.length
      );
      const size = Math.max(...expected.map(Math.abs));
      assert.ok(maxDifference(mean, expected) <= 1e-4 * size, name);
      if (name.endsWith("embed")) {
        assert.ok(maxDifference((each[0] as Updated).optimizer[name] as number[], expected) > 1e-2 * size);
      }
    }
  });
  it("clips ratios from the second iteration on", () => {
    const once = updated(withChanges({ rl: { epsilon: 0.01 } })).facts;
    const twice = updated(withChanges({ rl: { epsilon: 0.01, num_iterations: 2 } })).facts;
    const clipped = ({ understanding, generation }: UpdateFacts): number =>
      understanding.clippedLow + understanding.clippedHigh + generation.clippedLow + generation.clippedHigh;
    assert.equal(clipped(once), 0);
    assert.ok(clipped(twice) > 0);
    assert.notEqual(twice.loss, once.loss);
  });
  it("begins its first iteration with a ratio of 1", () => {
    const [once, twice] = [1, 2].map((count) =>
      updated(withChanges({ rl: { num_iterations: count, learning_rate: 1e-12, weight_decay: 0 } })).facts
    ) as [UpdateFacts, UpdateFacts];
    assert.ok(Math.abs(once.loss - twice.loss) < 1e-3 && Math.abs(once.gradNorm / twice.gradNorm - 1) < 1e-3);
  });
  it("measures the distance to the start, and not without beta", () => {
    const kl = (beta: number, updates: number): number =>
      updated(withChanges({ rl: { beta } }), { updates }).facts.generation.kl;
    assert.ok(Math.abs(kl(0.01, 1)) < 1e-6);
    assert.ok(kl(0.01, 2) > 1e-6);
    assert.equal(kl(0, 2), 0);
  });
  it("is held back by beta", () => {
    const start = freshState(runtime, settings);
    const old = snapshot(start.trainable as Tree);
    disposeState(start);
    const distance = (beta: number): number => {
      const { facts } = updated(withChanges({ rl: { beta } }), { updates: 6 });
      return beta === 0 ? Infinity : facts.generation.kl + facts.understanding.kl;
    };
    assert.ok(Object.keys(old).length > 0 && distance(10) < distance(0.01));
  });
  it("takes the guided or the conditional distribution", () => {
    const guided = updated(settings);
    const plain = updated(withChanges({ rl: { guidance_in_objective: false } }));
    const none = updated(withChanges({ generation: { guidance_scale: 0 } }));
    assert.deepEqual(plain.optimizer, none.optimizer);
    assert.ok(Math.abs(plain.facts.gradNorm - guided.facts.gradNorm) > 1e-3);
  });
  it("leaves a part out whose weight is 0", () => {
    const silent = group.map((each) => ({ ...each, sample: { ...each.sample, ids: [], logps: [] } }));
    const zero = updated(withChanges({ rl: { understanding_weight: 0 } }));
    const without = updated(settings, { weighted: silent });
    assertNear(zero.optimizer, without.optimizer);
    assert.equal(without.facts.understanding.tokens, 0);
  });
  it("clips the gradient norm", () => {
    const [free, tight] = [1e9, 0.5].map((limit) =>
      updated(withChanges({ rl: { max_grad_norm: limit } }))
    ) as [
      Updated,
      Updated,
    ];
    assert.equal(free.facts.gradNorm, tight.facts.gradNorm);
    assert.ok(free.facts.gradNorm > 0.5);
    assert.notDeepEqual(free.optimizer, tight.optimizer);
  });
  it("stops at the first number that is none and names it", () => {
    const attempt = (
      changed: TrainingSettings,
      weighted: readonly Weighted[],
      spoil: (state: PolicyState) => PolicyState = (state) => state,
    ) => {
      const state = spoil(freshState(runtime, changed));
      const found = makeUpdate(runtime, changed)(state, [{ task, weighted }], keyFromSeed(1));
      assert.ok(E.isLeft(found) && found.left._tag === "Diverged");
      return found.left;
    };
    const changed = (index: number, change: (each: Weighted) => Weighted) =>
      group.map((each, at) => at === index ? change(each) : each);
    const lost = attempt(settings, changed(1, (each) => ({ ...each, advantage: NaN })));
    assert.deepEqual([lost.step, lost.tensor], [1, "advantage of trajectory 2"]);
    const said = attempt(
      settings,
      changed(
        2,
        (each) => ({ ...each, sample: { ...each.sample, logps: each.sample.logps.map(() => -Infinity) } }),
      ),
    );
    assert.equal(said.tensor, "answer log-probs of trajectory 3");
    const wild = attempt(withChanges({ rl: { learning_rate: 1e300 } }), group);
    assert.match(wild.tensor, /^updated\.rows\./);
    const broken = attempt(settings, group, (state) => {
      const { rows } = state.trainable;
      const embed = tf.mul(rows.embed, NaN) as typeof rows.embed;
      rows.embed.dispose();
      return { ...state, trainable: { ...state.trainable, rows: { ...rows, embed } } };
    });
    assert.match(broken.tensor, /^(understanding loss of micro-batch 1|gradient\.rows\.)/);
  });
  it("frees everything when it stops, and keeps what it looked at as plain data", () => {
    const huge = group.map((each) => ({ ...each, advantage: 1e38 }));
    const cases = [
      [settings, group.map((each) => ({ ...each, advantage: NaN }))],
      [withChanges({ rl: { learning_rate: 1e300 } }), group],
      [withChanges({ rl: { num_iterations: 2, microbatch: 2 } }), huge],
    ] as const;
    for (const [changed, weighted] of cases) {
      const before = tf.memory().numTensors;
      const state = freshState(runtime, changed);
      const found = makeUpdate(runtime, changed)(state, [{ task, weighted }], keyFromSeed(1));
      assert.ok(E.isLeft(found));
      assert.equal(tf.memory().numTensors, before);
      const { facts } = (found.left as unknown as { readonly evidence: Evidence }).evidence;
      assert.ok(facts.some(({ name }) => name === "policy.rows.embed"));
    }
  });
  it("keeps the number of tensors over five updates", () => {
    for (
      const rl of [
        {},
        { num_iterations: 2, microbatch: 2 },
        { trainable: "full", beta: 0 },
        { optimizer: "by_part" },
      ]
    ) {
      const changed = withChanges({ rl });
      const update = makeUpdate(runtime, changed);
      let state: PolicyState = freshState(runtime, changed);
      const counts = [0, 1, 2, 3, 4].map((step) => {
        ({ state } = right(update(state, [{ task, weighted: group }], keyFromSeed(step))));
        return tf.memory().numTensors;
      });
      assert.equal(new Set(counts).size, 1, counts.join());
      disposeState(state);
    }
  });
  it("leaves policy and moments as they are, bit for bit, where nothing has an advantage", () => {
    const equal = group.map((each) => ({ ...each, advantage: 0 }));
    for (const rl of [{ beta: 0.01 }, { beta: 1, num_iterations: 2 }, { optimizer: "by_part" }]) {
      const changed = withChanges({ rl });
      const start = freshState(runtime, changed);
      const [trained, optimizer] = [snapshot(start.trainable as Tree), snapshot(start.optimizer)];
      disposeState(start);
      const after = updated(changed, { updates: 3, weighted: equal });
      assert.deepEqual([after.trained, after.optimizer], [trained, optimizer]);
      assert.ok(after.facts.skipped && after.facts.gradNorm === 0);
    }
    assert.ok(!updated(settings).facts.skipped);
  });
  it("takes several groups as the mean of them", () => {
    const free = withChanges({ rl: { max_grad_norm: 1e9, beta: 0 } });
    const other = group.map((each, index) => ({ ...each, advantage: index === 0 ? 0.75 : -0.25 }));
    const still = group.map((each) => ({ ...each, advantage: 0 }));
    const moments = (groups: readonly (readonly Weighted[])[]) => momentsOf(free, groups);
    const [one, two, both, beside] = [
      moments([group]),
      moments([other]),
      moments([group, other]),
      moments([group, still]),
    ];
    for (const [name, values] of Object.entries(both)) {
      const mean = values.map((_, index) => ((one[name]?.[index] ?? 0) + (two[name]?.[index] ?? 0)) / 2);
      const half = values.map((_, index) => (one[name]?.[index] ?? 0) / 2);
      const size = Math.max(...values.map(Math.abs), 1e-6);
      assert.ok(maxDifference(values, mean) <= 1e-4 * size, name);
      assert.ok(maxDifference(beside[name] as number[], half) <= 1e-4 * size, name);
    }
  });
  it("weighs image tokens by an advantage of their own", () => {
    const images = { imageAdvantage: 0 };
    const silent = updated(settings, { weighted: group.map((each) => ({ ...each, ...images })) });
    const without = updated(withChanges({ rl: { generation_weight: 0, beta: 0 } }));
    assert.equal(silent.facts.generation.tokens, 0);
    assert.equal(silent.facts.partNorms.generation, 0);
    assert.ok(Math.abs(silent.facts.partNorms.understanding / without.facts.gradNorm - 1) < 1e-3);
  });
  it("steps for each part with a clip, moments and a rate of its own", () => {
    const rl = { optimizer: "by_part", max_grad_norm: 0.01, image_learning_rate: 0.02, adam_epsilon: 1e-8 };
    const byPart = updated(withChanges({ rl }));
    const answers = group.map((each) => ({ ...each, imageAdvantage: 0 }));
    const alone = updated(withChanges({ rl }), { weighted: answers });
    const part = (found: Updated, kind: string) =>
      Object.fromEntries(Object.entries(found.optimizer).filter(([name]) => name.startsWith(kind)));
    assertNear(part(byPart, "understanding"), part(alone, "understanding"));
    const untouched = part(alone, "generation");
    assert.ok(Object.values(untouched).flat().every((value) => value === 0));
    assert.notDeepEqual(part(byPart, "generation"), untouched);
    assert.ok(byPart.facts.clipFactor < 1 && byPart.facts.gradRms > 0);
    const { understanding, generation } = byPart.facts.partNorms;
    assert.ok(Math.abs(byPart.facts.gradNorm - Math.hypot(understanding, generation)) < 1e-6);
  });
  it("frees what it made where the step of the second part fails", () => {
    const changed = withChanges({ rl: { optimizer: "by_part", image_learning_rate: 1e300 } });
    const before = tf.memory().numTensors;
    const found = makeUpdate(runtime, changed)(
      freshState(runtime, changed),
      [{ task, weighted: group }],
      keyFromSeed(1),
    );
    assert.ok(E.isLeft(found));
    assert.equal(tf.memory().numTensors, before);
  });
  it("follows the schedule of the learning rate", () => {
    const slow = withChanges({ rl: { warmup_steps: 9999, weight_decay: 0 } });
    const start = freshState(runtime, slow);
    const trained = snapshot(start.trainable as Tree);
    disposeState(start);
    assertNear(updated(slow).trained, trained, 1e-5);
  });
  it("leaves the weights of the model alone", () => {
    assert.ok(numbers(runtime.base.head.weight).every(Number.isFinite));
    runtime.dispose();
  });
});
