/**
 * A vision transformer compiled piece by piece: entrance, one block for all layers, last norm.
 *
 * @module
 */
import { jit } from "../../tensor/jit.ts";
import { layerNorm } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import type { Tree } from "../../tensor/tree.ts";
import { type BlockOptions, preNormBlock, type PreNormBlockOf } from "./blocks.ts";
import { type LayerSupply, runLayers } from "./layers.ts";
import type { AffineOf } from "./parameters.ts";
import type { Pixels } from "./preprocess.ts";

/** The weights of a tower. */
export interface TowerWeights<E> {
  readonly entrance: E;
  readonly layers: LayerSupply<PreNormBlockOf<tf.Tensor>>;
  readonly norm: AffineOf<tf.Tensor>;
}

/**
 * Compiles a tower.
 *
 * @param name What the compile log calls it.
 * @param embed From pixels to tokens.
 * @param options Heads, ε, activation of the blocks.
 * @returns From weights and pixels `[B, H, W, 3]` to hidden states after the last norm, `[B, T, D]`, owned by the caller.
 */
export function compiledTower<E extends Tree>(
  name: string,
  embed: (entrance: E, pixels: tf.Tensor) => tf.Tensor,
  options: BlockOptions,
): (weights: TowerWeights<E>, pixels: Pixels) => tf.Tensor {
  const enter = jit(`${name} embed`, embed);
  const block = jit(
    `${name} layer`,
    (x: tf.Tensor, weights: PreNormBlockOf<tf.Tensor>) => preNormBlock(x, weights, options),
  );
  const leave = jit(
    `${name} norm`,
    (x: tf.Tensor, norm: AffineOf<tf.Tensor>) => layerNorm(x, norm, options.epsilon),
  );
  return ({ entrance, layers, norm }, pixels) => {
    const embedded = enter(entrance, tf.tensor4d(pixels.data, [...pixels.shape]));
    return leave(runLayers(embedded, layers, block), norm);
  };
}

/**
 * Runs blocks and the last norm; differentiable with respect to weights and tokens.
 *
 * @param x Tokens `[B, T, D]`.
 * @param weights The blocks, and the norm behind them.
 * @param options Heads, ε, activation.
 * @returns `[B, T, D]`.
 */
export function preNormStack(
  x: tf.Tensor,
  weights: { readonly layers: readonly PreNormBlockOf<tf.Tensor>[]; readonly norm: AffineOf<tf.Tensor> },
  options: BlockOptions,
): tf.Tensor {
  const hidden = weights.layers.reduce((y, layer) => preNormBlock(y, layer, options), x);
  return layerNorm(hidden, weights.norm, options.epsilon);
}
