/**
 * Sizes of an InceptionResnetV1, and which published tensor is which of its weights.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Key } from "../../core/key.ts";
import type { Checked } from "../../core/stage.ts";
import type { WeightSource } from "../../tensor/weight_source.ts";
import { countParts, shapeOf } from "../shared/checkpoint.ts";
import {
  type AffineOf,
  type FloatArrays,
  initialArrays,
  layerParameters,
  type Parameter,
  parameter,
} from "../shared/parameters.ts";

/** Sizes of an InceptionResnetV1. */
export interface InceptionConfig {
  /** Output channels of every convolution with a norm, by its published name, `repeat_1.0.branch1.0`. */
  readonly channels: Readonly<Record<string, number>>;
  /** How often the three residual blocks repeat; published 5, 10, 5. */
  readonly repeats: readonly [number, number, number];
  /** Width of the embedding; published 512. */
  readonly embedding: number;
}

/** Scale, shift and running statistics of a batch norm. */
export type BatchNormOf<P> = {
  readonly scale: P;
  readonly shift: P;
  readonly mean: P;
  readonly variance: P;
};

/** A convolution without bias, its norm; a ReLU follows. */
export type ConvOf<P> = { readonly weight: P; readonly norm: BatchNormOf<P> };

/** A residual block: parallel branches, joined, projected back, scaled, added. */
export type ResidualOf<P> = {
  readonly branches: readonly (readonly ConvOf<P>[])[];
  readonly projection: AffineOf<P>;
};

/** Weights of an InceptionResnetV1, or their places. */
export type InceptionOf<P> = {
  /** 1a, 2a, 2b, 3b, 4a, 4b; a max pool stands between 2b and 3b. */
  readonly stem: readonly ConvOf<P>[];
  readonly repeat1: readonly ResidualOf<P>[];
  readonly mixed6: readonly (readonly ConvOf<P>[])[];
  readonly repeat2: readonly ResidualOf<P>[];
  readonly mixed7: readonly (readonly ConvOf<P>[])[];
  readonly repeat3: readonly ResidualOf<P>[];
  readonly last: ResidualOf<P>;
  readonly linear: P;
  readonly norm: BatchNormOf<P>;
};

type Kernel = readonly [height: number, width: number];
const K1: Kernel = [1, 1];
const K3: Kernel = [3, 3];
const STEM = ["1a", "2a", "2b", "3b", "4a", "4b"] as const;
const STEM_KERNELS: readonly Kernel[] = [K3, K3, K3, K1, K3, K3];
const BLOCK35: readonly (readonly Kernel[])[] = [[K1], [K1, K3], [K1, K3, K3]];
const BLOCK17: readonly (readonly Kernel[])[] = [[K1], [K1, [1, 7], [7, 1]]];
const BLOCK8: readonly (readonly Kernel[])[] = [[K1], [K1, [1, 3], [3, 1]]];
const MIXED6: readonly (readonly Kernel[])[] = [[K3], [K1, K3, K3]];
const MIXED7: readonly (readonly Kernel[])[] = [[K1, K3], [K1, K3], [K1, K3, K3]];

const normParameters = (prefix: string, channels: number): BatchNormOf<Parameter> => ({
  scale: parameter(`${prefix}.weight`, [channels], { constant: 1 }),
  shift: parameter(`${prefix}.bias`, [channels], { constant: 0 }),
  mean: parameter(`${prefix}.running_mean`, [channels], { constant: 0 }),
  variance: parameter(`${prefix}.running_var`, [channels], { constant: 1 }),
});

interface Branches {
  readonly weights: readonly (readonly ConvOf<Parameter>[])[];
  /** Channels of all branch outputs together. */
  readonly out: number;
}

const convParameters = (name: string, shape: readonly [number, number, ...Kernel]): ConvOf<Parameter> => ({
  weight: layerParameters(`${name}.conv`, shape, { bias: false, gain: 2 }).weight,
  norm: normParameters(`${name}.bn`, shape[0]),
});

function chainParameters(
  names: readonly string[],
  kernels: readonly Kernel[],
  options: { readonly input: number; readonly channels: InceptionConfig["channels"] },
): { readonly weights: readonly ConvOf<Parameter>[]; readonly out: number } {
  const outs = names.map((name) => options.channels[name] ?? 0);
  const weights = names.map((name, index) =>
    convParameters(name, [outs[index] ?? 0, outs[index - 1] ?? options.input, ...(kernels[index] ?? K1)])
  );
  return { weights, out: outs[outs.length - 1] ?? 0 };
}

function branchParameters(
  prefix: string,
  kernels: readonly (readonly Kernel[])[],
  options: { readonly input: number; readonly channels: InceptionConfig["channels"] },
): Branches {
  const chains = kernels.map((branch, number) => {
    const name = `${prefix}.branch${number}`;
    const names = branch.length === 1 ? [name] : branch.map((_, index) => `${name}.${index}`);
    return chainParameters(names, branch, options);
  });
  return {
    weights: chains.map((chain) => chain.weights),
    out: chains.reduce((sum, chain) => sum + chain.out, 0),
  };
}

function residualParameters(
  prefix: string,
  kernels: readonly (readonly Kernel[])[],
  options: { readonly input: number; readonly channels: InceptionConfig["channels"] },
): ResidualOf<Parameter> {
  const branches = branchParameters(prefix, kernels, options);
  const projection = layerParameters(`${prefix}.conv2d`, [options.input, branches.out, 1, 1]);
  return { branches: branches.weights, projection };
}

/**
 * Says which published tensor is which weight.
 *
 * @param config Sizes.
 * @returns The places of all weights.
 */
export function inceptionParameters(
  { channels, repeats, embedding }: InceptionConfig,
): InceptionOf<Parameter> {
  const stem = chainParameters(STEM.map((name) => `conv2d_${name}`), STEM_KERNELS, { input: 3, channels });
  const first = { input: stem.out, channels };
  const mixed6 = branchParameters("mixed_6a", MIXED6, first);
  const second = { input: mixed6.out + first.input, channels };
  const mixed7 = branchParameters("mixed_7a", MIXED7, second);
  const third = { input: mixed7.out + second.input, channels };
  const repeat = (name: string, count: number, kernels: typeof BLOCK35, options: typeof first) =>
    Array.from({ length: count }, (_, index) => residualParameters(`${name}.${index}`, kernels, options));
  return {
    stem: stem.weights,
    repeat1: repeat("repeat_1", repeats[0], BLOCK35, first),
    mixed6: mixed6.weights,
    repeat2: repeat("repeat_2", repeats[1], BLOCK17, second),
    mixed7: mixed7.weights,
    repeat3: repeat("repeat_3", repeats[2], BLOCK8, third),
    last: residualParameters("block8", BLOCK8, third),
    linear: layerParameters("last_linear", [embedding, third.input], { bias: false }).weight,
    norm: normParameters("last_bn", embedding),
  };
}

/**
 * Starts an InceptionResnetV1 at random.
 *
 * @param config Sizes.
 * @returns The numbers under their published names.
 */
export function initialInceptionArrays(key: Key, config: InceptionConfig): FloatArrays {
  return initialArrays(key, inceptionParameters(config));
}

const PUBLISHED = {
  stem: [32, 32, 64, 80, 192, 256],
  block35: 32,
  mixed6: [[384], [192, 192, 256]],
  block17: 128,
  mixed7: [[256, 384], [256, 256], [256, 256, 256]],
  block8: 192,
} as const;

/**
 * Makes the sizes of a wider or narrower network than the published one.
 *
 * @param options.multiplier Factor on all channels, at least 1 is kept; 1 is the published network.
 * @param options.repeats How often the three residual blocks repeat.
 * @param options.embedding Width of the embedding.
 *
 * @example
 * ```ts
 * import { inceptionSizes } from "./inception_config.ts";
 * import assert from "node:assert/strict";
 * const { channels } = inceptionSizes({ multiplier: 0.25, repeats: [1, 1, 1], embedding: 64 });
 * assert.equal(channels["conv2d_4b"], 64);
 * ```
 */
export function inceptionSizes(
  options: {
    readonly multiplier: number;
    readonly repeats: InceptionConfig["repeats"];
    readonly embedding: number;
  },
): InceptionConfig {
  const { multiplier, repeats, embedding } = options;
  const channels: Record<string, number> = {};
  const set = (name: string, published: number) => {
    channels[name] = Math.max(1, Math.round(published * multiplier));
  };
  const branch = (
    prefix: string,
    kernels: readonly (readonly Kernel[])[],
    width: (i: number, j: number) => number,
  ) =>
    kernels.forEach((chain, i) =>
      chain.forEach((_, j) => set(`${prefix}.branch${i}${chain.length === 1 ? "" : `.${j}`}`, width(i, j)))
    );
  STEM.forEach((name, index) => set(`conv2d_${name}`, PUBLISHED.stem[index] ?? 0));
  for (let index = 0; index < repeats[0]; index++) {
    branch(`repeat_1.${index}`, BLOCK35, () => PUBLISHED.block35);
  }
  branch("mixed_6a", MIXED6, (i, j) => PUBLISHED.mixed6[i]?.[j] ?? 0);
  for (let index = 0; index < repeats[1]; index++) {
    branch(`repeat_2.${index}`, BLOCK17, () => PUBLISHED.block17);
  }
  branch("mixed_7a", MIXED7, (i, j) => PUBLISHED.mixed7[i]?.[j] ?? 0);
  for (let index = 0; index < repeats[2]; index++) {
    branch(`repeat_3.${index}`, BLOCK8, () => PUBLISHED.block8);
  }
  branch("block8", BLOCK8, () => PUBLISHED.block8);
  return { channels, repeats, embedding };
}

/** Tensors that a FaceNet file may hold and this code doesn't use: the classifier of its training, counters. */
export const INCEPTION_EXTRAS: readonly RegExp[] = [/^logits\./, /\.num_batches_tracked$/];

/**
 * Reads the sizes from the shapes of the tensors.
 *
 * @returns The sizes, or the missing tensor.
 */
export function inceptionConfig(source: WeightSource): Checked<InceptionConfig> {
  const suffix = ".conv.weight";
  const convolutions = source.names.filter((name) => name.endsWith(suffix));
  return pipe(
    shapeOf(source, "last_linear.weight", 2),
    E.map((shape) => ({
      channels: Object.fromEntries(
        convolutions.map((name) => [name.slice(0, -suffix.length), source.info(name)?.shape[0] ?? 0]),
      ),
      repeats: [
        countParts(source, "repeat_1."),
        countParts(source, "repeat_2."),
        countParts(source, "repeat_3."),
      ] as const,
      embedding: shape[0] ?? 0,
    })),
  );
}
