/**
 * A faster matrix product for the WebAssembly backend. Its own kernel takes the fast path only for one pair of matrices
 * that are not transposed; everything else runs through a plain loop, ten times slower.
 *
 * @module
 */
import { adopt, type Kernel, replaceKernel } from "./kernel.ts";
import { tf } from "./tf.ts";

interface MatMulCall {
  readonly inputs: { readonly a: tf.Tensor; readonly b: tf.Tensor };
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly backend: unknown;
}

/** Multiply-adds per matrix above which a call of its own pays for a matrix of a batch. */
const WORTH_SPLITTING = 2 ** 21;

const swapLast = (x: tf.Tensor): tf.Tensor => {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  return tf.transpose(x, [...axes.slice(0, -2), last, last - 1]);
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const resultColumns = (b: tf.Tensor, { transposeB }: MatMulCall["attrs"]): number =>
  b.shape[b.rank - (transposeB ? 2 : 1)] as number;

function multiply(original: Kernel<MatMulCall>, { inputs, attrs, backend }: MatMulCall): tf.TensorInfo {
  const batchA = inputs.a.shape.slice(0, -2);
  const batchB = inputs.b.shape.slice(0, -2);
  const isBroadcast = batchA.join() !== batchB.join();
  const perProduct = sizeOf(inputs.a.shape) / Math.max(1, sizeOf(batchA)) * resultColumns(inputs.b, attrs);
  if (isBroadcast || perProduct === 0 || (sizeOf(batchA) > 1 && perProduct < WORTH_SPLITTING)) {
    return original({ inputs, attrs, backend });
  }
  return tf.tidy(() => {
    const a = attrs.transposeA ? swapLast(inputs.a) : inputs.a;
    const b = attrs.transposeB ? swapLast(inputs.b) : inputs.b;
    const [rows, inner] = a.shape.slice(-2) as [number, number];
    const columns = b.shape[b.rank - 1] as number;
    const batch = sizeOf(batchA);
    const plain = { transposeA: false, transposeB: false };
    const product = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
      adopt(original({ inputs: { a: x, b: y }, attrs: plain, backend }));
    const flatA = tf.reshape(a, [batch, rows, inner]);
    const flatB = tf.reshape(b, [batch, inner, columns]);
    const parts = Array.from({ length: batch }, (_, index) =>
      product(
        tf.slice(flatA, [index, 0, 0], [1, rows, inner]),
        tf.slice(flatB, [index, 0, 0], [1, inner, columns]),
      ));
    return tf.reshape(tf.concat(parts, 0), [...batchA, rows, columns]);
  });
}

/** Registers the faster product on the backend `wasm`, once. */
export function replaceMatMul(): void {
  replaceKernel<MatMulCall>(
    { kernel: "BatchMatMul", backend: "wasm" },
    (original) => (call) => multiply(original, call),
  );
}
