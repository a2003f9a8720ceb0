/**
 * Low-rank updates of linear layers: `y = W x + (α / r) · B A x` (Hu et al., LoRA, 2021).
 *
 * @module
 */
import type { Key } from "../core/key.ts";
import { type Initial, initialise } from "../tensor/nest.ts";
import { type Affine, linear } from "../tensor/ops.ts";
import { products } from "../tensor/products.ts";
import { tf } from "../tensor/tf.ts";
import type { ShowoConfig } from "./config.ts";
import type { LayerWeights, ShowoWeights } from "./weights.ts";

/** A group of layers that get an update; `qkv` means three. */
export type LoraTarget = "qkv" | "dense" | "fc1" | "fc2";

/** What is updated, and how. */
export interface LoraConfig {
  /** r. */
  readonly rank: number;
  /** α; the update is scaled by α / r. */
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
}

/** A linear layer that can have an update. */
export type LoraPart = "q" | "k" | "v" | "dense" | "fc1" | "fc2";

/** One update: A `[r, in]`, B `[out, r]`. */
export type LoraPair = { readonly a: tf.Tensor; readonly b: tf.Tensor };

/** Updates of one layer. */
export type LoraLayer = { readonly [part in LoraPart]?: LoraPair | undefined };

/** Updates of a model. */
export type LoraWeights = { readonly layers: readonly LoraLayer[] };

const PARTS: Readonly<Record<LoraTarget, readonly LoraPart[]>> = {
  qkv: ["q", "k", "v"],
  dense: ["dense"],
  fc1: ["fc1"],
  fc2: ["fc2"],
};

/**
 * Starts updates that change nothing yet: A normal with deviation 1/√in, B zero.
 *
 * @param key The random key.
 * @param lora What is updated; at least one target.
 * @param config The sizes of the model.
 * @returns Weights that the caller owns.
 */
export function initialLora(key: Key, lora: LoraConfig, config: ShowoConfig): LoraWeights {
  const { width, mlpWidth } = config;
  const pair = (path: string, part: LoraPart): readonly (readonly [string, Initial])[] => {
    const from = part === "fc2" ? mlpWidth : width;
    const to = part === "fc1" ? mlpWidth : width;
    return [
      [`${path}.${part}.a`, { shape: [lora.rank, from], fill: { normal: from ** -0.5 } }],
      [`${path}.${part}.b`, { shape: [to, lora.rank], fill: { constant: 0 } }],
    ];
  };
  const parts = lora.targets.flatMap((target) => PARTS[target]);
  const entries = Array.from(
    { length: config.layers },
    (_, layer) => parts.flatMap((part) => pair(`layers.${layer}`, part)),
  ).flat();
  return initialise(key, new Map(entries)) as LoraWeights;
}

/** A frozen layer and its update, if any. */
export type UpdatedLayer = { readonly layer: Affine; readonly pair: LoraPair | undefined };

/**
 * Applies linear layers and their updates to one input.
 *
 * With as many rows as the input is wide, or more, updates are written into the matrices first: both directions cost what they cost
 * without updates then. With fewer, as when one token is fed, they stay beside them.
 *
 * @param x `[..., in]`.
 * @param layers The frozen layers, and their updates.
 * @param scale α / r.
 * @returns `[..., out]` each.
 */
export function updatedLinears(
  x: tf.Tensor,
  layers: readonly UpdatedLayer[],
  scale: number,
): readonly tf.Tensor[] {
  const width = x.shape[x.rank - 1] as number;
  if (x.size < width * width) return layers.map((each) => besideLayer(x, each, scale));
  const matrices = layers.map(({ layer: { weight }, pair }) => ({
    weight,
    update: pair === undefined ? undefined : { ...pair, scale },
  }));
  return products(tf.reshape(x, [-1, width]), matrices).map((flat, index) => {
    const { weight, bias } = (layers[index] as UpdatedLayer).layer;
    const y = tf.reshape(flat, [...x.shape.slice(0, -1), weight.shape[0] as number]);
    return bias === undefined ? y : tf.add(y, bias);
  });
}

function besideLayer(x: tf.Tensor, { layer, pair }: UpdatedLayer, scale: number): tf.Tensor {
  const y = linear(x, layer);
  if (pair === undefined) return y;
  return tf.add(y, tf.mul(linear(linear(x, { weight: pair.a }), { weight: pair.b }), scale));
}

/** Matrices of updated layers, `[out, in]` each. */
export type UpdatedMatrices = readonly { readonly [part in LoraPart]?: tf.Tensor | undefined }[];

/**
 * Writes updates into matrices: `W + (α / r) · B A`.
 *
 * @param layers The frozen layers.
 * @param scale α / r.
 * @returns Fresh matrices of the parts that have an update, layer by layer.
 */
export function updatedMatrices(
  layers: readonly LayerWeights[],
  lora: LoraWeights,
  scale: number,
): UpdatedMatrices {
  return layers.map((layer, index) =>
    Object.fromEntries(
      Object.entries(lora.layers[index] ?? {}).flatMap(([part, pair]) => {
        if (pair === undefined) return [];
        const delta = tf.matMul(pair.b as tf.Tensor2D, pair.a as tf.Tensor2D);
        return [[part, tf.add(layer[part as LoraPart].weight, tf.mul(delta, scale))] as const];
      }),
    )
  );
}

/**
 * Puts updated matrices in their places.
 *
 * @param base The frozen model.
 * @param updated From {@link updatedMatrices}.
 * @returns A model that shares everything with both.
 */
export function withMatrices(base: ShowoWeights, updated: UpdatedMatrices): ShowoWeights {
  const layers = base.layers.map((layer, index): LayerWeights => ({
    ...layer,
    ...Object.fromEntries(
      Object.entries(updated[index] ?? {}).map(([part, weight]) => [
        part,
        { ...layer[part as LoraPart], weight },
      ]),
    ),
  }));
  return { ...base, layers };
}
