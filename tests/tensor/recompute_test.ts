import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { compiledSignatures } from "../../lib/tensor/jit.ts";
import { recomputed } from "../../lib/tensor/recompute.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";

const backend = await useTestBackend();

type Weights = { readonly a: tf.Tensor; readonly b: tf.Tensor };
type Inputs = { readonly x: tf.Tensor; readonly y: tf.Tensor };

/** Two results; the second is not always used. */
const part = ({ a, b }: Weights, { x, y }: Inputs, mask: tf.Tensor) => ({
  sum: tf.tanh(tf.add(tf.mul(tf.mul(x, a), mask), y)),
  product: tf.mul(tf.square(x), b),
});
const wrapped = recomputed("test part", part);

const weights = { a: tf.tensor1d([1, -2, 0.5]), b: tf.tensor1d([3, 1, -1]) };
const inputs = { x: tf.tensor1d([0.1, 0.2, -0.3]), y: tf.tensor1d([1, 0, -1]) };
const mask = tf.tensor1d([1, 0, 1]);

/** Three layers of the part, and a loss over all of them. */
const loss =
  (layer: typeof part, both: boolean) => ({ w, i }: { readonly w: Weights; readonly i: Inputs }) => {
    let { x } = i;
    const products: tf.Tensor[] = [];
    for (let depth = 0; depth < 3; depth++) {
      const { sum, product } = layer(w, { x, y: i.y }, mask);
      x = sum;
      if (both) products.push(product);
    }
    return { loss: tf.sum(tf.addN([x, ...products])) as tf.Scalar, aux: [] };
  };

const numbers = (tensors: readonly tf.Tensor[]): number[] =>
  tensors.flatMap((tensor) => [...tensor.dataSync()]);

describe("recomputed()", () => {
  it("gives the results of the part outside of gradients", () => {
    const found = wrapped(weights, inputs, mask);
    const expected = tf.tidy(() => part(weights, inputs, mask));
    assertClose(numbers([found.sum, found.product]), numbers([expected.sum, expected.product]), 1e-6);
    disposeTree([found, expected]);
  });

  for (const both of [true, false]) {
    it(`has the gradients of the part, ${both ? "both results used" : "one result unused"}`, () => {
      const take = (layer: typeof part) => valueAndGrad(loss(layer, both))({ w: weights, i: inputs });
      const [found, expected] = [take(wrapped), take(part)];
      const listed = ({ loss, grads: { w, i } }: ReturnType<typeof take>) =>
        numbers([loss, w.a, w.b, i.x, i.y]);
      assertClose(listed(found), listed(expected), 1e-5);
      disposeTree([found, expected]);
    });
  }

  it("computes gradients of the weights only where something asks for them", () => {
    const alone = recomputed("inputs alone", part);
    const byInputs = (i: Inputs) => loss(alone, true)({ w: weights, i });
    const { grads, ...rest } = valueAndGrad(byInputs)(inputs);
    const expected = valueAndGrad((i: Inputs) => loss(part, true)({ w: weights, i }))(inputs);
    assertClose(numbers([grads.x, grads.y]), numbers([expected.grads.x, expected.grads.y]), 1e-5);
    const names = compiledSignatures().map(({ name }) => name).filter((name) =>
      name.startsWith("inputs alone")
    );
    const wanted = backend === "tensorflow" ? ["inputs alone", "inputs alone, gradient"] : [];
    assert.deepEqual([...new Set(names)], wanted);
    disposeTree([grads, rest, expected]);
  });

  it("leaks nothing", () => {
    const run = () => disposeTree(valueAndGrad(loss(wrapped, true))({ w: weights, i: inputs }));
    run();
    const before = tf.memory().numTensors;
    run();
    assert.equal(tf.memory().numTensors, before);
  });
});
