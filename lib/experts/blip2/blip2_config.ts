/**
 * Sizes of a BLIP-2 retrieval model, and which published tensor is which of its weights.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../../core/key.ts";
import type { Checked } from "../../core/stage.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import type {
  AttentionOf,
  BlockOptions,
  PostNormAttentionOf,
  PostNormMlpOf,
  PreNormBlockOf,
} from "../shared/blocks.ts";
import { countParts, shapeOf } from "../shared/checkpoint.ts";
import {
  type AffineOf,
  type FloatArrays,
  initialArrays,
  layerParameters,
  normParameters,
  type Parameter,
  parameter,
} from "../shared/parameters.ts";

/** Sizes of the picture tower. */
export interface Blip2VisionConfig extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  readonly mlpWidth: number;
  readonly patchSize: number;
  readonly gridSide: number;
}

/** Sizes of the querying transformer. */
export interface QformerConfig extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  readonly mlpWidth: number;
  /** Every so many layers, from the first on, look at the picture. */
  readonly crossFrequency: number;
  readonly queries: number;
  readonly vocabularySize: number;
  readonly positions: number;
}

/** Sizes of a BLIP-2 retrieval model. */
export interface Blip2Config {
  readonly vision: Blip2VisionConfig;
  readonly qformer: QformerConfig;
  /** Width of the common space. */
  readonly projection: number;
}

/** The picture tower. */
export type Blip2VisionOf<P> = {
  readonly classToken: P;
  readonly positions: P;
  readonly patch: AffineOf<P>;
  readonly layers: readonly PreNormBlockOf<P>[];
  readonly norm: AffineOf<P>;
};

/** A layer of the querying transformer: shared attention, separate feed-forward parts for queries and text. */
export type QformerLayerOf<P> = {
  readonly attention: PostNormAttentionOf<P>;
  readonly cross?: PostNormAttentionOf<P>;
  readonly queryMlp: PostNormMlpOf<P>;
  readonly textMlp: PostNormMlpOf<P>;
};

/** The querying transformer with its heads, without the word table. */
export type QformerOf<P> = {
  readonly queries: P;
  readonly positions: P;
  readonly norm: AffineOf<P>;
  readonly layers: readonly QformerLayerOf<P>[];
  readonly imageProjection: AffineOf<P>;
  readonly textProjection: AffineOf<P>;
  readonly matching: AffineOf<P>;
};

/** Weights of a BLIP-2 retrieval model, or their places. */
export type Blip2Of<P> = {
  readonly vision: Blip2VisionOf<P>;
  readonly qformer: QformerOf<P>;
  readonly words: P;
};

const visionBlock = (index: number, { width, mlpWidth }: Blip2VisionConfig): PreNormBlockOf<Parameter> => {
  const prefix = `vision_model.encoder.layers.${index}`;
  return {
    norm1: normParameters(`${prefix}.layer_norm1`, width),
    attention: {
      fused: layerParameters(`${prefix}.self_attn.qkv`, [3 * width, width]),
      output: layerParameters(`${prefix}.self_attn.projection`, [width, width]),
    },
    norm2: normParameters(`${prefix}.layer_norm2`, width),
    mlp: {
      inner: layerParameters(`${prefix}.mlp.fc1`, [mlpWidth, width]),
      outer: layerParameters(`${prefix}.mlp.fc2`, [width, mlpWidth]),
    },
  };
};

/**
 * Says which published tensor is which weight of one layer of the picture tower.
 *
 * @param index Number of the layer.
 * @param config Sizes.
 */
export function blip2VisionLayer(index: number, config: Blip2Config): PreNormBlockOf<Parameter> {
  return visionBlock(index, config.vision);
}

/**
 * Says which published tensor is which weight of the picture tower.
 *
 * @param config Sizes.
 */
export function blip2VisionParameters({ vision }: Blip2Config): Blip2VisionOf<Parameter> {
  const { width, patchSize, gridSide } = vision;
  const prefix = "vision_model.embeddings";
  return {
    classToken: parameter(`${prefix}.class_embedding`, [1, 1, width]),
    positions: parameter(`${prefix}.position_embedding`, [1, 1 + gridSide ** 2, width]),
    patch: layerParameters(`${prefix}.patch_embedding`, [width, 3, patchSize, patchSize]),
    layers: Array.from({ length: vision.layers }, (_, index) => visionBlock(index, vision)),
    norm: normParameters("vision_model.post_layernorm", width),
  };
}

const attentionPart = (prefix: string, width: number, context: number): PostNormAttentionOf<Parameter> => {
  const attention: AttentionOf<Parameter> = {
    query: layerParameters(`${prefix}.attention.query`, [width, width]),
    key: layerParameters(`${prefix}.attention.key`, [width, context]),
    value: layerParameters(`${prefix}.attention.value`, [width, context]),
    output: layerParameters(`${prefix}.output.dense`, [width, width]),
  };
  return { attention, norm: normParameters(`${prefix}.output.LayerNorm`, width) };
};

const mlpPart = (
  prefix: string,
  suffix: "" | "_query",
  { width, mlpWidth }: QformerConfig,
): PostNormMlpOf<Parameter> => ({
  mlp: {
    inner: layerParameters(`${prefix}.intermediate${suffix}.dense`, [mlpWidth, width]),
    outer: layerParameters(`${prefix}.output${suffix}.dense`, [width, mlpWidth]),
  },
  norm: normParameters(`${prefix}.output${suffix}.LayerNorm`, width),
});

const qformerLayer = (index: number, { vision, qformer }: Blip2Config): QformerLayerOf<Parameter> => {
  const prefix = `qformer.encoder.layer.${index}`;
  const looks = index % qformer.crossFrequency === 0;
  return {
    attention: attentionPart(`${prefix}.attention`, qformer.width, qformer.width),
    ...(looks ? { cross: attentionPart(`${prefix}.crossattention`, qformer.width, vision.width) } : {}),
    queryMlp: mlpPart(prefix, "_query", qformer),
    textMlp: mlpPart(prefix, "", qformer),
  };
};

/**
 * Says which published tensor is which weight of the querying transformer and its heads.
 *
 * @param config Sizes.
 */
export function qformerParameters(config: Blip2Config): QformerOf<Parameter> {
  const { width, queries, positions, layers } = config.qformer;
  return {
    queries: parameter("query_tokens", [1, queries, width]),
    positions: parameter("embeddings.position_embeddings.weight", [positions, width]),
    norm: normParameters("qformer.layernorm", width),
    layers: Array.from({ length: layers }, (_, index) => qformerLayer(index, config)),
    imageProjection: layerParameters("vision_projection", [config.projection, width]),
    textProjection: layerParameters("text_projection", [config.projection, width]),
    matching: layerParameters("itm_head", [2, width]),
  };
}

/**
 * Says where the word table is.
 *
 * @param config Sizes.
 * @returns Its place, `[vocabulary, width]`.
 */
export function blip2Words({ qformer }: Blip2Config): Parameter {
  return parameter("embeddings.word_embeddings.weight", [qformer.vocabularySize, qformer.width]);
}

/**
 * Says which published tensor is which weight.
 *
 * @param config Sizes.
 * @returns The places of all weights.
 */
export function blip2Parameters(config: Blip2Config): Blip2Of<Parameter> {
  return {
    vision: blip2VisionParameters(config),
    qformer: qformerParameters(config),
    words: blip2Words(config),
  };
}

/**
 * Starts a BLIP-2 retrieval model at random.
 *
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialBlip2Arrays(key: Key, config: Blip2Config): FloatArrays {
  return initialArrays(key, blip2Parameters(config));
}

/** Tensors that a BLIP-2 file may hold and this code doesn't use: the language model of other uses, counters. */
export const BLIP2_EXTRAS: readonly RegExp[] = [
  /\.position_ids$/,
  /^temp$/,
  /^(language_model|language_projection|Qformer\.cls|qformer\.cls|cls)\./,
];

const visionConfig = (
  source: WeightSource,
  options: BlockOptions,
): Checked<Blip2VisionConfig> =>
  pipe(
    E.Do,
    E.bind("patch", () => shapeOf(source, "vision_model.embeddings.patch_embedding.weight", 4)),
    E.bind("positions", () => shapeOf(source, "vision_model.embeddings.position_embedding", 3)),
    E.map(({ patch, positions }) => ({
      ...options,
      width: patch[0] ?? 0,
      patchSize: patch[2] ?? 0,
      gridSide: Math.round(Math.sqrt((positions[1] ?? 1) - 1)),
      layers: countParts(source, "vision_model.encoder.layers."),
      mlpWidth: source.info("vision_model.encoder.layers.0.mlp.fc1.weight")?.shape[0] ?? 0,
    })),
  );

const qformerConfig = (
  source: WeightSource,
  options: BlockOptions & { readonly crossFrequency: number },
): Checked<QformerConfig> =>
  pipe(
    E.Do,
    E.bind("queries", () => shapeOf(source, "query_tokens", 3)),
    E.bind("words", () => shapeOf(source, "embeddings.word_embeddings.weight", 2)),
    E.bind("positions", () => shapeOf(source, "embeddings.position_embeddings.weight", 2)),
    E.map(({ queries, words, positions }) => ({
      ...options,
      width: queries[2] ?? 0,
      queries: queries[1] ?? 0,
      vocabularySize: words[0] ?? 0,
      positions: positions[0] ?? 0,
      layers: countParts(source, "qformer.encoder.layer."),
      mlpWidth: source.info("qformer.encoder.layer.0.intermediate_query.dense.weight")?.shape[0] ?? 0,
    })),
  );

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param options Heads, ε and activation of both parts, and the cross-attention frequency, from `config.json`.
 * @returns The sizes, or the missing tensor.
 */
export function blip2Config(
  source: WeightSource,
  options: {
    readonly vision: BlockOptions;
    readonly qformer: BlockOptions & { readonly crossFrequency: number };
  },
): Checked<Blip2Config> {
  return pipe(
    E.Do,
    E.bind("vision", () => visionConfig(source, options.vision)),
    E.bind("qformer", () => qformerConfig(source, options.qformer)),
    E.bind("shape", () => shapeOf(source, "vision_projection.weight", 2)),
    E.map(({ vision, qformer, shape }) => ({ vision, qformer, projection: shape[0] ?? 0 })),
  );
}
