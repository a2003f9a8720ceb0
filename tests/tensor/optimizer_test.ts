import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { adamw, applyUpdates, chain, clipByGlobalNorm, globalNorm } from "../../lib/tensor/optimizer.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");

describe("adamw()", () => {
  it("equals three steps of torch.optim.AdamW", () => {
    // torch 2.13: AdamW([1, -2], lr=0.1, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.1), gradients [0.5, -1], [0.1, 2], [-0.3, 0]
    const expected = [[0.89000022, -1.88000011], [0.80043799, -1.89770544], [0.77126992, -1.90708411]];
    const optimizer = adamw({ betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.1 });
    let parameters = { w: tf.tensor1d([1, -2]) };
    let state = optimizer.init(parameters);
    for (const [index, gradient] of [[0.5, -1], [0.1, 2], [-0.3, 0]].entries()) {
      const context = { parameters, learningRate: tf.scalar(0.1) };
      const next = optimizer.update({ w: tf.tensor1d(gradient) }, state, context);
      parameters = applyUpdates(parameters, next.updates);
      state = next.state;
      for (const [i, x] of [...parameters.w.dataSync()].entries()) {
        assert.ok(Math.abs(x - expected[index]![i]!) < 1e-6);
      }
    }
  });

  it("decays only the chosen parameters", () => {
    const optimizer = adamw({ weightDecay: 1, decays: (path) => path === "a" });
    const parameters = { a: tf.scalar(1), b: tf.scalar(1) };
    const zero = { a: tf.scalar(0), b: tf.scalar(0) };
    const { updates } = optimizer.update(zero, optimizer.init(parameters), {
      parameters,
      learningRate: tf.scalar(0.5),
    });
    assert.deepEqual([updates.a.dataSync()[0], updates.b.dataSync()[0]], [-0.5, -0]);
  });
});

describe("clipByGlobalNorm()", () => {
  it("limits the norm over all tensors and leaves small gradients alone", () => {
    const clip = clipByGlobalNorm(1);
    const context = { parameters: {}, learningRate: tf.scalar(1) } as never;
    const big = clip.update({ a: tf.tensor1d([3]), b: tf.tensor1d([4]) }, [], context).updates;
    assert.ok(Math.abs((globalNorm(big).dataSync()[0] as number) - 1) < 1e-5);
    const small = clip.update({ a: tf.tensor1d([0.25]) }, [], context).updates;
    assert.equal(small.a.dataSync()[0], 0.25);
  });
});

describe("chain()", () => {
  it("feeds one into the other and leaks nothing inside jit", () => {
    const optimizer = chain(clipByGlobalNorm(1), adamw());
    type P = { w: tf.Tensor };
    const step = jit("step", (p: P, s: ReturnType<typeof optimizer.init>, g: P, learningRate: tf.Tensor) => {
      const { updates, state } = optimizer.update(g, s, {
        parameters: p,
        learningRate: learningRate as tf.Scalar,
      });
      return { parameters: applyUpdates(p, updates), state };
    });
    const run = (): void => {
      const p = { w: tf.tensor1d([1, 2]) };
      const [s, g, lr] = [optimizer.init(p), { w: tf.tensor1d([30, 40]) }, tf.scalar(0.1)];
      const out = step(p, s, g, lr);
      assert.ok(Math.abs((out.state[1].first as P).w.dataSync()[0]! - 0.06) < 1e-6);
      disposeTree([p, s, g, lr, out.parameters, out.state]);
    };
    run();
    const before = tf.memory().numTensors;
    run();
    assert.equal(tf.memory().numTensors, before);
  });
});
