import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { numbered, runTaped } from "../../lib/tensor/tape.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");

/** `a·b` and `a + b`; notes which gradients were computed. */
const both = (a: tf.Tensor, b: tf.Tensor, asked: string[]): tf.Tensor[] =>
  runTaped({
    inputs: { a, b },
    forward: (save) => {
      save([a, b]);
      return [tf.mul(a, b), tf.add(a, b)];
    },
    backward: ([dProduct, dSum], [savedA, savedB], keep) => {
      let shared: tf.Tensor | null = null;
      const sum = (): tf.Tensor => shared ??= keep(tf.clone(dSum as tf.Tensor));
      const gradient = (name: string, other: tf.Tensor) => () => {
        asked.push(name);
        return tf.add(tf.mul(dProduct as tf.Tensor, other), sum());
      };
      return { a: gradient("a", savedB as tf.Tensor), b: gradient("b", savedA as tf.Tensor) };
    },
  });

describe("runTaped()", () => {
  const [a, b] = [tf.scalar(3), tf.scalar(5)];
  const lossOf = (results: readonly tf.Tensor[]) => ({
    loss: tf.addN(results as tf.Tensor[]) as tf.Scalar,
    aux: {},
  });

  it("computes the gradients that are asked for, and no others", () => {
    const asked: string[] = [];
    const of = (x: tf.Tensor) => valueAndGrad((y: tf.Tensor) => lossOf(both(y, b, asked)))(x);
    const { loss, grads } = of(a);
    assert.deepEqual([loss.dataSync()[0], grads.dataSync()[0]], [23, 6]);
    assert.deepEqual(asked, ["a"]);
    disposeTree([loss, grads]);
  });

  it("frees what it keeps, and keeps nothing outside of gradients", () => {
    const before = tf.memory().numTensors;
    disposeTree(both(a, b, []));
    const taken = valueAndGrad(({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => lossOf(both(x, y, [])));
    const result = taken({ x: a, y: b });
    assert.deepEqual([result.grads.x.dataSync()[0], result.grads.y.dataSync()[0]], [6, 4]);
    disposeTree(result);
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("numbered()", () => {
  it("names by place", () => assert.deepEqual(numbered("a", [7, 8]), { a0: 7, a1: 8 }));
});
