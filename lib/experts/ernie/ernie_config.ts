/**
 * Sizes of an ERNIE, which published tensor is which of its weights, and how the names of releases differ.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../../core/key.ts";
import type { Checked } from "../../core/stage.ts";
import { renameTensors } from "../../tensor/weight_names.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import type { BlockOptions, PostNormAttentionOf, PostNormMlpOf } from "../shared/blocks.ts";
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
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialErnieArrays(key: Key, config: ErnieConfig): FloatArrays {
  return initialArrays(key, ernieParameters(config));
}

/** Tensors that an ERNIE file may hold and this code doesn't use; the task table only where the config says so. */
export const ERNIE_EXTRAS: readonly RegExp[] = [
  /^cls\./,
  /(^|\.)(position_ids|token_type_ids)$/,
  /^embeddings\.task_type_embeddings\.weight$/,
];

/**
 * Makes published names uniform: no `ernie.` or `bert.` prefix, `gamma` and `beta` as `weight` and `bias`.
 *
 * @param source The weights as stored.
 * @returns The same weights under the names of {@link ernieParameters}.
 */
export function ernieSource(source: WeightSource): WeightSource {
  return renameTensors((name) =>
    name.replace(/^(ernie|bert)\./, "")
      .replace(/\.LayerNorm\.gamma$/, ".LayerNorm.weight")
      .replace(/\.LayerNorm\.beta$/, ".LayerNorm.bias")
  )(source);
}

/**
 * Reads the sizes from the shapes of the tensors; `config.json` adds what shapes can't tell.
 *
 * @param source Weights after {@link ernieSource}.
 * @param options Heads, ε, activation and `use_task_id` from `config.json`.
 * @returns The sizes, or the missing tensor.
 */
export function ernieConfig(
  source: WeightSource,
  options: BlockOptions & { readonly useTaskId: boolean },
): Checked<ErnieConfig> {
  const rows = (kind: string) => source.info(`embeddings.${kind}_embeddings.weight`)?.shape[0] ?? 0;
  return pipe(
    shapeOf(source, "embeddings.word_embeddings.weight", 2),
    E.map(([vocabularySize = 0, width = 0]) => ({
      heads: options.heads,
      epsilon: options.epsilon,
      activation: options.activation,
      width,
      vocabularySize,
      layers: countParts(source, "encoder.layer."),
      mlpWidth: source.info("encoder.layer.0.intermediate.dense.weight")?.shape[0] ?? 0,
      positions: rows("position"),
      tokenTypes: rows("token_type"),
      taskTypes: options.useTaskId ? Math.max(rows("task_type"), 1) : 0,
      hasPooler: source.info("pooler.dense.weight")?.shape !== undefined,
    })),
  );
}
