/**
 * Running a deep stack: one compiled block serves all layers, and only one layer's result is kept at a time.
 *
 * @module
 */
import type { tf } from "../../tensor/tf.ts";

/** Layers that are there, or are fetched one by one. */
export interface LayerSupply<L> {
  readonly count: number;
  /** Lends a layer to `body`. */
  readonly use: <A>(index: number, body: (layer: L) => A) => A;
}

/** Offers layers that are in memory. */
export function resident<L>(layers: readonly L[]): LayerSupply<L> {
  return { count: layers.length, use: (index, body) => body(layers[index] as L) };
}

/**
 * Runs a stack.
 *
 * @param x The input; stays the caller's.
 * @param block Runs one layer and returns a fresh tensor.
 * @returns The output of the last layer, owned by the caller.
 */
export function runLayers<L>(
  x: tf.Tensor,
  layers: LayerSupply<L>,
  block: (x: tf.Tensor, layer: L) => tf.Tensor,
): tf.Tensor {
  let current = x;
  for (let index = 0; index < layers.count; index++) {
    const next = layers.use(index, (layer) => block(current, layer));
    if (current !== x) current.dispose();
    current = next;
  }
  return current === x ? x.clone() : current;
}
