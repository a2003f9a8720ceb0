/**
 * The way out of tensors: numbers as plain data.
 *
 * @module
 */
import { tf } from "../../tensor/tf.ts";
import { disposeTree } from "../../tensor/tree.ts";

/**
 * Runs tensor code, reads its results and frees everything; works on backends that answer late, too.
 *
 * @param body Tensor code; returns named results.
 * @returns The numbers of each result, row-major.
 */
export async function numbersOf<Name extends string>(
  body: () => Readonly<Record<Name, tf.Tensor>>,
): Promise<Readonly<Record<Name, Float32Array>>> {
  const tensors = tf.tidy(() => body() as tf.TensorContainerObject) as unknown as Record<Name, tf.Tensor>;
  try {
    const names = Object.keys(tensors) as Name[];
    const numbers = await Promise.all(names.map((name) => tensors[name].data()));
    return Object.fromEntries(names.map((name, index) => [name, numbers[index]])) as Record<
      Name,
      Float32Array
    >;
  } finally {
    disposeTree(tensors);
  }
}
