import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { initialLora, type LoraConfig } from "../../lib/showo/lora.ts";
import { causalVisibility, maskTensor } from "../../lib/showo/mask.ts";
import { type Policy, showoModel } from "../../lib/showo/model.ts";
import { forward } from "../../lib/showo/transformer.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, mapTree, namedLeaves } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { cases, config } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const { base } = loadPolicy();
const lora: LoraConfig = { rank: 3, alpha: 6, targets: ["qkv", "dense", "fc1", "fc2"] };
const model = showoModel(config, { lora });
const input = {
  ids: tf.tensor2d(cases.forward.ids.slice(2, 3), undefined, "int32"),
  mask: maskTensor([causalVisibility(29)]),
};
const hidden = (policy: Policy): number[] => tf.tidy(() => numbers(forward(policy, input, model)));
const start = initialLora(keyFromSeed(1), lora, config);
const busy = mapTree(
  start,
  (leaf, index) => tf.tensor(normals(keyFromSeed(index), leaf.size).map((x) => x * 0.05), leaf.shape),
);

describe("low-rank updates", () => {
  it("change nothing at the start", () => {
    assert.deepEqual(hidden({ base, lora: start }), hidden({ base }));
  });

  it("are in the weights where the model samples, and give the same hidden states", () => {
    const apart = hidden({ base, lora: busy });
    assert.ok(hidden({ base }).some((x, index) => Math.abs(x - (apart[index] as number)) > 1e-2));
    const merged = model.sampled({ base, lora: busy }, (policy) => {
      assert.equal(policy.lora, undefined);
      return hidden(policy);
    });
    assertClose(merged, apart, 1e-4);
  });

  it("stay beside the weights of a model that is compiled layer by layer", () => {
    const big = showoModel(config, { lora, compile: "block" });
    assert.equal(big.sampled({ base, lora: busy }, ({ lora }) => lora), busy);
  });

  it("cover the targets and no other layer", () => {
    const some = initialLora(keyFromSeed(2), { ...lora, targets: ["qkv", "fc2"] }, config);
    assert.deepEqual(Object.keys(some.layers[1] ?? {}).sort(), ["fc2", "k", "q", "v"]);
    assert.deepEqual(some.layers[0]?.fc2?.a.shape, [3, 192]);
    assert.deepEqual(start.layers[0]?.fc1?.b.shape, [192, 3]);
    disposeTree(some);
  });

  it("get gradients while the base gets none", () => {
    tf.tidy(() => {
      const loss = (l: typeof busy) => ({
        loss: tf.mean(tf.square(forward({ base, lora: l }, input, model))) as tf.Scalar,
        aux: {},
      });
      const { grads } = valueAndGrad(loss)(busy);
      for (const [path, gradient] of namedLeaves(grads)) {
        assert.ok(numbers(gradient).some((x) => Math.abs(x) > 1e-7), path);
      }
    });
  });

  it("leak nothing when merged, not even where sampling fails", () => {
    const fails = () =>
      model.sampled({ base, lora: busy }, () => {
        throw new Error("no memory");
      });
    assert.equal(leaked(() => model.sampled({ base, lora: busy }, hidden)), 0);
    assert.equal(leaked(() => assert.throws(fails, /no memory/)), 0);
  });
});
