/**
 * Sizes of a MAGVIT-v2 image tokenizer, and the name and shape of each of its parameters.
 *
 * @module
 */
import type { Initial } from "../tensor/nest.ts";

/** One half of the tokenizer. Level l has `baseChannels · channelMultipliers[l]` channels. */
export interface MagvitHalfConfig {
  readonly baseChannels: number;
  readonly channelMultipliers: readonly number[];
  readonly resBlocks: readonly number[];
}

/** Sizes of a tokenizer. The published one: 13 bits, 32 groups, base 128, five levels. */
export interface MagvitConfig {
  readonly codeBits: number;
  readonly normEpsilon: number;
  /** Number of groups of every group norm, or channels per group (small models). */
  readonly norm: { readonly groups: number } | { readonly channelsPerGroup: number };
  readonly encoder: MagvitHalfConfig;
  readonly decoder: MagvitHalfConfig;
}

/**
 * Counts pixels per code along one side: each level but the last halves the size.
 *
 * @returns 16 for the published tokenizer.
 */
export function downsampling(config: MagvitConfig): number {
  return 2 ** (config.encoder.channelMultipliers.length - 1);
}

/**
 * Counts the groups of a norm over `channels`.
 *
 * @param channels Channels of the layer.
 * @returns Groups, ≥ 1.
 */
export function normGroups(config: MagvitConfig, channels: number): number {
  return "groups" in config.norm ? config.norm.groups : channels / config.norm.channelsPerGroup;
}

type Entry = readonly [string, Initial];

const conv = (name: string, from: number, to: number, kernel: number, gain = 2): readonly Entry[] => [
  [`${name}.weight`, {
    shape: [to, from, kernel, kernel],
    fill: { normal: Math.sqrt(gain / (from * kernel ** 2)) },
  }],
  [`${name}.bias`, { shape: [to], fill: { constant: 0 } }],
];

const norm = (name: string, channels: number): readonly Entry[] => [
  [`${name}.weight`, { shape: [channels], fill: { constant: 1 } }],
  [`${name}.bias`, { shape: [channels], fill: { constant: 0 } }],
];

const resBlock = (name: string, from: number, to: number): readonly Entry[] => [
  ...norm(`${name}.norm1`, from),
  ...conv(`${name}.conv1`, from, to, 3),
  ...norm(`${name}.norm2`, to),
  ...conv(`${name}.conv2`, to, to, 3, 0.2),
  ...(from === to ? [] : conv(`${name}.nin_shortcut`, from, to, 1, 1)),
];

const middle = (name: string, channels: number): readonly Entry[] => [
  ...resBlock(`${name}.block_1`, channels, channels),
  ...norm(`${name}.attn_1.norm`, channels),
  ...["q", "k", "v"].flatMap((part) => conv(`${name}.attn_1.${part}`, channels, channels, 1, 1)),
  ...conv(`${name}.attn_1.proj_out`, channels, channels, 1, 0.1),
  ...resBlock(`${name}.block_2`, channels, channels),
];

const widths = ({ baseChannels, channelMultipliers }: MagvitHalfConfig): readonly number[] =>
  channelMultipliers.map((multiplier) => baseChannels * multiplier);

const level = (name: string, blocks: number, from: number, to: number): readonly Entry[] =>
  Array.from({ length: blocks }, (_, b) => resBlock(`${name}.block.${b}`, b === 0 ? from : to, to)).flat();

function encoderEntries(config: MagvitConfig): readonly Entry[] {
  const { encoder, codeBits } = config;
  const width = widths(encoder);
  const last = width.length - 1;
  const top = width[last] as number;
  return [
    ...conv("encoder.conv_in", 3, encoder.baseChannels, 3, 1),
    ...width.flatMap((to, l) => [
      ...level(`encoder.down.${l}`, encoder.resBlocks[l] ?? 0, width[l - 1] ?? encoder.baseChannels, to),
      ...(l === last ? [] : conv(`encoder.down.${l}.downsample.conv`, to, to, 3, 1)),
    ]),
    ...middle("encoder.mid", top),
    ...norm("encoder.norm_out", top),
    ...conv("encoder.conv_out", top, codeBits, 3, 1),
    ...conv("encoder.quant_conv", codeBits, codeBits, 1, 1),
  ];
}

function decoderEntries(config: MagvitConfig): readonly Entry[] {
  const { decoder, codeBits } = config;
  const width = widths(decoder);
  const last = width.length - 1;
  const top = width[last] as number;
  return [
    ...conv("decoder.post_quant_conv", codeBits, codeBits, 1, 1),
    ...conv("decoder.conv_in", codeBits, top, 3, 1),
    ...middle("decoder.mid", top),
    ...width.flatMap((to, l) => [
      ...level(`decoder.up.${l}`, decoder.resBlocks[l] ?? 0, width[l + 1] ?? top, to),
      ...(l === 0 ? [] : conv(`decoder.up.${l}.upsample.conv`, to, to, 3, 1)),
    ]),
    ...norm("decoder.norm_out", width[0] as number),
    ...conv("decoder.conv_out", width[0] as number, 3, 3, 1),
  ];
}

/**
 * Lists the parameters of a tokenizer under their published names, with starting values for training one from scratch.
 *
 * @returns Name → shape and initial distribution; the buffers `quantize.*` are not parameters.
 */
export function magvitParameters(config: MagvitConfig): ReadonlyMap<string, Initial> {
  return new Map([...encoderEntries(config), ...decoderEntries(config)]);
}
