import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { type BlockContext, makeBlock, rotaryTables } from "../../lib/showo/attention.ts";
import type { ShowoConfig } from "../../lib/showo/config.ts";
import { type LayerWeights, showoParameters } from "../../lib/showo/weights.ts";
import type { Affine } from "../../lib/tensor/ops.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { mapTree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { config as fixture } from "./fixture_model.ts";
import { leaked, numbers } from "./fixture_weights.ts";

await useTestBackend();

const config: ShowoConfig = { ...fixture, width: 12, heads: 2, mlpWidth: 7, rotaryDims: 4, layers: 1 };
const block = makeBlock(config, 1);
const noise = (seed: number, shape: number[]): tf.Tensor =>
  tf.tensor(normals(keyFromSeed(seed), shape.reduce((a, b) => a * b, 1)).map((x) => x * 0.5), shape);
let seed = 0;
const shapes = showoParameters(config);
const affine = (part: string): Affine => ({
  weight: noise(++seed, [...shapes.get(`layers.0.${part}.weight`)?.shape ?? []]),
  bias: noise(++seed, [...shapes.get(`layers.0.${part}.bias`)?.shape ?? []]),
});
const weights: LayerWeights = {
  norm: affine("norm"),
  q: affine("q"),
  k: affine("k"),
  v: affine("v"),
  dense: affine("dense"),
  qNorm: affine("qNorm"),
  kNorm: affine("kNorm"),
  fc1: affine("fc1"),
  fc2: affine("fc2"),
};

const times = (x: number[], layer: Affine): number[] => {
  const [rows, columns] = layer.weight.shape as [number, number];
  const [w, b] = [numbers(layer.weight), numbers(layer.bias as tf.Tensor)];
  return Array.from(
    { length: rows },
    (_, o) => x.reduce((sum, value, i) => sum + value * (w[o * columns + i] as number), b[o] as number),
  );
};
const normed = (x: number[], layer: Affine): number[] => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  const [w, b] = [numbers(layer.weight), numbers(layer.bias as tf.Tensor)];
  return x.map((value, i) =>
    (value - mean) / Math.sqrt(variance + 1e-5) * (w[i] as number) + (b[i] as number)
  );
};
const turned = (x: number[], position: number): number[] =>
  x.map((value, j) => {
    if (j >= 4) return value;
    const angle = position * 10000 ** (-(j % 2) / 2);
    const other = x[(j + 2) % 4] as number;
    return value * Math.cos(angle) + (j < 2 ? -1 : 1) * other * Math.sin(angle);
  });
const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** The layer as loops over one sequence; `positions[i]` of row i, every row sees `visible(i, j)`. */
function oracle(x: number[][], positions: number[], visible: (i: number, j: number) => boolean): number[] {
  const hidden = x.map((row) => normed(row, weights.norm));
  const head = (row: number[], h: number): number[] => row.slice(h * 6, h * 6 + 6);
  return x.flatMap((row, i) => {
    const mixed = [0, 1].flatMap((h) => {
      const q = turned(
        normed(head(times(hidden[i] as number[], weights.q), h), weights.qNorm),
        positions[i] as number,
      );
      const scores = hidden.map((other, j) => {
        const k = turned(normed(head(times(other, weights.k), h), weights.kNorm), positions[j] as number);
        return visible(i, j)
          ? q.reduce((sum, value, d) => sum + value * (k[d] as number), 0) / Math.sqrt(6)
          : -Infinity;
      });
      const exp = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = exp.reduce((a, b) => a + b, 0);
      return Array.from(
        { length: 6 },
        (_, d) =>
          hidden.reduce(
            (sum, other, j) =>
              sum + (exp[j] as number) / total * (head(times(other, weights.v), h)[d] as number),
            0,
          ),
      );
    });
    const attention = times(mixed, weights.dense);
    const mlp = times(times(hidden[i] as number[], weights.fc1).map(gelu), weights.fc2);
    return row.map((value, d) => value + (attention[d] as number) + (mlp[d] as number));
  });
}

const rows = (x: tf.Tensor): number[][] => {
  const flat = numbers(x);
  return Array.from({ length: flat.length / 12 }, (_, i) => flat.slice(i * 12, i * 12 + 12));
};

describe("rotaryTables()", () => {
  it("has the published rates", () => {
    const published = [1, 0.5623413, 0.3162278, 0.1778279, 0.1, 0.05623413, 0.03162278, 0.01778279];
    const { cos, sin } = rotaryTables(tf.tensor1d([1]), { ...fixture, rotaryDims: 32 });
    assert.deepEqual(cos.shape, [1, 1, 1, 16]);
    assertClose(numbers(cos).slice(0, 8), published.map(Math.cos), 1e-6);
    assertClose(numbers(sin).slice(0, 8), published.map(Math.sin), 1e-6);
    tf.dispose([cos, sin]);
  });
});

describe("makeBlock()", () => {
  it("equals loops over positions, heads and dimensions", () => {
    tf.tidy(() => {
      const x = noise(50, [1, 4, 12]);
      const causal = tf.tensor4d(Array.from({ length: 16 }, (_, at) => at % 4 <= at >> 2 ? 0 : -1e9), [
        1,
        1,
        4,
        4,
      ]);
      const context = { rotary: rotaryTables(tf.tensor1d([3, 4, 5, 6]), config), mask: causal };
      const found = numbers(block(x, { weights }, context).x);
      assertClose(found, oracle(rows(x), [3, 4, 5, 6], (i, j) => j <= i), 1e-5);
    });
  });

  it("sees a prefix that was computed before, and not its padding", () => {
    tf.tidy(() => {
      const whole = noise(60, [1, 5, 12]);
      const positions = tf.range(0, 5);
      const run = (from: number, count: number, context: Omit<BlockContext, "rotary"> = {}) =>
        block(tf.slice(whole, [0, from, 0], [1, count, 12]), { weights }, {
          rotary: rotaryTables(tf.slice(positions, from, count), config),
          ...context,
        });
      const prefix = { ...run(0, 3).own, mask: tf.tensor4d([-1e9, 0, 0], [1, 1, 1, 3]) };
      const expected = oracle(rows(whole), [0, 1, 2, 3, 4], (_, j) => j > 0).slice(36);
      assertClose(numbers(run(3, 2, { prefix }).x), expected, 1e-5);
    });
  });

  it("lets groups of rows share a prefix", () => {
    tf.tidy(() => {
      const x = noise(70, [6, 2, 12]);
      const rotary = rotaryTables(tf.tensor1d([7, 8]), config);
      const prefix = {
        keys: noise(71, [3, 2, 4, 6]),
        values: noise(72, [3, 2, 4, 6]),
        mask: tf.zeros([3, 1, 1, 4]),
      };
      const twice = mapTree(prefix, (leaf) => tf.gather(leaf, tf.tensor1d([0, 0, 1, 1, 2, 2], "int32")));
      const shared = numbers(block(x, { weights }, { rotary, prefix }).x);
      assertClose(shared, numbers(block(x, { weights }, { rotary, prefix: twice }).x), 1e-6);
    });
  });

  it("writes the present token to its slot of the buffer and keeps the others", () => {
    tf.tidy(() => {
      const buffer = { keys: noise(80, [2, 2, 3, 6]), values: noise(81, [2, 2, 3, 6]) };
      const context = {
        rotary: rotaryTables(tf.tensor2d([[4], [9]]), config),
        buffer: { ...buffer, slot: tf.tensor4d([0, 1, 0], [1, 1, 3, 1]) },
      };
      const { own } = block(noise(82, [2, 1, 12]), { weights }, context);
      const alone = block(noise(82, [2, 1, 12]), { weights }, { rotary: context.rotary }).own;
      for (const part of ["keys", "values"] as const) {
        const at = (x: tf.Tensor, slot: number) => numbers(tf.slice(x, [0, 0, slot, 0], [2, 2, 1, 6]));
        assert.deepEqual([at(own[part], 0), at(own[part], 2)], [at(buffer[part], 0), at(buffer[part], 2)]);
        assertClose(at(own[part], 1), numbers(alone[part]), 1e-6);
      }
    });
  });

  it("leaks nothing", () => {
    const x = noise(90, [1, 2, 12]);
    const rotary = rotaryTables(tf.tensor1d([0, 1]), config);
    assert.equal(leaked(() => tf.tidy(() => void block(x, { weights }, { rotary }))), 0);
  });
});
