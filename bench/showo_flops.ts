/**
 * Arithmetic of a Show-o forward and of a MAGVIT-v2 decode: matrix products and convolutions, two operations per multiply-add.
 *
 * @module
 */
import type { ShowoConfig } from "../lib/showo/config.ts";
import type { MagvitConfig } from "../lib/showo/magvit_config.ts";

/** What runs through the transformer. */
export interface Rows {
  readonly batch: number;
  /** Tokens computed per row. */
  readonly tokens: number;
  /** Tokens that each of them is compared with, cached ones included. */
  readonly keys: number;
  /** Positions whose logits are computed, and how many columns. */
  readonly logits: { readonly positions: number; readonly columns: number };
}

/**
 * Counts the operations of a forward.
 *
 * @param rows What runs through.
 * @returns Floating-point operations.
 */
export function showoFlops(config: ShowoConfig, { batch, tokens, keys, logits }: Rows): number {
  const { width, mlpWidth, layers } = config;
  const perToken = 4 * width ** 2 + 2 * width * mlpWidth + 2 * keys * width;
  return 2 * batch * (layers * tokens * perToken + logits.positions * logits.columns * width);
}

/**
 * Counts the operations of decoding one picture.
 *
 * @param grid Codes along one side.
 * @returns Floating-point operations.
 */
export function magvitDecodeFlops({ decoder, codeBits }: MagvitConfig, grid: number): number {
  const widths = decoder.channelMultipliers.map((factor) => factor * decoder.baseChannels);
  const top = widths[widths.length - 1] as number;
  const conv = (from: number, to: number, side: number, kernel = 3): number =>
    2 * kernel ** 2 * from * to * side ** 2;
  const block = (from: number, to: number, side: number): number =>
    conv(from, to, side) + conv(to, to, side) + (from === to ? 0 : conv(from, to, side, 1));
  const attention = 4 * conv(top, top, grid, 1) + 4 * top * grid ** 4;
  let [side, from] = [grid, top];
  let total = conv(codeBits, codeBits, grid, 1) + conv(codeBits, top, grid) + 2 * block(top, top, grid) +
    attention;
  for (const [level, to] of [...widths.entries()].reverse()) {
    for (let index = 0; index < (decoder.resBlocks[level] as number); index++) {
      total += block(from, to, side);
      from = to;
    }
    if (level === 0) continue;
    side *= 2;
    total += conv(to, to, side);
  }
  return total + conv(from, 3, side);
}
