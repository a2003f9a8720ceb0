import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  LOSS_WEIGHTS,
  nextTokenLoss,
  type Task,
  type TaskBatch,
  type TrainingBatch,
  trainingLoss,
} from "../../lib/showo/losses.ts";
import { additive } from "../../lib/showo/mask.ts";
import { type Policy, showoModel } from "../../lib/showo/model.ts";
import { pathOf } from "../../lib/showo/weights.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { globalNorm } from "../../lib/tensor/optimizer.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { maxDifference } from "../support/fixture.ts";
import { arrays, cases, config } from "./fixture_model.ts";
import { loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config);
const policy = loadPolicy();
const { forward: item } = cases;
const visible = arrays.get("forward.visible")?.data as Uint8Array;

function rows(from: number, to: number): TaskBatch {
  return {
    ids: tf.tensor2d(item.ids.slice(from, to), undefined, "int32"),
    labels: tf.tensor2d(item.labels.slice(from, to), undefined, "int32"),
    mask: tf.tensor4d(additive(visible.subarray(from * 841, to * 841)), [to - from, 1, 29, 29]),
  };
}
const batch = { t2i: rows(0, 2), lm: rows(2, 3), mmu: rows(3, 5) };
const only = (task: Task) => ({ t2i: 0, lm: 0, mmu: 0, [task]: 1 });

describe("trainingLoss()", () => {
  it("equals the reference in each loss and both totals", () => {
    for (const [weights, total] of [["showo", "base_total"], ["unictokens", "unictokens_total"]] as const) {
      const found = tf.tidy(() => {
        const { loss, aux } = trainingLoss(policy, batch, { model, weights: LOSS_WEIGHTS[weights] });
        return { loss: loss as tf.Tensor, ...aux };
      });
      for (const task of ["t2i", "lm", "mmu"] as const) {
        const difference = numbers(found[task] as tf.Tensor)[0] as number - item.losses[task];
        assert.ok(Math.abs(difference) < 1e-4, `${task} differs by ${difference}`);
      }
      assert.ok(Math.abs(numbers(found.loss)[0] as number - item.losses[total]) < 1e-4);
      disposeTree(found);
    }
  });

  for (const task of ["t2i", "lm", "mmu"] as const) {
    it(`equals the reference in the gradients of ${task}`, () => {
      const grads = tf.tidy(() => {
        const total = (p: Policy) => trainingLoss(p, { [task]: batch[task] }, { model, weights: only(task) });
        return valueAndGrad(total)(policy).grads as unknown as tf.TensorContainerObject;
      }) as unknown as Policy;
      const byPath = new Map(namedLeaves(grads.base));
      for (const [name, array] of Object.entries(item.gradients[task])) {
        const expected = arrays.get(array)?.data as Float32Array;
        const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        const found = numbers(byPath.get(pathOf(name) as string) as tf.Tensor);
        const difference = maxDifference(found, expected);
        assert.ok(difference <= Math.max(1e-4, 1e-5 * largest), `${name} differs by ${difference}`);
      }
      disposeTree(grads);
    });
  }

  it("equals the reference in the norm over all gradients, compiled", () => {
    const run = jit("test norm", (p: Policy, b: TrainingBatch) => {
      const total = (q: Policy) => trainingLoss(q, b, { model, weights: LOSS_WEIGHTS.unictokens });
      return globalNorm(valueAndGrad(total)(p).grads) as tf.Tensor;
    });
    const norm = run(policy, { t2i: batch.t2i, mmu: batch.mmu });
    const expected = item.grad_norm_unictokens_total_all_params;
    assert.ok(Math.abs(numbers(norm)[0] as number / expected - 1) < 1e-5);
    norm.dispose();
  });

  it("counts the targets of the reference", () => {
    const counted = (labels: number[][], from: number) =>
      labels.flatMap((row) => row.slice(from)).filter((label) => label >= 0).length;
    assert.equal(counted(item.labels.slice(0, 2), 11), item.loss_terms.t2i);
    assert.equal(counted(item.labels.slice(2, 3), 1), item.loss_terms.lm);
    assert.equal(counted(item.labels.slice(3), 1), item.loss_terms.mmu);
  });
});

describe("nextTokenLoss()", () => {
  it("is the same when positions that predict nothing are left out", () => {
    const found = tf.tidy(() =>
      numbers(nextTokenLoss(policy, batch.mmu, { model, from: config.numVqTokens + 2 }))
    );
    assert.ok(Math.abs((found[0] as number) - item.losses.mmu) < 1e-4);
  });
});
