/**
 * The folder of an image tokenizer: sizes in `config.json`, weights beside it.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../core/capability.ts";
import { attempt, type Checked, scoped, type Stage } from "../core/stage.ts";
import { nest } from "../tensor/nest.ts";
import { checkWeights } from "../tensor/weight_names.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../tensor/weight_source.ts";
import { weightTensors } from "../tensor/weight_tensor.ts";
import type { MagvitWeights } from "./magvit.ts";
import { type MagvitConfig, type MagvitHalfConfig, magvitParameters } from "./magvit_config.ts";

const Half = t.type({
  base_channels: t.Int,
  channel_multipliers: t.array(t.Int),
  res_blocks: t.array(t.Int),
});
const File = t.partial({
  code_bits: t.Int,
  norm_groups: t.Int,
  norm_channels_per_group: t.Int,
  norm_eps: t.number,
  encoder: Half,
  decoder: Half,
});

/** Sizes of the published tokenizer; they stand in for whatever `config.json` does not say. */
export const PUBLISHED_MAGVIT: MagvitConfig = {
  codeBits: 13,
  normEpsilon: 1e-6,
  norm: { groups: 32 },
  encoder: { baseChannels: 128, channelMultipliers: [1, 2, 2, 4, 4], resBlocks: [4, 3, 4, 3, 4] },
  decoder: { baseChannels: 128, channelMultipliers: [1, 1, 2, 2, 4], resBlocks: [4, 4, 3, 4, 3] },
};

const halfOf = (half: t.TypeOf<typeof Half> | undefined, published: MagvitHalfConfig): MagvitHalfConfig =>
  half === undefined ? published : {
    baseChannels: half.base_channels,
    channelMultipliers: half.channel_multipliers,
    resBlocks: half.res_blocks,
  };

/**
 * Reads the sizes of a tokenizer.
 *
 * @param json The content of `config.json`.
 * @param where Its path, for errors.
 * @returns The sizes; Left `ConfigInvalid` naming the fields of a wrong type.
 */
export function parseMagvitConfig(json: unknown, where: string): Checked<MagvitConfig> {
  return pipe(
    File.decode(json),
    E.mapLeft((errors) => ({
      _tag: "ConfigInvalid" as const,
      where,
      problems: errors.map(({ context }) =>
        `${context.map(({ key }) => key).filter((key) => key !== "").join(".")} has the wrong type`
      ),
    })),
    E.map((file) => ({
      codeBits: file.code_bits ?? PUBLISHED_MAGVIT.codeBits,
      normEpsilon: file.norm_eps ?? PUBLISHED_MAGVIT.normEpsilon,
      norm: file.norm_channels_per_group === undefined
        ? { groups: file.norm_groups ?? 32 }
        : { channelsPerGroup: file.norm_channels_per_group },
      encoder: halfOf(file.encoder, PUBLISHED_MAGVIT.encoder),
      decoder: halfOf(file.decoder, PUBLISHED_MAGVIT.decoder),
    })),
  );
}

/**
 * Writes sizes as the content of `config.json`: the inverse of {@link parseMagvitConfig}.
 *
 * @returns Plain data.
 */
export function magvitConfigJson(config: MagvitConfig): Readonly<Record<string, unknown>> {
  const half = ({ baseChannels, channelMultipliers, resBlocks }: MagvitHalfConfig) => ({
    base_channels: baseChannels,
    channel_multipliers: channelMultipliers,
    res_blocks: resBlocks,
  });
  return {
    code_bits: config.codeBits,
    norm_eps: config.normEpsilon,
    ...("groups" in config.norm
      ? { norm_groups: config.norm.groups }
      : { norm_channels_per_group: config.norm.channelsPerGroup }),
    encoder: half(config.encoder),
    decoder: half(config.decoder),
  };
}

/** A loaded tokenizer; the caller owns the weights. */
export interface Magvit {
  readonly config: MagvitConfig;
  readonly weights: MagvitWeights;
}

/**
 * Reads the weights of a tokenizer.
 *
 * @param source Open weights, under published names.
 * @returns Fresh tensors; Left `InputInvalid` with every tensor that is missing, misshapen or unknown, or what the file
 * answered; then nothing stays in memory.
 */
export function magvitWeightsFrom(source: WeightSource, config: MagvitConfig): Checked<MagvitWeights> {
  const expected = new Map([...magvitParameters(config)].map(([name, { shape }]) => [name, shape]));
  return pipe(
    checkWeights(source, expected, { ignore: BUFFERS }),
    E.flatMap((checked) => weightTensors(checked, [...expected.keys()])),
    E.map((tensors) => nest(tensors) as MagvitWeights),
  );
}

/** Follow from the number of bits. */
const BUFFERS = [/^quantize\.(?:embedding|power_vals)$/] as const;

/**
 * Loads a tokenizer.
 *
 * @param folder A folder with weights and, unless it is the published tokenizer, `config.json`.
 * @returns Sizes and weights. Left naming the file, and the tensor with both shapes.
 */
export function loadMagvit(folder: string): Stage<HasFiles & HasBlobs, Magvit> {
  return pipe(
    readConfig(folder),
    RTE.flatMap((config) =>
      scoped(
        openWeights(folder),
        (source) =>
          RTE.fromEither(pipe(magvitWeightsFrom(source, config), E.map((weights) => ({ config, weights })))),
        (source) => source.close(),
      )
    ),
  );
}

function readConfig(folder: string): Stage<HasFiles, MagvitConfig> {
  const path = `${folder}/config.json`;
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(path)),
    RTE.flatMap((exists): Stage<HasFiles, string> =>
      exists ? ({ files }) => files.readText(path) : RTE.right("{}")
    ),
    RTE.flatMapEither((text) =>
      attempt(
        (problem) => ({ _tag: "ConfigInvalid", where: path, problems: [problem] }),
        () => JSON.parse(text),
      )
    ),
    RTE.flatMapEither((json) => parseMagvitConfig(json, path)),
  );
}
