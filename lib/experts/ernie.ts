/**
 * ERNIE: a BERT encoder with an optional table of task types.
 *
 * Sun et al., "ERNIE 2.0" and "ERNIE 3.0". Names and layouts are those of the published PyTorch ports.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../core/key.ts";
import type { Checked } from "../core/stage.ts";
import { embed, layerNorm, linear, unit } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import {
  type BlockOptions,
  keyMask,
  postNormAttention,
  type PostNormAttentionOf,
  postNormMlp,
  type PostNormMlpOf,
} from "./blocks.ts";
import { type Checkpoint, countParts, shapeOf } from "./checkpoint.ts";
import {
  type AffineOf,
  type FloatArrays,
  initialArrays,
  layerParameters,
  normParameters,
  type Parameter,
  parameter,
} from "./parameters.ts";

/** Sizes of an ERNIE. */
export interface ErnieConfig extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  readonly mlpWidth: number;
  readonly vocabularySize: number;
  /** Longest text in tokens. */
  readonly positions: number;
  readonly tokenTypes: number;
  /** Rows of the task table; 0 = none is added. */
  readonly taskTypes: number;
  readonly hasPooler: boolean;
}

/** One BERT layer. */
export type ErnieLayerOf<P> = {
  readonly attention: PostNormAttentionOf<P>;
  readonly feedForward: PostNormMlpOf<P>;
};

/** All weights but the word table, which may stay in the computer's memory. */
export type ErnieBodyOf<P> = {
  readonly positions: P;
  readonly tokenTypes: P;
  readonly taskTypes?: P;
  readonly norm: AffineOf<P>;
  readonly layers: readonly ErnieLayerOf<P>[];
  readonly pooler?: AffineOf<P>;
};

/** Weights of an ERNIE, or their places. */
export type ErnieOf<P> = ErnieBodyOf<P> & { readonly words: P };

/** How the hidden states of a text become one vector. */
export type TextPooling = "mean" | "cls" | "pooler";

/** Type ids other than 0, each `[B, T]` int32. */
export interface TypeIds {
  readonly tokenTypes?: tf.Tensor;
  readonly taskTypes?: tf.Tensor;
}

const blockParameters = (index: number, { width, mlpWidth }: ErnieConfig): ErnieLayerOf<Parameter> => {
  const prefix = `encoder.layer.${index}`;
  return {
    attention: {
      attention: {
        query: layerParameters(`${prefix}.attention.self.query`, [width, width]),
        key: layerParameters(`${prefix}.attention.self.key`, [width, width]),
        value: layerParameters(`${prefix}.attention.self.value`, [width, width]),
        output: layerParameters(`${prefix}.attention.output.dense`, [width, width]),
      },
      norm: normParameters(`${prefix}.attention.output.LayerNorm`, width),
    },
    feedForward: {
      mlp: {
        inner: layerParameters(`${prefix}.intermediate.dense`, [mlpWidth, width]),
        outer: layerParameters(`${prefix}.output.dense`, [width, mlpWidth]),
      },
      norm: normParameters(`${prefix}.output.LayerNorm`, width),
    },
  };
};

/**
 * Says which published tensor is which weight, the word table left out.
 *
 * @param config Sizes.
 * @returns The places.
 */
export function ernieBodyParameters(config: ErnieConfig): ErnieBodyOf<Parameter> {
  const { width, taskTypes } = config;
  const table = (kind: string, rows: number) =>
    parameter(`embeddings.${kind}_embeddings.weight`, [rows, width]);
  return {
    positions: table("position", config.positions),
    tokenTypes: table("token_type", config.tokenTypes),
    ...(taskTypes > 0 ? { taskTypes: table("task_type", taskTypes) } : {}),
    norm: normParameters("embeddings.LayerNorm", width),
    layers: Array.from({ length: config.layers }, (_, index) => blockParameters(index, config)),
    ...(config.hasPooler ? { pooler: layerParameters("pooler.dense", [width, width]) } : {}),
  };
}

/**
 * Says where the word table is.
 *
 * @param config Sizes.
 * @returns Its place, `[vocabulary, width]`.
 */
export function ernieWords({ vocabularySize, width }: ErnieConfig): Parameter {
  return parameter("embeddings.word_embeddings.weight", [vocabularySize, width]);
}

/**
 * Says which published tensor is which weight.
 *
 * @param config Sizes.
 * @returns The places of all weights.
 */
export function ernieParameters(config: ErnieConfig): ErnieOf<Parameter> {
  return { ...ernieBodyParameters(config), words: ernieWords(config) };
}

/**
 * Starts an ERNIE at random.
 *
 * @param key The key.
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialErnieArrays(key: Key, config: ErnieConfig): FloatArrays {
  return initialArrays(key, ernieParameters(config));
}

/**
 * Adds positions and types to word vectors and normalises: `LN(word + token type + position (+ task type))`.
 *
 * @param weights The model without its word table.
 * @param words Word vectors `[B, T, width]`.
 * @param options.epsilon ε.
 * @param options.types Type ids; all 0 by default.
 * @returns `[B, T, width]`.
 */
export function ernieEmbed(
  weights: ErnieBodyOf<tf.Tensor>,
  words: tf.Tensor,
  options: { readonly epsilon: number; readonly types?: TypeIds },
): tf.Tensor {
  const length = words.shape[1] as number;
  const row = (table: tf.Tensor, ids: tf.Tensor | undefined) =>
    ids === undefined ? tf.slice(table, [0, 0], [1, -1]) : embed(table, ids);
  const typed = tf.add(words, row(weights.tokenTypes, options.types?.tokenTypes));
  const placed = tf.add(typed, tf.slice(weights.positions, [0, 0], [length, -1]));
  const all = weights.taskTypes === undefined
    ? placed
    : tf.add(placed, row(weights.taskTypes, options.types?.taskTypes));
  return layerNorm(all, weights.norm, options.epsilon);
}

/**
 * One layer: attention, then feed-forward, each normalised after its sum.
 *
 * @param x `[B, T, width]`.
 * @param layer Its weights.
 * @param options.mask Added to the attention scores, `[B, 1, 1, T]`.
 * @returns `[B, T, width]`.
 */
export function ernieLayer(
  x: tf.Tensor,
  layer: ErnieLayerOf<tf.Tensor>,
  options: BlockOptions & { readonly mask: tf.Tensor },
): tf.Tensor {
  return postNormMlp(postNormAttention(x, layer.attention, options), layer.feedForward, options);
}

/**
 * Runs the model on token ids: differentiable with respect to all weights.
 *
 * @param weights The model.
 * @param text Ids and mask `[B, T]` int32 (1 = real token), and type ids other than 0.
 * @param config Sizes.
 * @returns Hidden states `[B, T, width]`; those of padding mean nothing.
 */
export function ernieHidden(
  weights: ErnieOf<tf.Tensor>,
  text: TypeIds & { readonly ids: tf.Tensor; readonly mask: tf.Tensor },
  config: ErnieConfig,
): tf.Tensor {
  const options = { ...config, mask: keyMask(text.mask) };
  const embedded = ernieEmbed(weights, embed(weights.words, text.ids), {
    epsilon: config.epsilon,
    types: text,
  });
  return weights.layers.reduce((x, layer) => ernieLayer(x, layer, options), embedded);
}

/**
 * Pools hidden states into one vector a text, not normalised.
 *
 * @param hidden `[B, T, width]`.
 * @param mask `[B, T]`, 1 = real token.
 * @param options.pooling `mean` over real tokens, the first token, or the tanh pooler over the first token.
 * @param options.pooler Its weights; needed for `pooler`.
 * @returns `[B, width]`.
 */
export function poolText(
  hidden: tf.Tensor,
  mask: tf.Tensor,
  options: { readonly pooling: TextPooling; readonly pooler?: AffineOf<tf.Tensor> | undefined },
): tf.Tensor {
  const [batch, , width] = hidden.shape as [number, number, number];
  if (options.pooling === "mean") {
    const weights = tf.expandDims(tf.cast(mask, "float32"), -1);
    return tf.div(tf.sum(tf.mul(hidden, weights), 1), tf.maximum(tf.sum(weights, 1), 1));
  }
  const first = tf.reshape(tf.slice(hidden, [0, 0, 0], [-1, 1, -1]), [batch, width]);
  if (options.pooling === "cls") return first;
  if (options.pooler === undefined) throw new Error("this checkpoint has no pooler; choose mean or cls");
  return tf.tanh(linear(first, options.pooler));
}

/**
 * Embeds texts as vectors of length 1, whose dot products are cosines.
 *
 * @param weights The model.
 * @param text Ids and mask `[B, T]`.
 * @param options Sizes and pooling.
 * @returns `[B, width]`.
 */
export function ernieEmbedding(
  weights: ErnieOf<tf.Tensor>,
  text: { readonly ids: tf.Tensor; readonly mask: tf.Tensor },
  options: ErnieConfig & { readonly pooling: TextPooling },
): tf.Tensor {
  const hidden = ernieHidden(weights, text, options);
  return unit(poolText(hidden, text.mask, { pooling: options.pooling, pooler: weights.pooler }));
}

/**
 * Makes published names uniform: no `ernie.` or `bert.` prefix, `gamma`/`beta` as `weight`/`bias`, no heads.
 *
 * @param name A name in a file.
 * @returns The name that {@link ernieParameters} uses, or `null`.
 */
export function ernieName(name: string): string | null {
  if (/^cls\.|(^|\.)(position_ids|token_type_ids)$/.test(name)) return null;
  return name.replace(/^(ernie|bert)\./, "")
    .replace(/\.LayerNorm\.gamma$/, ".LayerNorm.weight")
    .replace(/\.LayerNorm\.beta$/, ".LayerNorm.bias");
}

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param checkpoint A checkpoint after {@link ernieName}.
 * @param options Heads, ε, activation and `use_task_id` from `config.json`.
 * @returns The sizes, or the missing tensor.
 */
export function ernieConfig(
  checkpoint: Checkpoint,
  options: BlockOptions & { readonly useTaskId: boolean },
): Checked<ErnieConfig> {
  const rows = (kind: string) => checkpoint.shape(`embeddings.${kind}_embeddings.weight`)?.[0] ?? 0;
  return pipe(
    shapeOf(checkpoint, "embeddings.word_embeddings.weight", 2),
    E.map(([vocabularySize = 0, width = 0]) => ({
      heads: options.heads,
      epsilon: options.epsilon,
      activation: options.activation,
      width,
      vocabularySize,
      layers: countParts(checkpoint, "encoder.layer."),
      mlpWidth: checkpoint.shape("encoder.layer.0.intermediate.dense.weight")?.[0] ?? 0,
      positions: rows("position"),
      tokenTypes: rows("token_type"),
      taskTypes: options.useTaskId ? Math.max(rows("task_type"), 1) : 0,
      hasPooler: checkpoint.shape("pooler.dense.weight") !== undefined,
    })),
  );
}
