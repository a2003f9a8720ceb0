import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { tokenSums } from "../../lib/rl/objective.ts";
import { objectiveTerms, type TokenTensors } from "../../lib/rl/objective_terms.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";

await tf.setBackend("cpu");

const options = { epsilon: 0.2, epsilonHigh: 0.25, beta: 0.05 };
// Tenths: no log-ratio falls so near to an edge of the clip range that 32 and 64 bits decide differently.
const logp = fc.integer({ min: -140, max: 0 }).map((tenths) => tenths / 10);
const advantage = fc.integer({ min: -100, max: 100 }).map((hundredths) => hundredths / 100);
const row = fc.tuple(logp, logp, logp, fc.constantFrom(0, 1));
const batch = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.array(
    fc.tuple(
      advantage,
      fc.array(row, { minLength: width, maxLength: width }),
    ),
    { minLength: 1, maxLength: 3 },
  )
);
type Batch = readonly (readonly [number, readonly (readonly [number, number, number, number])[]])[];

const column = (rows: Batch, index: 0 | 1 | 2 | 3): number[][] =>
  rows.map(([, tokens]) => tokens.map((token) => token[index]));
const tensorsOf = (rows: Batch): Required<TokenTensors> => ({
  perTokenLogps: tf.tensor2d(column(rows, 0)),
  oldPerTokenLogps: tf.tensor2d(column(rows, 1)),
  refPerTokenLogps: tf.tensor2d(column(rows, 2)),
  completionMask: tf.tensor2d(column(rows, 3)),
  advantages: tf.tensor2d(rows.map(([advantage]) => [advantage])),
  scale: tf.scalar(0.3),
});
const read = (x: tf.Tensor): number => x.dataSync()[0] as number;
const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} ${b}`);

const arraySums = (rows: Batch) =>
  rows.map(([advantage, tokens]) =>
    tokenSums(
      {
        perTokenLogps: tokens.map((token) => token[0]),
        oldPerTokenLogps: tokens.map((token) => token[1]),
        refPerTokenLogps: tokens.map((token) => token[2]),
        completionMask: tokens.map((token) => token[3]),
      },
      advantage,
      options,
    )
  ).reduce((a, b) => ({
    surrogate: a.surrogate + b.surrogate,
    kl: a.kl + b.kl,
    clippedLow: a.clippedLow + b.clippedLow,
    clippedHigh: a.clippedHigh + b.clippedHigh,
    tokens: a.tokens + b.tokens,
  }));
const arrayLoss = (rows: Batch): number => {
  const sums = arraySums(rows);
  return 0.3 * (options.beta * sums.kl - sums.surrogate);
};

describe("objectiveTerms()", () => {
  it("equals the array version", () =>
    fc.assert(fc.property(batch, (rows) => {
      const inputs = tensorsOf(rows);
      const terms = objectiveTerms(inputs, options);
      const expected = arraySums(rows);
      for (const name of ["surrogate", "kl", "clippedLow", "clippedHigh", "tokens"] as const) {
        near(read(terms[name]), expected[name], 1e-5);
      }
      near(read(terms.loss), arrayLoss(rows), 1e-5);
      disposeTree([inputs, terms]);
    })));

  it("has the gradient of the array version, by central differences", () => {
    const rows: Batch = [
      [0.7, [[-1, -1.5, -1.2, 1], [-2, -1.9, -2.4, 1], [-3, -3, -3, 0]]],
      [-0.4, [[-1, -1.1, -0.3, 1], [-2, -1.2, -2, 1], [-1, -3, -2, 1]]],
    ];
    const { perTokenLogps, ...rest } = tensorsOf(rows);
    const found = tf.grad((x: tf.Tensor) => objectiveTerms({ perTokenLogps: x, ...rest }, options).loss)(
      perTokenLogps,
    );
    const gradient = found.dataSync();
    const step = 1e-5;
    const moved = (at: number, by: number): Batch =>
      rows.map(([advantage, tokens], i) => [
        advantage,
        tokens.map((token, j) =>
          i * 3 + j === at ? [token[0] + by, token[1], token[2], token[3]] as const : token
        ),
      ]);
    for (let at = 0; at < 6; at++) {
      near(
        gradient[at] as number,
        (arrayLoss(moved(at, step)) - arrayLoss(moved(at, -step))) / (2 * step),
        1e-4,
      );
    }
    disposeTree([perTokenLogps, rest, found]);
  });

  it("gives −scale · A per token at D = 1, with and without old log-probs", () => {
    const logps = tf.tensor2d([[-1, -2], [-3, -4]]);
    const rest = {
      completionMask: tf.tensor2d([[1, 1], [1, 0]]),
      advantages: tf.tensor2d([[0.5], [-0.25]]),
      scale: tf.scalar(2),
    };
    const gradient = (extra: { readonly oldPerTokenLogps?: tf.Tensor }): number[] => [
      ...tf.grad((x: tf.Tensor) =>
        objectiveTerms({ perTokenLogps: x, ...rest, ...extra }, { epsilon: 0.2, beta: 0 }).loss
      )(logps).dataSync(),
    ];
    assert.deepEqual(gradient({}), [-1, -1, 0.5, 0]);
    assert.deepEqual(gradient({ oldPerTokenLogps: logps }), [-1, -1, 0.5, 0]);
  });

  it("runs inside jit and leaks nothing", () => {
    const inputs = tensorsOf([[0.5, [[-1, -1.2, -1, 1], [-2, -2, -2.5, 1]]]]);
    const compiled = jit("objective", (given: Required<TokenTensors>) => objectiveTerms(given, options));
    disposeTree(compiled(inputs));
    const before = tf.memory().numTensors;
    const terms = compiled(inputs);
    assert.equal(tf.memory().numTensors, before + 6);
    disposeTree(terms);
    assert.equal(tf.memory().numTensors, before);
    disposeTree(inputs);
  });
});
