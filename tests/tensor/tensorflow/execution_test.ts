import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Attribute } from "../../../lib/tensor/tensorflow/attributes.ts";
import { ATTRIBUTE_TYPES, DTYPES } from "../../../lib/tensor/tensorflow/dtype.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree } from "../../../lib/tensor/tree.ts";
import { nativeForTest } from "../../support/tensorflow.ts";

const native = await nativeForTest();
const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE, TF_ATTR_FLOAT } =
  ATTRIBUTE_TYPES;
const T: Attribute = { name: "T", type: TF_ATTR_TYPE, value: DTYPES.TF_FLOAT };

describe("executeOp()", { skip: native === null }, () => {
  const run = (name: string, attributes: Attribute[], inputs: tf.Tensor[], outputs = 1) => {
    assert.ok(native);
    return native.backend.executeMultipleOutputs(name, attributes, inputs, outputs);
  };
  const leaksNothing = (body: () => void) => {
    assert.ok(native);
    const [tensors, handles] = [tf.memory().numTensors, native.binding.getNumOfTensors()];
    body();
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(native.binding.getNumOfTensors(), handles);
  };

  it("passes every kind of attribute", () =>
    leaksNothing(() => {
      const image = tf.ones([1, 4, 4, 1]);
      const kernel = tf.ones([2, 2, 1, 1]);
      const lists = [
        T,
        { name: "strides", type: TF_ATTR_INT, value: [1, 2, 2, 1] },
        { name: "padding", type: TF_ATTR_STRING, value: "VALID" },
        { name: "use_cudnn_on_gpu", type: TF_ATTR_BOOL, value: true },
      ];
      const [y] = run("Conv2D", lists, [image, kernel]);
      assert.deepEqual(y?.shape, [1, 2, 2, 1]);
      const negative = tf.neg(image);
      const [leaky] = run("LeakyRelu", [T, { name: "alpha", type: TF_ATTR_FLOAT, value: 0.5 }], [negative]);
      assert.equal(leaky?.dataSync()[0], -0.5);
      const shaped = [T, { name: "shape", type: TF_ATTR_SHAPE, value: [1, 4, 4, 1] }];
      const [same] = run("EnsureShape", shaped, [image]);
      assert.deepEqual(same?.shape, [1, 4, 4, 1]);
      assert.throws(() => run("Relu", [{ name: "T", type: 77, value: 1 }], [image]), /attribute T: type 77/);
      disposeTree([image, kernel, negative, y, leaky, same] as tf.Tensor[]);
    }));

  it("returns several outputs", () => {
    const x = tf.tensor1d([3, 1, 2]);
    const k = tf.scalar(2, "int32");
    const outputs = run("TopKV2", [T, { name: "sorted", type: TF_ATTR_BOOL, value: true }], [x, k], 2);
    assert.deepEqual(outputs.map((output) => [...output.dataSync()]), [[3, 2], [0, 2]]);
    disposeTree([x, k, outputs]);
  });

  it("throws TensorFlow's message for unknown ops and wrong shapes, and frees the op", () =>
    leaksNothing(() => {
      const a = tf.ones([2, 3]);
      assert.throws(() => run("NoSuchOp", [], [a]), /NoSuchOp/);
      assert.throws(() => run("MatMul", [T], [a, a]), /[Mm]atrix|size/);
      a.dispose();
    }));

  it("agrees with the JavaScript backend on a small network's gradient", async () => {
    const compute = () => {
      const x = tf.reshape(tf.div(tf.range(0, 32), 10), [1, 4, 4, 2]) as tf.Tensor4D;
      const kernel = tf.reshape(tf.cos(tf.range(0, 54)), [3, 3, 2, 3]) as tf.Tensor4D;
      const loss = (w: tf.Tensor) => tf.mean(tf.square(tf.tanh(tf.conv2d(x, w as tf.Tensor4D, 1, "same"))));
      return [...tf.tidy(() => tf.grad(loss)(kernel)).dataSync()];
    };
    const found = compute();
    await tf.setBackend("cpu");
    const expected = compute();
    await tf.setBackend("tensorflow");
    found.forEach((value, index) => assert.ok(Math.abs(value - (expected[index] as number)) < 1e-5));
  });

  it("gathers, and refuses an index outside the table", () => {
    const table = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const ids = tf.tensor1d([1, 0, 1], "int32");
    const outside = tf.tensor1d([2], "int32");
    const rows = tf.gather(table, ids);
    assert.deepEqual([...rows.dataSync()], [3, 4, 1, 2, 3, 4]);
    assert.throws(() => tf.gather(table, outside), /not in \[0, 2\)/);
    disposeTree([table, ids, outside, rows]);
  });
});
