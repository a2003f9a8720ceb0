import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ahead, compiledSignatures, jit, setCompiler } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");
const affine = () =>
  jit(
    "affine",
    (w: { scale: tf.Tensor; shift: tf.Tensor }, x: tf.Tensor) => ({ y: tf.add(tf.mul(x, w.scale), w.shift) }),
  );

describe("jit()", () => {
  it("runs the body and frees its intermediates without a compiler", () => {
    const w = { scale: tf.scalar(2), shift: tf.scalar(1) };
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const { y } = affine()(w, x);
    assert.deepEqual([...y.dataSync()], [3, 5]);
    assert.equal(tf.memory().numTensors, before + 1);
    disposeTree([w, x, y]);
  });

  it("runs code that is to be compiled ahead where nothing can compile it", () => {
    const x = tf.tensor1d([1, 2]);
    const w = { scale: tf.scalar(2), shift: tf.scalar(1) };
    const plain = ahead(() => affine()(w, x).y);
    setCompiler({ compile: (_, body) => body });
    const compiledLater = ahead(() => affine()(w, x).y);
    setCompiler(null);
    assert.deepEqual([...plain.dataSync(), ...compiledLater.dataSync()], [3, 5, 3, 5]);
    disposeTree([x, w, plain, compiledLater]);
  });

  it("compiles once per signature and returns the tree", () => {
    const names: string[] = [];
    setCompiler({ compile: (name, body) => (names.push(name), body) });
    const f = affine();
    const w = { scale: tf.scalar(2), shift: tf.scalar(1) };
    const inputs = [tf.tensor1d([1]), tf.tensor1d([2]), tf.tensor1d([1, 2])];
    const already = compiledSignatures().length;
    // The first call records the output structure while it compiles, as a tracing compiler runs the body once.
    const outputs = inputs.map((x) => f(w, x).y.dataSync()[0]);
    setCompiler(null);
    assert.deepEqual(outputs, [3, 5, 3]);
    assert.deepEqual(names, ["affine", "affine"]);
    assert.equal(compiledSignatures().length, already + 2);
  });

  it("lists no function that ran inside another one only", () => {
    let inside = false;
    setCompiler({ compile: (_, body) => body, inlines: () => inside });
    const inner = jit("inner", (x: tf.Tensor) => tf.square(x));
    const outer = jit("outer", (x: tf.Tensor) => {
      inside = true;
      const y = inner(x);
      inside = false;
      return tf.add(y, 1);
    });
    const x = tf.scalar(3);
    const before = compiledSignatures().length;
    const names = () => compiledSignatures().slice(before).map(({ name }) => name);
    const first = [outer(x), outer(x)];
    assert.deepEqual(names(), ["outer"]);
    const alone = inner(x);
    assert.deepEqual(names(), ["outer", "inner"]);
    setCompiler(null);
    assert.deepEqual([...first, alone].map((y) => y.dataSync()[0]), [10, 10, 9]);
    disposeTree([x, first, alone]);
  });
});
