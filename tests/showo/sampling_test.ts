import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed, uniforms } from "../../lib/core/key.ts";
import { categorical, drawnCandidates, keepTop, mostLikely } from "../../lib/showo/sampling.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { leaked, numbers } from "./fixture_weights.ts";

await useTestBackend();

const draw = (rows: number[][], us: ArrayLike<number>): number[] =>
  tf.tidy(() => numbers(categorical(tf.tensor2d(rows), tf.tensor1d(Float32Array.from(us)))));

/** First class whose cumulative probability exceeds u, in 64 bits; and how close u is to a border. */
function oracle(row: ArrayLike<number>, u: number): { readonly index: number; readonly margin: number } {
  let [sum, index, margin] = [0, -1, Infinity];
  for (let i = 0; i < row.length; i++) {
    sum += row[i] as number;
    margin = Math.min(margin, Math.abs(sum - u));
    if (index < 0 && sum > u) index = i;
  }
  return { index, margin };
}

describe("categorical()", () => {
  it("takes the first class whose cumulative probability exceeds u", () => {
    const row = [0.25, 0, 0.5, 0.25];
    const us = [0, 0.2, 0.25, 0.5, 0.75, 0.9];
    assert.deepEqual(draw(us.map(() => row), us), [0, 0, 2, 2, 3, 3]);
  });

  it("equals a 64-bit loop for any number of classes", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 300 }), (seed, classes) => {
        const raw = uniforms(keyFromSeed(seed), classes).map((u) => u ** 4 + 1e-6);
        const total = raw.reduce((sum, x) => sum + x, 0);
        const row = Array.from(raw, (x) => Math.fround(x / total));
        const us = uniforms(keyFromSeed(seed + 1), 8);
        const found = draw(Array.from(us, () => row), us);
        us.forEach((u, index) => {
          const expected = oracle(row, u);
          if (expected.margin > 1e-5) assert.equal(found[index], expected.index);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("stays exact over thousands of classes", () => {
    const classes = 8192;
    const row = Array<number>(classes).fill(1 / classes);
    const us = [0, 0.1, 1 / 3, 0.5, 0.77777, 0.99995].map(Math.fround);
    assert.deepEqual(draw(us.map(() => row), us), us.map((u) => Math.floor(u * classes)));
  });

  it("never draws a class of probability 0, even at the largest u", () => {
    const row = Array<number>(70).fill(0);
    row[3] = 0.5000001;
    row[17] = 0.5000001;
    const us = [0, 1 - 2 ** -24, 0.5, 0.999];
    assert.ok(draw(us.map(() => row), us).every((drawn) => drawn === 3 || drawn === 17));
    assert.deepEqual(draw([[0, 0, 0, 0, 1, 0, 0]], [1 - 2 ** -24]), [4]);
  });

  it("draws each class as often as its probability says", () => {
    const row = [0.1, 0.2, 0.05, 0.4, 0.25];
    const us = uniforms(keyFromSeed(5), 4000);
    const counts = [0, 0, 0, 0, 0];
    draw(Array.from(us, () => row), us).forEach((drawn) => counts[drawn] = (counts[drawn] as number) + 1);
    const chi = counts.reduce(
      (sum, n, i) => sum + (n - 4000 * (row[i] as number)) ** 2 / (4000 * (row[i] as number)),
      0,
    );
    assert.ok(chi < 18.5, `chi-square ${chi}`);
  });

  it("leaks nothing", () => {
    assert.equal(leaked(() => draw([[0.5, 0.5]], [0.3])), 0);
  });
});

describe("keepTop()", () => {
  const kept = (row: number[], k: number): boolean[] =>
    tf.tidy(() => numbers(keepTop(tf.tensor2d([row]), k))).map((x) => x > -1e9);

  it("keeps the k largest and all that equal the k-th", () => {
    assert.deepEqual(kept([1, 4, 2, 3], 2), [false, true, false, true]);
    assert.deepEqual(kept([1, 4, 3, 3], 2), [false, true, true, true]);
    assert.deepEqual(kept([4, 4, 3, 3], 1), [true, true, false, false]);
  });

  it("agrees with sorting, for few and for many", () => {
    const rows = fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 11 }), (row, k) => {
        const least = row.toSorted((a, b) => b - a)[k - 1] as number;
        assert.deepEqual(kept(row, k), row.map((x) => x >= least));
      }),
    );
  });

  it("keeps all if there are no more than k", () => {
    assert.deepEqual(kept([1, 4], 2), [true, true]);
    assert.deepEqual(kept([1, 4], Infinity), [true, true]);
  });
});

describe("drawnCandidates()", () => {
  const logits = [0.3, 2, -1, 1.5, 0.2];
  const softmax = (row: number[], drawn: number, k: number): number[] =>
    tf.tidy(() => numbers(tf.softmax(drawnCandidates(tf.tensor2d([row]), tf.tensor1d([drawn], "int32"), k))));

  it("leaves the k largest in proportion, and always the drawn one", () => {
    const among = (kept: number[]): number[] => {
      const total = kept.reduce((sum, at) => sum + Math.exp(logits[at] as number), 0);
      return logits.map((logit, at) => kept.includes(at) ? Math.exp(logit) / total : 0);
    };
    assertClose(softmax(logits, 1, 2), among([1, 3]), 1e-6);
    assertClose(softmax(logits, 2, 2), among([1, 2, 3]), 1e-6);
    assertClose(softmax(logits, -1, 3), among([0, 1, 3]), 1e-6);
    assertClose(softmax(logits, 0, 9), among([0, 1, 2, 3, 4]), 1e-6);
  });

  it("has a score of mean 0 over what is drawn, unlike the score over all tokens", () => {
    const probabilities = softmax(logits, -1, 2);
    const meanScore = (k: number): number[] => {
      const sums = logits.map(() => 0);
      probabilities.forEach((probability, drawn) => {
        if (probability < 1e-6) return;
        const logp = (x: tf.Tensor): tf.Tensor => {
          const kept = drawnCandidates(x, tf.tensor1d([drawn], "int32"), k);
          return tf.slice(tf.logSoftmax(kept), [0, drawn], [1, 1]);
        };
        const score = tf.tidy(() => numbers(tf.grad(logp)(tf.tensor2d([logits]))));
        score.forEach((value, at) => sums[at] = (sums[at] as number) + probability * value);
      });
      return sums;
    };
    assertClose(meanScore(2), logits.map(() => 0), 1e-6);
    assert.ok(Math.max(...meanScore(5).map(Math.abs)) > 0.05);
  });

  it("leaks nothing", () => {
    assert.equal(
      leaked(() => {
        const [row, drawn] = [tf.tensor2d([logits]), tf.tensor1d([1], "int32")];
        tf.dispose([row, drawn, drawnCandidates(row, drawn, 2)]);
      }),
      0,
    );
  });
});

describe("mostLikely()", () => {
  it("agrees with a search for the first largest", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }), (row) => {
        const [found] = tf.tidy(() => numbers(mostLikely(tf.tensor2d([row]))));
        assert.equal(found, row.indexOf(Math.max(...row)));
      }),
    ));
});
