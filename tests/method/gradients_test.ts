import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { compileUpdate, type Gradients } from "../../lib/method/gradients.ts";
import { disposeState, policyOf, type Trainable } from "../../lib/method/policy.ts";
import { imageBatches, textBatches } from "../../lib/method/update_batches.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, flatten, mapTree, type Tree } from "../../lib/tensor/tree.ts";
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

// Sums in double precision: differences of losses need it.
await useTestBackend("cpu");

const SMALL: Changes = {
  generation: { timesteps: 2 },
  dsog: { preview_step: 1 },
  reasoning: { max_new_tokens: 4 },
};
const RL = { num_generations: 2, microbatch: 2, beta: 0.1, epsilon: 0.05, num_iterations: 2 };

const sizeOf = (tree: Tree): number => flatten(tree).leaves.reduce((sum, { size }) => sum + size, 0);

/** A tree of normal numbers in the shape of another. */
function direction<T extends Tree>(tree: T, seed: number): T {
  const numbers = normals(keyFromSeed(seed), sizeOf(tree));
  let next = 0;
  return mapTree(tree, (leaf) => {
    const values = Float32Array.from(numbers.slice(next, next += leaf.size));
    return tf.tensor(values, leaf.shape) as typeof leaf;
  });
}

const along = <T extends Tree>(tree: T, step: T, scale: number): T => {
  const { leaves } = flatten(step);
  return mapTree(
    tree,
    (leaf, index) => tf.tidy(() => tf.add(leaf, tf.mul(leaves[index] as tf.Tensor, scale))),
  );
};

const product = (a: Tree, b: Tree): number => {
  const other = flatten(b).leaves;
  return flatten(a).leaves.reduce((sum, leaf, index) => {
    const [x, y] = [[...leaf.dataSync()], (other[index] as tf.Tensor).dataSync()];
    return sum + x.reduce((inner, value, at) => inner + value * (y[at] as number), 0);
  }, 0);
};

/** Everything of one objective: its loss and gradient at any point, as an update computes them. */
function objective(changes: Changes) {
  const settings = smallSettings({ ...SMALL, ...changes, rl: { ...RL, ...changes["rl"] } });
  const runtime = runtimeFor(settings);
  const state = freshState(runtime, settings);
  const task = askedTask(runtime);
  const group = weightedGroup(contextOf(runtime, settings, state), task);
  const compiled = compileUpdate(runtime, settings);
  const moved = (seed: number, scale: number): Trainable => {
    const step = direction(state.trainable as Tree, seed);
    const found = along(state.trainable as Tree, step, scale) as Trainable;
    disposeTree(step);
    return found;
  };
  // The rollout policy and the reference lie beside the current policy: ratios and KL are not trivial.
  const [old, reference] = [moved(11, 0.1), moved(12, 0.1)];
  const frozen = { base: runtime.base, reference: policyOf(runtime.base, reference) };
  const images = imageBatches([{ task, weighted: group }], { runtime, settings, key: keyFromSeed(1) }).map((
    make,
  ) => make());
  const texts = textBatches([{ task, weighted: group }], { runtime, settings }).map((make) => make());
  const oldImage = images.map((batch) => compiled.imageLogps(old, runtime.base, batch));
  const oldText = texts.map((batch) => compiled.textLogps(old, runtime.base, batch));
  const parts = (trainable: Trainable): readonly Gradients[] => [
    ...images.map((batch, at) => compiled.image(trainable, frozen, batch, [oldImage[at] as tf.Tensor])),
    ...texts.map((batch, at) => compiled.text(trainable, frozen, batch, [oldText[at] as tf.Tensor])),
  ];
  const sum = (all: readonly Gradients[], name: string): number =>
    all.reduce((so, { terms }) => so + ((terms[name] as tf.Tensor).dataSync()[0] as number), 0);
  const lossAt = (trainable: Trainable): number => {
    const all = parts(trainable);
    const loss = sum(all, "loss");
    disposeTree(all as unknown as Tree);
    return loss;
  };
  const dispose = () => {
    disposeTree([old, reference, ...images, ...texts, ...oldImage, ...oldText] as Tree);
    disposeState(state);
    runtime.dispose();
  };
  return { trainable: state.trainable, parts, sum, lossAt, dispose };
}

/** The slope of the loss along a direction, by differences. */
function measuredSlope(of: ReturnType<typeof objective>, step: Tree): number {
  const width = 1e-3;
  const at = (scale: number): number => {
    const point = along(of.trainable as Tree, step, scale) as Trainable;
    const loss = of.lossAt(point);
    disposeTree(point as Tree);
    return loss;
  };
  return (at(width) - at(-width)) / (2 * width);
}

const CASES: Readonly<Record<string, Changes>> = {
  "guided, masked tokens": {},
  "conditional, all tokens, per token": {
    rl: { guidance_in_objective: false, image_token_scope: "all", loss_normalization: "tokens" },
  },
  "answers over their candidates, informed steps": {
    reasoning: { ...SMALL["reasoning"], top_k: 3 },
    rl: { answer_logps: "candidates", step_choice: "informed", timesteps_per_update: 1 },
  },
  "LoRA, drawn steps": { rl: { trainable: "lora", timesteps_per_update: 1 } },
};

describe("gradients of the whole objective", () => {
  for (const [name, changes] of Object.entries(CASES)) {
    it(`agree with differences: ${name}`, () => {
      const before = tf.memory().numTensors;
      const whole = objective(changes);
      const all = whole.parts(whole.trainable);
      assert.ok(whole.sum(all, "clippedLow") + whole.sum(all, "clippedHigh") > 0, "clipping acts");
      assert.ok(whole.sum(all, "kl") > 0, "the KL acts");
      // A direction along which no ratio crosses an edge of the clip within the difference: there the loss has a kink.
      const step = direction(whole.trainable as Tree, 23);
      const exact = all.reduce((so, { grads }) => so + product(grads as Tree, step), 0);
      const measured = measuredSlope(whole, step);
      disposeTree([...all, step] as unknown as Tree);
      const scale = Math.max(Math.abs(exact), Math.abs(measured));
      assert.ok(scale > 1e-3, "the direction matters");
      assert.ok(
        Math.abs(exact - measured) < 0.02 * scale,
        `${exact} by gradient, ${measured} by differences`,
      );
      whole.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  }
});
