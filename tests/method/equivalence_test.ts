import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { disposeState } from "../../lib/method/policy.ts";
import { makeUpdate, type UpdateFacts } from "../../lib/method/update.ts";
import type { Weighted } from "../../lib/method/update_batches.ts";
import { type BackendName, openBackend } from "../../lib/tensor/backend.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { snapshot } from "../showo/fixture_weights.ts";
import { askedTask, contextOf, freshState, runtimeFor, smallSettings, weightedGroup } from "./tiny_run.ts";

const settings = smallSettings({
  generation: { timesteps: 2 },
  dsog: { preview_step: 1 },
  reasoning: { max_new_tokens: 4 },
  rl: { num_generations: 2, microbatch: 2, num_iterations: 2, epsilon: 0.05, learning_rate: 1e-3 },
});
const silent = { info: () => {}, warn: () => {}, progress: () => {} };

const open = async (device: BackendName): Promise<boolean> =>
  E.isRight(await openBackend({ device })({ log: silent })());

interface Course {
  readonly facts: readonly UpdateFacts[];
  readonly changes: readonly number[];
}

/** Three updates on a group that was drawn elsewhere. */
function courseOf(group?: readonly Weighted[]): Course & { readonly group: readonly Weighted[] } {
  const tiny = runtimeFor(settings);
  const runtime = { ...tiny, model: showoModel(tiny.config) };
  let state = freshState(runtime, settings);
  const task = askedTask(runtime);
  const weighted = group ?? weightedGroup(contextOf(runtime, settings, state), task);
  const numbers = () => Object.values(snapshot(state.trainable as Tree)).flat();
  const first = numbers();
  const update = makeUpdate(runtime, settings);
  const facts = [0, 1, 2].map((step) => {
    const next = update(state, [{ task, weighted }], keyFromSeed(step));
    assert.ok(E.isRight(next));
    state = next.right.state;
    return next.right.facts;
  });
  const changes = numbers().map((value, index) => value - (first[index] as number));
  disposeState(state);
  runtime.dispose();
  return { facts, changes, group: weighted };
}

const length = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const near = (found: number, expected: number, what: string): void =>
  assert.ok(
    Math.abs(found - expected) <= 2e-3 * Math.max(1, Math.abs(expected)),
    `${what}: ${found}, ${expected}`,
  );

describe("three updates", () => {
  it("are the same on TensorFlow and on wasm, up to rounding", async () => {
    assert.ok(await open("wasm"));
    const { group, ...wasm } = courseOf();
    assert.ok(wasm.facts.every(({ gradNorm }) => gradNorm > 0));
    if (!await open("tensorflow")) return;
    const native = courseOf(group);
    native.facts.forEach((each, step) => {
      const other = wasm.facts[step] as UpdateFacts;
      near(each.loss, other.loss, `loss ${step}`);
      near(each.gradNorm, other.gradNorm, `gradient ${step}`);
      for (const kind of ["understanding", "generation"] as const) {
        near(each[kind].kl, other[kind].kl, `kl ${step}`);
        near(each[kind].surrogate, other[kind].surrogate, `surrogate ${step}`);
        assert.equal(each[kind].tokens, other[kind].tokens);
      }
    });
    const apart = native.changes.map((value, index) => value - (wasm.changes[index] as number));
    assert.ok(length(apart) < 0.02 * length(wasm.changes), `${length(apart)} of ${length(wasm.changes)}`);
  });
});
