import { describe, it } from "@std/testing/bdd";
import {
  activate,
  attend,
  attention,
  causalMask,
  feedForward,
  keyMask,
  postNormAttention,
  postNormMlp,
  preNormBlock,
} from "../../../lib/experts/shared/blocks.ts";
import { layerNorm, linear } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";

await useTestBackend();

const random = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, "float32", seed);
const affine = (out: number, width: number, seed: number) => ({
  weight: random([out, width], seed),
  bias: random([out], seed + 100),
});
const norm = (width: number, seed: number) => ({
  weight: random([width], seed),
  bias: random([width], seed + 100),
});
const projections = () => ({
  query: affine(6, 6, 1),
  key: affine(6, 6, 2),
  value: affine(6, 6, 3),
  output: affine(6, 6, 4),
});

/** One example, one head at a time, with loops. */
function loopAttention(query: number[][], key: number[][], value: number[][], heads: number): number[] {
  const width = (query[0]?.length ?? 0) / heads;
  return query.flatMap((q) =>
    Array.from({ length: heads }, (_, head) => {
      const part = (row: number[]) => row.slice(head * width, (head + 1) * width);
      const scores = key.map((k) =>
        part(k).reduce((sum, x, i) => sum + x * (part(q)[i] ?? 0), 0) / Math.sqrt(width)
      );
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return part(q).map((_, i) =>
        value.reduce((sum, v, row) => sum + Math.exp(scores[row] ?? 0) / total * (part(v)[i] ?? 0), 0)
      );
    }).flat()
  );
}

describe("activate()", () => {
  it("equals the reference values", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-2, -0.5, 0.5, 2]);
      const values = (name: Parameters<typeof activate>[1]) => activate(x, name).dataSync();
      assertClose(values("gelu"), [-0.045500, -0.154269, 0.345731, 1.954500], 2e-6);
      assertClose(values("gelu_new"), [-0.045402, -0.154286, 0.345714, 1.954598], 2e-6);
      assertClose(values("quick_gelu"), [-0.064341, -0.149611, 0.350388, 1.935659], 2e-6);
      assertClose(values("relu"), [0, 0, 0.5, 2], 0);
      assertClose(values("silu"), [-0.238406, -0.188770, 0.311230, 1.761594], 2e-6);
      assertClose(values("swiglu"), [-0.238406 * 0.5, -0.188770 * 2], 2e-6);
    });
  });
});

describe("attend()", () => {
  it("equals a loop over rows and heads", () => {
    tf.tidy(() => {
      const [query, key, value] = [random([2, 3, 6], 1), random([2, 4, 6], 2), random([2, 4, 6], 3)];
      const found = attend({ query, key, value }, { heads: 2 }).dataSync();
      const [q, k, v] = [query, key, value].map((x) => x.arraySync() as number[][][]) as [
        number[][][],
        number[][][],
        number[][][],
      ];
      const rows = q.flatMap((one, index) => loopAttention(one, k[index] ?? [], v[index] ?? [], 2));
      assertClose(found, rows, 1e-5);
    });
  });
  it("does not look at keys that the mask hides", () => {
    tf.tidy(() => {
      const [query, key, value] = [random([1, 3, 6], 1), random([1, 4, 6], 2), random([1, 4, 6], 3)];
      const masked = attend({ query, key, value }, { heads: 3, mask: keyMask(tf.tensor2d([[1, 1, 0, 0]])) });
      const seen = (x: tf.Tensor) => tf.slice(x, [0, 0, 0], [-1, 2, -1]);
      const short = attend({ query, key: seen(key), value: seen(value) }, { heads: 3 });
      assertClose(masked.dataSync(), short.dataSync(), 1e-6);
    });
  });
});

describe("attention()", () => {
  it("is the same with one fused projection", () => {
    tf.tidy(() => {
      const x = random([2, 3, 6], 9);
      const { query, key, value, output } = projections();
      const fused = {
        weight: tf.concat([query.weight, key.weight, value.weight], 0),
        bias: tf.concat([query.bias, key.bias, value.bias], 0),
      };
      const separate = attention(x, { query, key, value, output }, { heads: 2 });
      assertClose(attention(x, { fused, output }, { heads: 2 }).dataSync(), separate.dataSync(), 1e-5);
    });
  });
  it("takes keys and values from the context", () => {
    tf.tidy(() => {
      const [x, context] = [random([1, 2, 6], 9), random([1, 5, 6], 10)];
      const weights = projections();
      const found = attention(x, weights, { heads: 2, context });
      const parts = {
        query: linear(x, weights.query),
        key: linear(context, weights.key),
        value: linear(context, weights.value),
      };
      const expected = linear(attend(parts, { heads: 2 }), weights.output);
      assertClose(found.dataSync(), expected.dataSync(), 1e-6);
    });
  });
});

describe("causalMask()", () => {
  it("hides what comes later", () => {
    tf.tidy(() => {
      assert.deepEqual([...causalMask(3).dataSync()].map((x) => x < 0 ? 1 : 0), [0, 1, 1, 0, 0, 1, 0, 0, 0]);
    });
  });
});

describe("the blocks", () => {
  const options = { heads: 2, epsilon: 1e-5, activation: "gelu" } as const;
  const mlp = () => ({ inner: affine(8, 6, 5), outer: affine(6, 8, 6) });
  it("preNormBlock() normalises before each half and scales what it adds", () => {
    tf.tidy(() => {
      const x = random([1, 3, 6], 9);
      const block = { norm1: norm(6, 7), attention: projections(), norm2: norm(6, 8), mlp: mlp() };
      const [scale1, scale2] = [random([6], 11), random([6], 12)];
      const middle = tf.add(
        x,
        tf.mul(attention(layerNorm(x, block.norm1, 1e-5), block.attention, options), scale1),
      );
      const added = feedForward(layerNorm(middle, block.norm2, 1e-5), block.mlp, "gelu");
      const found = preNormBlock(x, { ...block, scale1, scale2 }, options);
      assertClose(found.dataSync(), tf.add(middle, tf.mul(added, scale2)).dataSync(), 1e-5);
      const plain = preNormBlock(x, { ...block, scale1: tf.ones([6]), scale2: tf.ones([6]) }, options);
      assertClose(preNormBlock(x, block, options).dataSync(), plain.dataSync(), 1e-6);
    });
  });
  it("postNormAttention() and postNormMlp() normalise the sum", () => {
    tf.tidy(() => {
      const x = random([1, 3, 6], 9);
      const weights = { attention: projections(), norm: norm(6, 7) };
      const attended = layerNorm(tf.add(x, attention(x, weights.attention, options)), weights.norm, 1e-5);
      assertClose(postNormAttention(x, weights, options).dataSync(), attended.dataSync(), 1e-6);
      const part = { mlp: mlp(), norm: norm(6, 8) };
      const changed = layerNorm(tf.add(x, feedForward(x, part.mlp, "gelu")), part.norm, 1e-5);
      assertClose(postNormMlp(x, part, options).dataSync(), changed.dataSync(), 1e-6);
    });
  });
});
