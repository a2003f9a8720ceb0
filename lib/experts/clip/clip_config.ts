/**
 * Sizes of a CLIP, and which published tensor is which of its weights.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../../core/key.ts";
import type { Checked } from "../../core/stage.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import type { BlockOptions, PreNormBlockOf } from "../shared/blocks.ts";
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
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialClipArrays(key: Key, config: ClipConfig): FloatArrays {
  return initialArrays(key, clipParameters(config));
}

/** Tensors that a CLIP file may hold and this code doesn't use. */
export const CLIP_EXTRAS: readonly RegExp[] = [/^logit_scale$/, /\.position_ids$/];

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param source Weights.
 * @param options Heads, ε and activation of both towers from `config.json`.
 * @returns The sizes, or the missing tensor.
 */
export function clipConfig(
  source: WeightSource,
  options: { readonly vision: BlockOptions; readonly text: BlockOptions },
): Checked<ClipConfig> {
  const tower = (prefix: string, block: BlockOptions) => ({
    ...block,
    layers: countParts(source, `${prefix}.encoder.layers.`),
    mlpWidth: source.info(`${prefix}.encoder.layers.0.mlp.fc1.weight`)?.shape[0] ?? 0,
  });
  return pipe(
    E.Do,
    E.bind("patch", () => shapeOf(source, "vision_model.embeddings.patch_embedding.weight", 4)),
    E.bind("grid", () => shapeOf(source, "vision_model.embeddings.position_embedding.weight", 2)),
    E.bind("tokens", () => shapeOf(source, "text_model.embeddings.token_embedding.weight", 2)),
    E.bind("positions", () => shapeOf(source, "text_model.embeddings.position_embedding.weight", 2)),
    E.bind("projection", () => shapeOf(source, "visual_projection.weight", 2)),
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
