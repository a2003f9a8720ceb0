/**
 * Products of one input with several matrices, which may have low-rank updates, and their gradients.
 *
 * @module
 */
import { numbered, runTaped } from "./tape.ts";
import { tf } from "./tf.ts";

/** `W + s · B A`, or W alone. */
export type Matrix = {
  /** W, `[out, in]`. */
  readonly weight: tf.Tensor;
  /** A `[r, in]`, B `[out, r]` and s. */
  readonly update?:
    | { readonly a: tf.Tensor; readonly b: tf.Tensor; readonly scale: number }
    | undefined;
};

const product = (a: tf.Tensor, b: tf.Tensor, transposed: "neither" | "a" | "b" = "neither"): tf.Tensor =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposed === "a", transposed === "b");

/** `gᵀ x`, from the narrower side: matrix kernels pack their left side, and a wide one, transposed, twice as slowly. */
function outer(g: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const [rows, columns] = [g.shape[1] as number, x.shape[1] as number];
  return rows <= columns ? product(g, x, "a") : tf.transpose(product(x, g, "a"));
}

const sum = (tensors: readonly tf.Tensor[]): tf.Tensor =>
  tensors.length === 1 ? tensors[0] as tf.Tensor : tf.addN(tensors as tf.Tensor[]);

/** `tf.slice` of some rows or columns. */
const part = (x: tf.Tensor, axis: 0 | 1, [from, count]: readonly [number, number]): tf.Tensor =>
  axis === 0 ? tf.slice(x, [from, 0], [count, -1]) : tf.slice(x, [0, from], [-1, count]);

/** Gradients of low-rank updates, whose small sides are put together: one product with the input for all of them. */
function updateGradients(
  x: tf.Tensor,
  updates: readonly NonNullable<Matrix["update"]>[],
  { dys, keep }: { readonly dys: readonly tf.Tensor[]; readonly keep: <T extends tf.Tensor>(tensor: T) => T },
) {
  const ranks = updates.map(({ a }) => a.shape[0] as number);
  const spans = ranks.map((rank, index): readonly [number, number] => [
    ranks.slice(0, index).reduce((all, each) => all + each, 0),
    rank,
  ]);
  const known: { down?: tf.Tensor; a?: tf.Tensor } = {};
  /** `x Aᵀ` of all updates, side by side. */
  const down = (): tf.Tensor =>
    known.down ??= keep(tf.tidy(() => product(x, tf.concat(updates.map(({ a }) => a), 0), "b")));
  /** Gradients of all A, one under the other. */
  const allA = (): tf.Tensor =>
    known.a ??= keep(tf.tidy(() => {
      const back = updates.map(({ b, scale }, index) => tf.mul(product(dys[index] as tf.Tensor, b), scale));
      return product(tf.concat(back, 1), x, "a");
    }));
  return spans.map((span, index) => ({
    a: () => part(allA(), 0, span),
    b: () => tf.mul(outer(dys[index] as tf.Tensor, part(down(), 1, span)), updates[index]?.scale as number),
  }));
}

/**
 * Multiplies one input with several matrices: `yᵢ = x (Wᵢ + sᵢ · Bᵢ Aᵢ)ᵀ`.
 *
 * Updates are written into the matrices first, so that going forward and back to x they cost next to nothing; this pays where x
 * has many rows. Gradients of W are computed only if something asks for them.
 *
 * @param x `[n, in]`.
 * @param matrices `[out, in]` each, `out` may differ.
 * @returns `[n, out]` each.
 *
 * @example
 * ```ts
 * import { products } from "./products.ts";
 * import { tf } from "./tf.ts";
 * import assert from "node:assert/strict";
 * await tf.setBackend("cpu");
 * const [weight, a, b] = [tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[1, 1]]), tf.tensor2d([[1], [0]])];
 * const [y] = products(tf.tensor2d([[3, 4]]), [{ weight, update: { a, b, scale: 2 } }]);
 * assert.deepEqual([...(y?.dataSync() ?? [])], [3 + 2 * 7, 4]);
 * ```
 */
export function products(x: tf.Tensor, matrices: readonly Matrix[]): tf.Tensor[] {
  const updates = matrices.flatMap(({ update }) => update === undefined ? [] : [update]);
  const updated = matrices.flatMap(({ update }, index) => update === undefined ? [] : [index]);
  return runTaped({
    inputs: {
      x,
      ...numbered("weight", matrices.map(({ weight }) => weight)),
      ...numbered("a", updates.map(({ a }) => a)),
      ...numbered("b", updates.map(({ b }) => b)),
    },
    forward: (save) => {
      const whole = matrices.map(({ weight, update }) =>
        update === undefined ? weight : tf.add(weight, tf.mul(product(update.b, update.a), update.scale))
      );
      save([x, ...whole]);
      return whole.map((matrix) => product(x, matrix, "b"));
    },
    backward: (dys, [savedX, ...whole], keep) => {
      const input = savedX as tf.Tensor;
      const low = updateGradients(input, updates, {
        dys: updated.map((index) => dys[index] as tf.Tensor),
        keep,
      });
      return {
        x: () => sum(dys.map((dy, index) => product(dy, whole[index] as tf.Tensor))),
        ...numbered("weight", dys.map((dy) => () => outer(dy, input))),
        ...numbered("a", low.map(({ a }) => a)),
        ...numbered("b", low.map(({ b }) => b)),
      };
    },
  });
}
