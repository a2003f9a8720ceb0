import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ahead, compiledSignatures, jit, setCompiler } from "../../../lib/tensor/jit.ts";
import { type CompilerOptions, makeCompiler } from "../../../lib/tensor/tensorflow/compiler.ts";
import { activeNative } from "../../../lib/tensor/tensorflow/native.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { useTestBackend } from "../../support/backend.ts";

const isNative = await useTestBackend() === "tensorflow";
const warnings: string[] = [];
const useCompiler = (options: Partial<CompilerOptions> = {}) => {
  const native = activeNative();
  assert.ok(native);
  warnings.length = 0;
  const warn = (line: string) => warnings.push(line);
  setCompiler(makeCompiler(native.backend, native.binding, { xla: true, warn, ...options }));
};
const close = (found: tf.Tensor, expected: readonly number[], tolerance = 1e-5) =>
  found.dataSync().forEach((value, index) => {
    assert.ok(Math.abs(value - (expected[index] as number)) <= tolerance, `${value} at ${index}`);
  });

describe("makeCompiler()", { skip: !isNative }, () => {
  for (const xla of [true, false]) {
    it(`returns what the function returns, the first time and later, ${xla ? "XLA" : "graph"}`, () => {
      useCompiler({ xla });
      let runs = 0;
      const f = jit("first", (x: tf.Tensor) => {
        runs++;
        return { y: tf.add(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), 1), parts: tf.split(x, 2, 1) };
      });
      for (const scale of [1, 2, 3]) {
        const x = tf.tensor2d([scale, 0, 0, scale], [2, 2]);
        const outputs = f(x);
        close(outputs.y, [scale * scale + 1, 1, 1, scale * scale + 1]);
        close(outputs.parts[1] as tf.Tensor, [0, scale]);
        disposeTree([x, outputs]);
      }
      assert.equal(runs, 1);
    });
  }

  it("compiles ahead: traces once, returns the results, and frees what the other thread computes", async () => {
    useCompiler();
    const native = activeNative();
    assert.ok(native);
    let runs = 0;
    const f = jit("ahead", (x: tf.Tensor) => (runs++, { y: tf.square(x), x }));
    const g = jit("after", (y: tf.Tensor) => tf.add(y, 1));
    const x = tf.tensor1d([2, 3]);
    tf.square(x).dispose(); // values reach TensorFlow with their first op
    const before = { tensors: tf.memory().numTensors, handles: native.binding.getNumOfTensors() };
    const listed = compiledSignatures().length;
    ahead(() => {
      const first = f(x);
      const second = g(first.y);
      close(first.x, [2, 3]);
      close(second, [5, 10]);
      disposeTree([first, second]);
    });
    assert.deepEqual(
      { tensors: tf.memory().numTensors, handles: native.binding.getNumOfTensors() },
      before,
    );
    assert.equal(compiledSignatures().length, listed);
    for (const scale of [1, 2]) {
      const z = tf.tensor1d([scale, scale]);
      const { y, x: same } = f(z);
      close(y, [scale * scale, scale * scale]);
      close(same, [scale, scale]);
      disposeTree([z, y, same]);
    }
    assert.equal(runs, 1);
    assert.deepEqual(compiledSignatures().slice(listed).map(({ name }) => name), ["ahead"]);
    disposeTree(x);
    await new Promise((resolve) => setTimeout(resolve));
  });

  it("runs what is compiled already, and everything after, as ever", () => {
    useCompiler();
    const f = jit("known", (x: tf.Tensor) => tf.square(x));
    const x = tf.tensor1d([3]);
    const results = [f(x), ahead(() => f(x)), f(x)];
    results.forEach((y) => close(y, [9]));
    assert.throws(() =>
      ahead(() => {
        throw new Error("no task");
      }), /no task/);
    const other = jit("later", (y: tf.Tensor) => tf.neg(y));
    const listed = compiledSignatures().length;
    const y = other(x);
    assert.equal(compiledSignatures().length, listed + 1);
    disposeTree([x, y, ...results]);
  });

  it("compiles again for other shapes", () => {
    useCompiler();
    const f = jit("shapes", (x: tf.Tensor) => tf.sum(tf.mul(x, 2)));
    for (const length of [1, 3, 1]) {
      const x = tf.ones([length]);
      const y = f(x);
      close(y, [2 * length]);
      disposeTree([x, y]);
    }
  });

  it("returns an input that the function returns, as a tensor of its own", () => {
    useCompiler();
    const f = jit("identity", (x: tf.Tensor, n: tf.Tensor) => [x, n, x]);
    const x = tf.tensor1d([1, 2]);
    const n = tf.tensor1d([7], "int32");
    const outputs = f(x, n);
    disposeTree(x);
    close(outputs[0] as tf.Tensor, [1, 2]);
    assert.deepEqual([...(outputs[1] as tf.Tensor).dataSync()], [7]);
    close(outputs[2] as tf.Tensor, [1, 2]);
    disposeTree([n, outputs]);
  });

  it("keeps arguments apart that were one tensor when it was traced", () => {
    useCompiler();
    const f = jit("apart", (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.sub(tf.mul(a, b), c));
    const x = tf.tensor1d([3]);
    const alias = tf.clone(x);
    const first = f(x, x, alias);
    const two = tf.tensor1d([2]);
    const ten = tf.tensor1d([10]);
    const second = f(x, two, ten);
    close(first, [6]);
    close(second, [-4]);
    disposeTree([x, alias, two, ten, first, second]);
  });

  it("takes gradients inside", () => {
    useCompiler();
    const f = jit("gradient", (w: tf.Tensor, x: tf.Tensor) => {
      const loss = (weights: tf.Tensor) => tf.mean(tf.square(tf.mul(weights, x))) as tf.Scalar;
      const { value, grad } = tf.valueAndGrad(loss)(w);
      return { value, grad };
    });
    const w = tf.tensor1d([1, 2]);
    const x = tf.tensor1d([3, 4]);
    for (let call = 0; call < 2; call++) {
      const outputs = f(w, x);
      close(outputs.value, [36.5]);
      close(outputs.grad, [9, 32]);
      disposeTree(outputs);
    }
    disposeTree([w, x]);
  });

  it("runs compiled functions inside others and under a gradient as part of them", () => {
    useCompiler();
    const inner = jit("inner", (x: tf.Tensor) => tf.square(x));
    const outer = jit("outer", (x: tf.Tensor) => tf.grad((v: tf.Tensor) => tf.sum(tf.mul(inner(v), v)))(x));
    const x = tf.tensor1d([1, 2]);
    const compiled = outer(x);
    const replayed = outer(x);
    const eager = tf.grad((v: tf.Tensor) => tf.sum(inner(v)))(x);
    const alone = inner(x);
    close(compiled, [3, 12]);
    close(replayed, [3, 12]);
    close(eager, [2, 4]);
    close(alone, [1, 4]);
    disposeTree([x, compiled, replayed, eager, alone]);
  });

  it("uses constants of the body and warns of large ones from outside", () => {
    useCompiler();
    const weight = tf.zeros([200, 200]);
    const ramp = (): tf.Tensor => tf.reshape(tf.range(0, 40_000), [200, 200]);
    const f = jit("captured", (x: tf.Tensor) => {
      const large = tf.add(tf.mul(x, weight), tf.ones([200, 200]));
      return tf.add(tf.mul(large, ramp()), tf.tensor1d([5]));
    });
    const x = tf.ones([200, 200]);
    const y = f(x);
    const again = f(x);
    assert.equal(y.dataSync()[0], 5);
    assert.equal(again.dataSync()[39_999], 40_004);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /captured.*\[200, 200\].*pass it in/);
    disposeTree([weight, x, y, again]);
  });

  it("refuses to read values inside", () => {
    useCompiler();
    const f = jit("reads", (x: tf.Tensor) => tf.mul(x, tf.add(x, 1).dataSync()[0] as number));
    const x = tf.tensor1d([1]);
    const before = tf.memory().numTensors;
    assert.throws(() => f(x), /jit reads: a tensor's values were read/);
    assert.equal(tf.memory().numTensors, before);
    const y = jit("after", (v: tf.Tensor) => tf.mul(v, 2))(x);
    close(y, [2]);
    disposeTree([x, y]);
  });

  it("runs as a graph what XLA can't compile, and says so once", () => {
    useCompiler();
    const dilate = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, 1, "valid");
    const f = jit("dilate", dilate);
    const x = tf.tensor4d([1, 2, 5, 4], [1, 2, 2, 1]);
    const filter = tf.zeros([2, 2, 1]);
    const y = f(x, filter);
    const again = f(x, filter);
    close(y, [5]);
    close(again, [5]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /dilate.*graph/);
    disposeTree([x, filter, y, again]);
  });

  it("compiles gather, and frees what a body keeps", () => {
    useCompiler();
    const before = tf.memory().numTensors;
    const f = jit(
      "rows",
      (table: tf.Tensor, ids: tf.Tensor) => tf.keep(tf.gather(table, ids as tf.Tensor1D, 1)),
    );
    const table = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const ids = tf.tensor1d([2, 0], "int32");
    const rows = f(table, ids);
    close(rows, [3, 1, 6, 4]);
    disposeTree([table, ids, rows]);
    assert.equal(tf.memory().numTensors, before);
  });

  it("leaks nothing over many steps", () => {
    useCompiler();
    const native = activeNative();
    assert.ok(native);
    const step = jit("step", (w: tf.Tensor, x: tf.Tensor) => {
      const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => tf.sum(tf.square(tf.mul(v, x))) as tf.Scalar)(
        w,
      );
      return { value, w: tf.sub(w, tf.mul(grad, 0.01)) };
    });
    const x = tf.tensor1d([1, 2]);
    let w: tf.Tensor = tf.tensor1d([1, 1]);
    const advance = () => {
      const next = step(w, x);
      disposeTree([w, next.value]);
      w = next.w;
    };
    advance();
    const tensors = tf.memory().numTensors;
    const handles = native.binding.getNumOfTensors();
    for (let index = 0; index < 300; index++) advance();
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(native.binding.getNumOfTensors(), handles);
    disposeTree([w, x]);
  });
});
