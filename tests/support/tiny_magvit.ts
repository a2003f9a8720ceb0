/** A random image tokenizer that a test can afford. */
import { keyFromSeed } from "../../lib/core/key.ts";
import type { MagvitWeights } from "../../lib/showo/magvit.ts";
import { type MagvitConfig, magvitParameters } from "../../lib/showo/magvit_config.ts";
import { initialise } from "../../lib/tensor/nest.ts";

/**
 * Sizes of a tokenizer that halves the side once.
 *
 * @param options.baseChannels Channels of the first level, two or more groups of norms.
 */
export function tinyMagvit(
  { codeBits, baseChannels }: { readonly codeBits: number; readonly baseChannels: number },
): MagvitConfig {
  const half = { baseChannels, channelMultipliers: [1, 2], resBlocks: [1, 1] };
  return {
    codeBits,
    normEpsilon: 1e-6,
    norm: { channelsPerGroup: baseChannels / 2 },
    encoder: half,
    decoder: half,
  };
}

/** Fresh random weights for such sizes; a backend must be open. */
export function tinyMagvitWeights(config: MagvitConfig, seed: number): MagvitWeights {
  return initialise(keyFromSeed(seed), magvitParameters(config)) as MagvitWeights;
}
