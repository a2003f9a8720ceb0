/**
 * Weights of the unified transformer: a typed tree inside, published names outside.
 *
 * Everything is in the published layout; linear layers are `[out, in]`.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../core/key.ts";
import type { Checked } from "../core/stage.ts";
import { elementCount, type NamedArray } from "../tensor/containers/dtype.ts";
import { type Initial, initialise, nest } from "../tensor/nest.ts";
import type { Affine } from "../tensor/ops.ts";
import type { tf } from "../tensor/tf.ts";
import { treeArrays } from "../tensor/tree_file.ts";
import { aliasTensor, checkWeights, renameTensors } from "../tensor/weight_names.ts";
import type { WeightSource } from "../tensor/weight_source.ts";
import { weightTensors } from "../tensor/weight_tensor.ts";
import type { ShowoConfig } from "./config.ts";

/** One layer: a norm shared by attention and feed-forward, norms of queries and keys per head. */
export type LayerWeights = {
  readonly norm: Affine;
  readonly q: Affine;
  readonly k: Affine;
  readonly v: Affine;
  readonly dense: Affine;
  /** `[head width]`, the same for all heads. */
  readonly qNorm: Affine;
  readonly kNorm: Affine;
  readonly fc1: Affine;
  readonly fc2: Affine;
};

/** All weights; the tables have the rows of the vocabulary without a concept. */
export type ShowoWeights = {
  /** `[V0, D]`. */
  readonly embed: tf.Tensor;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Affine;
  /** Weight `[V0, D]`, bias `[V0]`; not tied to the embedding. */
  readonly head: Affine;
};

const LAYER_NAMES: Readonly<Record<keyof LayerWeights, string>> = {
  norm: "input_layernorm",
  q: "self_attn.q_proj",
  k: "self_attn.k_proj",
  v: "self_attn.v_proj",
  dense: "self_attn.dense",
  qNorm: "self_attn.q_layernorm",
  kNorm: "self_attn.k_layernorm",
  fc1: "mlp.fc1",
  fc2: "mlp.fc2",
};
const LAYER_PARTS = new Map(Object.entries(LAYER_NAMES).map(([part, name]) => [name, part]));
const ROOT_NAMES: readonly (readonly [string, string])[] = [
  ["embed", "showo.model.embed_tokens.weight"],
  ["finalNorm.weight", "showo.model.final_layernorm.weight"],
  ["finalNorm.bias", "showo.model.final_layernorm.bias"],
  ["head.weight", "showo.lm_head.weight"],
  ["head.bias", "showo.lm_head.bias"],
];

/**
 * Names the published tensor of a path in {@link ShowoWeights}.
 *
 * @param path Such as `layers.3.q.weight`.
 * @returns Such as `showo.model.layers.3.self_attn.q_proj.weight`; `undefined` if there is no such path.
 *
 * @example
 * ```ts
 * import { pathOf, publishedName } from "./weights.ts";
 * import assert from "node:assert/strict";
 * assert.equal(publishedName("layers.3.fc1.bias"), "showo.model.layers.3.mlp.fc1.bias");
 * assert.equal(pathOf("showo.lm_head.bias"), "head.bias");
 * ```
 */
export function publishedName(path: string): string | undefined {
  const [, index, part, leaf] = /^layers\.(\d+)\.(\w+)\.(weight|bias)$/.exec(path) ?? [];
  if (part === undefined) return ROOT_NAMES.find(([root]) => root === path)?.[1];
  const name = LAYER_NAMES[part as keyof LayerWeights] as string | undefined;
  return name === undefined ? undefined : `showo.model.layers.${index}.${name}.${leaf}`;
}

/**
 * Finds the path of a published tensor: the inverse of {@link publishedName}.
 *
 * @param name The published name.
 * @returns The path; `undefined` for a name that is no parameter of this model.
 */
export function pathOf(name: string): string | undefined {
  const [, index, part, leaf] = /^showo\.model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (part === undefined) return ROOT_NAMES.find(([, root]) => root === name)?.[0];
  const own = LAYER_PARTS.get(part);
  return own === undefined ? undefined : `layers.${index}.${own}.${leaf}`;
}

type Entry = readonly [string, Initial];

const entry = (
  path: string,
  shape: readonly number[],
  fill: Initial["fill"],
): Entry => [path, { shape, fill }];

const linearEntries = (path: string, to: number, from: number): readonly Entry[] => [
  entry(`${path}.weight`, [to, from], { normal: 0.02 }),
  entry(`${path}.bias`, [to], { constant: 0 }),
];

const normEntries = (path: string, width: number): readonly Entry[] => [
  entry(`${path}.weight`, [width], { constant: 1 }),
  entry(`${path}.bias`, [width], { constant: 0 }),
];

/**
 * Lists the parameters of a model by path, with starting values for training one from scratch.
 *
 * @param config The sizes; concept rows don't count.
 * @returns Path → shape and distribution: normal numbers of deviation 0.02, norms 1 and 0, biases 0.
 */
export function showoParameters(config: ShowoConfig): ReadonlyMap<string, Initial> {
  const { width, mlpWidth, heads, layers, vocabulary } = config;
  const rows = vocabulary.size - vocabulary.conceptRows;
  const layer = (index: number): readonly Entry[] => [
    ...normEntries(`layers.${index}.norm`, width),
    ...["q", "k", "v", "dense"].flatMap((part) => linearEntries(`layers.${index}.${part}`, width, width)),
    ...normEntries(`layers.${index}.qNorm`, width / heads),
    ...normEntries(`layers.${index}.kNorm`, width / heads),
    ...linearEntries(`layers.${index}.fc1`, mlpWidth, width),
    ...linearEntries(`layers.${index}.fc2`, width, mlpWidth),
  ];
  return new Map([
    entry("embed", [rows, width], { normal: 0.02 }),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ...normEntries("finalNorm", width),
    ...linearEntries("head", rows, width),
  ]);
}

/**
 * Counts the parameters of a model.
 *
 * @param config The sizes; concept rows don't count.
 *
 * @example The published sizes
 * ```ts
 * import { parseShowoConfig } from "./config.ts";
 * import { parameterCount } from "./weights.ts";
 * import assert from "node:assert/strict";
 * const sizes = parseShowoConfig({ llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 1024 }, "config.json");
 * assert.ok(sizes._tag === "Right" && parameterCount(sizes.right) === 1_448_176_770);
 * ```
 */
export function parameterCount(config: ShowoConfig): number {
  return [...showoParameters(config).values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/**
 * Starts a model at random.
 *
 * @param key The random key; the numbers don't depend on the backend.
 * @returns Weights that the caller owns.
 */
export function initialShowoWeights(key: Key, config: ShowoConfig): ShowoWeights {
  return initialise(key, showoParameters(config)) as ShowoWeights;
}

/** Tensors of checkpoints that this model has no use for: projector of the CLIP variants, rotary buffers. */
const UNUSED = [/^showo\.mm_projector\./, /\.rotary_emb\.inv_freq$/] as const;

/** The published name, whatever wrappers of training frameworks put before it. */
const unwrapped = (name: string): string => `showo.${name.replace(/^(?:module\.)?(?:showo\.)?/, "")}`;

/** Offers the embedding as head where a file leaves the head out because the two are tied. */
function untied(source: WeightSource, config: ShowoConfig): WeightSource {
  const [embed, head] = ["embed", "head.weight"].map(publishedName) as [string, string];
  if (config.tied !== true || source.info(head) !== undefined || source.info(embed) === undefined) {
    return source;
  }
  return aliasTensor(source, head, embed);
}

/**
 * Reads the weights of a model from a file with published names, with or without the prefixes `module.` and `showo.`.
 *
 * @param source The open weights, of any float dtype.
 * @param config The sizes to expect.
 * @returns Weights that the caller owns. Left `InputInvalid` with every tensor that is missing, misshapen or unknown, or
 * what the file answered; then nothing stays in memory.
 */
export function showoWeightsFrom(source: WeightSource, config: ShowoConfig): Checked<ShowoWeights> {
  const parameters = showoParameters(config);
  const expected = new Map(
    [...parameters].map(([path, { shape }]) => [publishedName(path) as string, shape]),
  );
  const prefixed = untied(renameTensors(unwrapped)(source), config);
  return pipe(
    checkWeights(prefixed, expected, { ignore: UNUSED }),
    E.flatMap((checked) => weightTensors(checked, [...expected.keys()])),
    E.map((tensors) =>
      nest(tensors.map(([name, tensor]) => [pathOf(name) as string, tensor] as const)) as ShowoWeights
    ),
  );
}

/**
 * Reads weights back as arrays under their published names, to be written to a file.
 *
 * @param options.dtype How floats are written; default F32.
 * @returns Name → array.
 */
export function showoArrays(
  weights: ShowoWeights,
  options: { readonly dtype?: "F32" | "F16" } = {},
): ReadonlyMap<string, NamedArray> {
  return new Map(
    [...treeArrays(weights, options)].map(([path, array]) => [publishedName(path) as string, array]),
  );
}
