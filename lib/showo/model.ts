/**
 * A model as a value: its sizes and how its tensor code is compiled. Weights are always passed beside it.
 *
 * @module
 */
import { jit } from "../tensor/jit.ts";
import { recomputed } from "../tensor/recompute.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import {
  type Block,
  type BlockContext,
  type KeysValues,
  makeBlock,
  makeProjection,
  type Projection,
} from "./attention.ts";
import type { ConceptRows } from "./concept_rows.ts";
import type { ShowoConfig } from "./config.ts";
import {
  type LoraConfig,
  type LoraLayer,
  type LoraWeights,
  type UpdatedMatrices,
  updatedMatrices,
  withMatrices,
} from "./lora.ts";
import { withConceptRows } from "./vocabulary.ts";
import { type LayerWeights, parameterCount, type ShowoWeights } from "./weights.ts";

/** All that decides what the model says; gradients can be taken for any part. */
export type Policy = {
  readonly base: ShowoWeights;
  readonly rows?: ConceptRows | undefined;
  readonly lora?: LoraWeights | undefined;
};

/**
 * `model`: whole functions are compiled (small models) · `block`: one compiled layer serves all layers, and its gradient
 * computes the layer again instead of keeping what is inside it (big models) · `none`: nothing is compiled (single calls,
 * tests).
 */
export type Compile = "model" | "block" | "none";

/** A function of trees. */
export type TreeFunction<A extends readonly Tree[], R extends Tree> = (...inputs: A) => R;

/** Sizes, and the two places where compilation can happen. */
export interface ShowoModel {
  readonly config: ShowoConfig;
  /** The layer; compiled under `block`. */
  readonly block: Block;
  /** What a layer makes of single tokens, for tables of them; absent for big models, whose tables would be big, too. */
  readonly project?: Projection;
  /** Wraps a function from policy to result: compiled under `model`, else run op by op around compiled parts. */
  readonly whole: <A extends readonly Tree[], R extends Tree>(
    name: string,
    body: TreeFunction<A, R>,
  ) => TreeFunction<A, R>;
  /** Wraps a part of such a function: compiled under `block`. */
  readonly part: <A extends readonly Tree[], R extends Tree>(
    name: string,
    body: TreeFunction<A, R>,
  ) => TreeFunction<A, R>;
  /**
   * Runs code that samples. A small model's low-rank updates are in the weights then: no more work than without them, and the
   * same compiled functions; a big model's stay beside them, because a second copy of the weights is what LoRA avoids.
   */
  readonly sampled: <A>(policy: Policy, use: (policy: Policy) => A) => A;
}

/** From this number of parameters on a model is compiled layer by layer: compile time and memory of gradients. */
const BIG = 2e8;

/**
 * Says whether a model is so big that its layers are compiled one by one unless something else is asked for.
 *
 * @returns Whether it has 200 million parameters or more.
 */
export function isLayerwise(config: ShowoConfig): boolean {
  return parameterCount(config) >= BIG;
}

/**
 * Makes a model.
 *
 * @param config The sizes, with the rows of the concept that will be used.
 * @param options.compile What is compiled; default `model`, from 200 million parameters on `block`.
 * @param options.lora The updates that a policy may hold.
 * @returns The model; it owns no tensors.
 */
export function showoModel(
  config: ShowoConfig,
  options: { readonly compile?: Compile; readonly lora?: LoraConfig | undefined } = {},
): ShowoModel {
  const { compile = isLayerwise(config) ? "block" : "model", lora } = options;
  const scale = lora === undefined ? 1 : lora.alpha / lora.rank;
  const block = makeBlock(config, scale);
  const small = {
    config,
    block,
    project: makeProjection(config, scale),
    part: <B>(_: string, body: B): B => body,
  };
  if (compile === "model") return { ...small, whole: jit, sampled: merging(jit, scale) };
  const tidied: ShowoModel["whole"] = (_, body) => (...inputs) =>
    tf.tidy(() => body(...inputs) as tf.TensorContainer) as ReturnType<typeof body>;
  if (compile === "none") return { ...small, whole: tidied, sampled: merging(tidied, scale) };
  return { config, block: layerwise(block), whole: tidied, part: jit, sampled: (policy, use) => use(policy) };
}

function merging(whole: ShowoModel["whole"], scale: number): ShowoModel["sampled"] {
  const merge = whole(
    "updated matrices",
    (layers: readonly LayerWeights[], lora: LoraWeights): UpdatedMatrices =>
      updatedMatrices(layers, lora, scale),
  );
  return (policy, use) => {
    if (policy.lora === undefined) return use(policy);
    const updated = merge(policy.base.layers, policy.lora);
    try {
      return use({ ...policy, base: withMatrices(policy.base, updated), lora: undefined });
    } finally {
      disposeTree(updated);
    }
  };
}

type Inputs = {
  readonly x: tf.Tensor;
  readonly lora?: LoraLayer | undefined;
  readonly prefix?: KeysValues | undefined;
};

/** One compiled layer for all: decoding step by step needs no gradient, everything else may. */
function layerwise(block: Block): Block {
  const stepping = jit("showo block, one token", block);
  const passing = recomputed(
    "showo block",
    (
      weights: LayerWeights,
      { x, lora, prefix }: Inputs,
      { rotary, mask, prefixMask }: Pick<BlockContext, "rotary" | "mask"> & {
        readonly prefixMask?: tf.Tensor | undefined;
      },
    ) =>
      block(x, { weights, lora }, {
        rotary,
        mask,
        prefix: prefix && prefixMask && { ...prefix, mask: prefixMask },
      }),
  );
  return (input, layer, context) => {
    const x = input as tf.Tensor; // without `project` there is nothing else
    if (context.buffer !== undefined) return stepping(x, layer, context);
    const { rotary, mask, prefix } = context;
    const shared = prefix && { keys: prefix.keys, values: prefix.values };
    return passing(layer.weights, { x, lora: layer.lora, prefix: shared }, {
      rotary,
      mask,
      prefixMask: prefix?.mask,
    });
  };
}

/**
 * Gives a config the vocabulary of a concept.
 *
 * @param rows n.
 * @returns The config with n concept rows.
 */
export function withConcept(config: ShowoConfig, rows: number): ShowoConfig {
  return { ...config, vocabulary: withConceptRows(config.vocabulary, rows) };
}
