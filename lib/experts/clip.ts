/**
 * CLIP: a picture tower and a text tower that meet in one space.
 *
 * Radford et al., "Learning Transferable Visual Models From Natural Language Supervision". Names and layouts are those of
 * the published checkpoints, `pre_layrnorm` included.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../core/key.ts";
import type { Checked } from "../core/stage.ts";
import { embed, layerNorm, linear, unit } from "../tensor/ops.ts";
import { tf } from "../tensor/tf.ts";
import { type BlockOptions, causalMask, preNormBlock, type PreNormBlockOf } from "./blocks.ts";
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
import { embedPatches, prependClass } from "./vision.ts";

/** Sizes of one tower. */
export interface ClipTowerConfig extends BlockOptions {
  readonly width: number;
  readonly layers: number;
  readonly mlpWidth: number;
}

/** Sizes of a CLIP. */
export interface ClipConfig {
  readonly vision: ClipTowerConfig & { readonly patchSize: number; readonly gridSide: number };
  readonly text: ClipTowerConfig & { readonly vocabularySize: number; readonly positions: number };
  /** Width of the common space. */
  readonly projection: number;
}

/** The picture tower. */
export type ClipVisionOf<P> = {
  readonly classToken: P;
  readonly positions: P;
  readonly patch: AffineOf<P>;
  readonly normBefore: AffineOf<P>;
  readonly layers: readonly PreNormBlockOf<P>[];
  readonly normAfter: AffineOf<P>;
  readonly projection: AffineOf<P>;
};

/** The text tower without its token table, which may stay in the computer's memory. */
export type ClipTextOf<P> = {
  readonly positions: P;
  readonly layers: readonly PreNormBlockOf<P>[];
  readonly norm: AffineOf<P>;
  readonly projection: AffineOf<P>;
};

/** Weights of a CLIP, or their places. */
export type ClipOf<P> = {
  readonly vision: ClipVisionOf<P>;
  readonly text: ClipTextOf<P>;
  readonly tokens: P;
};

const blockParameters = (
  prefix: string,
  { width, mlpWidth }: ClipTowerConfig,
): PreNormBlockOf<Parameter> => ({
  norm1: normParameters(`${prefix}.layer_norm1`, width),
  attention: {
    query: layerParameters(`${prefix}.self_attn.q_proj`, [width, width]),
    key: layerParameters(`${prefix}.self_attn.k_proj`, [width, width]),
    value: layerParameters(`${prefix}.self_attn.v_proj`, [width, width]),
    output: layerParameters(`${prefix}.self_attn.out_proj`, [width, width]),
  },
  norm2: normParameters(`${prefix}.layer_norm2`, width),
  mlp: {
    inner: layerParameters(`${prefix}.mlp.fc1`, [mlpWidth, width]),
    outer: layerParameters(`${prefix}.mlp.fc2`, [width, mlpWidth]),
  },
});

const layersOf = (prefix: string, tower: ClipTowerConfig): readonly PreNormBlockOf<Parameter>[] =>
  Array.from(
    { length: tower.layers },
    (_, index) => blockParameters(`${prefix}.encoder.layers.${index}`, tower),
  );

/**
 * Says which published tensor is which weight of the picture tower.
 *
 * @param config Sizes.
 * @returns The places.
 */
export function clipVisionParameters({ vision, projection }: ClipConfig): ClipVisionOf<Parameter> {
  const { width, patchSize, gridSide } = vision;
  const patch = layerParameters("vision_model.embeddings.patch_embedding", [width, 3, patchSize, patchSize], {
    bias: false,
  });
  return {
    classToken: parameter("vision_model.embeddings.class_embedding", [width]),
    positions: parameter("vision_model.embeddings.position_embedding.weight", [1 + gridSide ** 2, width]),
    patch,
    normBefore: normParameters("vision_model.pre_layrnorm", width),
    layers: layersOf("vision_model", vision),
    normAfter: normParameters("vision_model.post_layernorm", width),
    projection: layerParameters("visual_projection", [projection, width], { bias: false }),
  };
}

/**
 * Says which published tensor is which weight of the text tower, the token table left out.
 *
 * @param config Sizes.
 * @returns The places.
 */
export function clipTextParameters({ text, projection }: ClipConfig): ClipTextOf<Parameter> {
  const { width, positions } = text;
  return {
    positions: parameter("text_model.embeddings.position_embedding.weight", [positions, width]),
    layers: layersOf("text_model", text),
    norm: normParameters("text_model.final_layer_norm", width),
    projection: layerParameters("text_projection", [projection, width], { bias: false }),
  };
}

/**
 * Says where the token table is.
 *
 * @param config Sizes.
 * @returns Its place, `[vocabulary, width]`.
 */
export function clipTokens({ text }: ClipConfig): Parameter {
  return parameter("text_model.embeddings.token_embedding.weight", [text.vocabularySize, text.width]);
}

/**
 * Says which published tensor is which weight.
 *
 * @param config Sizes.
 * @returns The places of all weights.
 */
export function clipParameters(config: ClipConfig): ClipOf<Parameter> {
  return {
    vision: clipVisionParameters(config),
    text: clipTextParameters(config),
    tokens: clipTokens(config),
  };
}

/**
 * Starts a CLIP at random.
 *
 * @param key The key.
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialClipArrays(key: Key, config: ClipConfig): FloatArrays {
  return initialArrays(key, clipParameters(config));
}

/**
 * Embeds pictures as tokens: patches, class token, positions, norm.
 *
 * @param weights The picture tower.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns `[B, 1 + patches, width]`.
 */
export function clipVisionEmbed(
  weights: ClipVisionOf<tf.Tensor>,
  pixels: tf.Tensor,
  config: ClipConfig["vision"],
): tf.Tensor {
  const [, height, width] = pixels.shape as [number, number, number];
  const grid = [Math.floor(height / config.patchSize), Math.floor(width / config.patchSize)] as const;
  const tokens = prependClass(embedPatches(pixels, weights.patch), weights, { grid, antialias: false });
  return layerNorm(tokens, weights.normBefore, config.epsilon);
}

/**
 * Reads the class token after the last block: norm, projection, length 1.
 *
 * @param weights The picture tower.
 * @param hidden `[B, 1 + patches, width]`.
 * @param epsilon ε.
 * @returns `[B, projection]`.
 */
export function clipVisionHead(
  weights: ClipVisionOf<tf.Tensor>,
  hidden: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const [batch, , width] = hidden.shape as [number, number, number];
  const first = tf.reshape(tf.slice(hidden, [0, 0, 0], [-1, 1, -1]), [batch, width]);
  return unit(linear(layerNorm(first, weights.normAfter, epsilon), weights.projection));
}

/**
 * Embeds pictures in the common space; differentiable with respect to weights and pixels.
 *
 * @param weights The picture tower.
 * @param pixels Normalised pixels `[B, H, W, 3]`.
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function clipImageEmbedding(
  weights: ClipVisionOf<tf.Tensor>,
  pixels: tf.Tensor,
  config: ClipConfig,
): tf.Tensor {
  const embedded = clipVisionEmbed(weights, pixels, config.vision);
  const hidden = weights.layers.reduce((x, layer) => preNormBlock(x, layer, config.vision), embedded);
  return clipVisionHead(weights, hidden, config.vision.epsilon);
}

/**
 * Adds positions to token vectors.
 *
 * @param weights The text tower.
 * @param tokens Token vectors `[B, T, width]`.
 * @returns `[B, T, width]`.
 */
export function clipTextEmbed(weights: ClipTextOf<tf.Tensor>, tokens: tf.Tensor): tf.Tensor {
  return tf.add(tokens, tf.slice(weights.positions, [0, 0], [tokens.shape[1] as number, -1]));
}

/**
 * One block of the text tower: each position sees itself and those before it.
 *
 * @param x `[B, T, width]`.
 * @param layer Its weights.
 * @param config Sizes.
 * @returns `[B, T, width]`.
 */
export function clipTextLayer(
  x: tf.Tensor,
  layer: PreNormBlockOf<tf.Tensor>,
  config: BlockOptions,
): tf.Tensor {
  return preNormBlock(x, layer, { ...config, mask: causalMask(x.shape[1] as number) });
}

/**
 * Reads the hidden state at the end of each text: norm, projection, length 1.
 *
 * @param weights The text tower.
 * @param text Hidden states `[B, T, width]` and ends `[B, T]`, 1 at the end-of-text token and 0 elsewhere.
 * @param epsilon ε.
 * @returns `[B, projection]`.
 */
export function clipTextHead(
  weights: ClipTextOf<tf.Tensor>,
  text: { readonly hidden: tf.Tensor; readonly ends: tf.Tensor },
  epsilon: number,
): tf.Tensor {
  const last = tf.sum(tf.mul(text.hidden, tf.expandDims(text.ends, -1)), 1);
  return unit(linear(layerNorm(last, weights.norm, epsilon), weights.projection));
}

/**
 * Embeds texts in the common space; differentiable with respect to all weights.
 *
 * @param weights Text tower and token table.
 * @param text Ids `[B, T]` int32 and ends `[B, T]` (see {@link clipTextHead}).
 * @param config Sizes.
 * @returns Vectors of length 1, `[B, projection]`.
 */
export function clipTextEmbedding(
  weights: Pick<ClipOf<tf.Tensor>, "text" | "tokens">,
  text: { readonly ids: tf.Tensor; readonly ends: tf.Tensor },
  config: ClipConfig,
): tf.Tensor {
  const embedded = clipTextEmbed(weights.text, embed(weights.tokens, text.ids));
  const hidden = weights.text.layers.reduce((x, layer) => clipTextLayer(x, layer, config.text), embedded);
  return clipTextHead(weights.text, { hidden, ends: text.ends }, config.text.epsilon);
}

/**
 * Marks the end of each text: the first end-of-text token.
 *
 * @param rows Token ids of each text, padded to one length.
 * @param endOfText Its id; 2 stands for "the highest id of the row", as early checkpoints have it.
 * @returns 1 at the end and 0 elsewhere, row-major.
 */
export function textEnds(rows: readonly (readonly number[])[], endOfText: number): Float32Array {
  const length = rows[0]?.length ?? 0;
  const ends = new Float32Array(rows.length * length);
  rows.forEach((row, index) => {
    const wanted = endOfText === 2 ? Math.max(...row) : endOfText;
    ends[index * length + Math.max(row.indexOf(wanted), 0)] = 1;
  });
  return ends;
}

/**
 * Drops what the model does without.
 *
 * @param name A name in a file.
 * @returns The name that {@link clipParameters} uses, or `null`.
 */
export function clipName(name: string): string | null {
  return name === "logit_scale" || name.endsWith(".position_ids") ? null : name;
}

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param checkpoint A checkpoint after {@link clipName}.
 * @param options Heads, ε and activation of both towers from `config.json`.
 * @returns The sizes, or the missing tensor.
 */
export function clipConfig(
  checkpoint: Checkpoint,
  options: { readonly vision: BlockOptions; readonly text: BlockOptions },
): Checked<ClipConfig> {
  const tower = (prefix: string, block: BlockOptions) => ({
    ...block,
    layers: countParts(checkpoint, `${prefix}.encoder.layers.`),
    mlpWidth: checkpoint.shape(`${prefix}.encoder.layers.0.mlp.fc1.weight`)?.[0] ?? 0,
  });
  return pipe(
    E.Do,
    E.bind("patch", () => shapeOf(checkpoint, "vision_model.embeddings.patch_embedding.weight", 4)),
    E.bind("grid", () => shapeOf(checkpoint, "vision_model.embeddings.position_embedding.weight", 2)),
    E.bind("tokens", () => shapeOf(checkpoint, "text_model.embeddings.token_embedding.weight", 2)),
    E.bind("positions", () => shapeOf(checkpoint, "text_model.embeddings.position_embedding.weight", 2)),
    E.bind("projection", () => shapeOf(checkpoint, "visual_projection.weight", 2)),
    E.map(({ patch, grid, tokens, positions, projection }) => ({
      vision: {
        ...tower("vision_model", options.vision),
        width: patch[0] ?? 0,
        patchSize: patch[2] ?? 0,
        gridSide: Math.round(Math.sqrt((grid[0] ?? 1) - 1)),
      },
      text: {
        ...tower("text_model", options.text),
        width: tokens[1] ?? 0,
        vocabularySize: tokens[0] ?? 0,
        positions: positions[0] ?? 0,
      },
      projection: projection[0] ?? 0,
    })),
  );
}
