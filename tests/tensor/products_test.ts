import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { valueAndGrad } from "../../lib/tensor/grad.ts";
import { type Matrix, products } from "../../lib/tensor/products.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree, namedLeaves, type Tree } from "../../lib/tensor/tree.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";

await useTestBackend();
const SCALE = 0.7;

/** x, and matrices with the ranks of their updates; rank 0 is none. */
interface Sizes {
  readonly rows: number;
  readonly width: number;
  readonly layers: readonly { readonly out: number; readonly rank: number }[];
}
const small = fc.integer({ min: 1, max: 6 });
const sizes: fc.Arbitrary<Sizes> = fc.record({
  rows: small,
  width: small,
  layers: fc.array(fc.record({ out: small, rank: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
});

type Layer = { readonly weight: tf.Tensor; readonly a?: tf.Tensor; readonly b?: tf.Tensor };
type Parameters = { readonly x: tf.Tensor; readonly layers: readonly Layer[] };

const filled = (shape: [number, number], seed: number): tf.Tensor =>
  tf.tensor2d(Float32Array.from(normals(keyFromSeed(seed), shape[0] * shape[1])), shape);

const parametersOf = ({ rows, width, layers }: Sizes): Parameters => ({
  x: filled([rows, width], 1),
  layers: layers.map(({ out, rank }, index) => ({
    weight: filled([out, width], 10 + index),
    ...(rank === 0 ? {} : { a: filled([rank, width], 20 + index), b: filled([out, rank], 30 + index) }),
  })),
});

const matrixOf = ({ weight, a, b }: Layer): Matrix => ({
  weight,
  update: a === undefined || b === undefined ? undefined : { a, b, scale: SCALE },
});

/** The definition, from plain ops. */
const plainly = (x: tf.Tensor, layers: readonly Layer[]): tf.Tensor[] =>
  layers.map(({ weight, a, b }) => {
    const times = (y: tf.Tensor, matrix: tf.Tensor) =>
      tf.matMul(y as tf.Tensor2D, matrix as tf.Tensor2D, false, true);
    const y = times(x, weight);
    return a === undefined || b === undefined ? y : tf.add(y, tf.mul(times(times(x, a), b), SCALE));
  });

/** A loss whose gradient differs from result to result. */
const lossOf = (ys: readonly tf.Tensor[]) => ({
  loss: tf.addN(ys.map((y, index) => tf.sum(tf.mul(tf.square(y), index + 1)))) as tf.Scalar,
  aux: {},
});

const numbers = (tree: Tree): number[] => namedLeaves(tree).flatMap(([, leaf]) => [...leaf.dataSync()]);

describe("products()", () => {
  it("are x (W + s B A)ᵀ, with the gradients of that", () => {
    fc.assert(
      fc.property(sizes, (drawn) => {
        const parameters = parametersOf(drawn);
        const [found, expected] = [
          valueAndGrad(({ x, layers }: Parameters) => lossOf(products(x, layers.map(matrixOf)))),
          valueAndGrad(({ x, layers }: Parameters) => lossOf(plainly(x, layers))),
        ].map((take) => take(parameters) as Tree) as [Tree, Tree];
        const scale = Math.max(1, ...numbers(expected).map(Math.abs));
        assertClose(numbers(found), numbers(expected), 1e-5 * scale);
        disposeTree([parameters, found, expected]);
      }),
      { numRuns: 40 },
    );
  });

  it("take gradients of the updates alone, and leak nothing", () => {
    const { x, layers } = parametersOf({
      rows: 4,
      width: 3,
      layers: [{ out: 5, rank: 2 }, { out: 2, rank: 1 }],
    });
    const updates = layers.map(({ a, b }) => ({ a: a as tf.Tensor, b: b as tf.Tensor }));
    const frozen = layers.map(({ weight }) => weight);
    const withUpdates = (each: typeof updates): Layer[] =>
      each.map((update, index) => ({ weight: frozen[index] as tf.Tensor, ...update }));
    const take = (of: (layers: Layer[]) => tf.Tensor[]) =>
      valueAndGrad((each: typeof updates) => lossOf(of(withUpdates(each))))(updates);
    const run = () => take((each) => products(x, each.map(matrixOf)));
    const expected = take((each) => plainly(x, each));
    const found = run();
    assertClose(numbers(found), numbers(expected), 1e-4);
    disposeTree([found, expected]);
    const before = tf.memory().numTensors;
    disposeTree(run());
    disposeTree(products(x, layers.map(matrixOf)));
    assert.equal(tf.memory().numTensors, before);
  });
});
