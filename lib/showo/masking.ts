/**
 * Hiding image tokens for training.
 *
 * @module
 */
import { fold, type Key, uniforms } from "../core/key.ts";
import { IGNORE } from "./prompt.ts";
import { maskRatio, type MaskSchedule } from "./schedule.ts";
import { imageIdsOf, type Vocabulary } from "./vocabulary.ts";

/** Uniform draws that decide what is hidden in one picture. */
export interface MaskingDraws {
  /** Decides how many. */
  readonly t: number;
  /** Decide which, `[N]`. */
  readonly positions: ArrayLike<number>;
}

/** A corrupted picture and its targets, `[N]` each. */
export interface MaskedImage {
  readonly imageIds: readonly number[];
  readonly imageLabels: readonly number[];
  /** How many tokens are hidden, ≥ 1. */
  readonly count: number;
}

const halfEven = (x: number): number => {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
};

/**
 * Counts the tokens to hide: `max(1, round(N · γ(t)))`, half to even.
 *
 * @param t Uniform in [0, 1).
 * @param numTokens N.
 * @param schedule γ.
 * @returns 1 … N.
 */
export function hiddenCount(t: number, numTokens: number, schedule: MaskSchedule = "cosine"): number {
  return Math.max(1, halfEven(Math.fround(numTokens * Math.max(0, maskRatio(schedule, t)))));
}

/**
 * Hides image tokens by recorded draws: position p is hidden iff `argsort(positions)[p] < count`.
 *
 * @param codes `[N]` codes.
 * @param options.schedule γ; default cosine.
 * @returns Ids with the mask id where hidden; labels hold the true id there and are ignored elsewhere.
 */
export function maskImage(
  vocabulary: Vocabulary,
  codes: ArrayLike<number>,
  options: { readonly draws: MaskingDraws; readonly schedule?: MaskSchedule },
): MaskedImage {
  const { draws: { t, positions }, schedule = "cosine" } = options;
  const count = hiddenCount(t, codes.length, schedule);
  const order = Array.from({ length: codes.length }, (_, index) => index)
    .sort((a, b) => (positions[a] as number) - (positions[b] as number));
  const ids = imageIdsOf(vocabulary, codes);
  const hidden = order.map((index) => index < count);
  return {
    imageIds: ids.map((id, p) => hidden[p] ? vocabulary.maskTokenId : id),
    imageLabels: ids.map((id, p) => hidden[p] ? id : IGNORE),
    count,
  };
}

/**
 * Draws what {@link maskImage} needs.
 *
 * @param key The key of this picture and step.
 * @param numTokens N.
 */
export function maskingDraws(key: Key, numTokens: number): MaskingDraws {
  return {
    t: uniforms(fold(key, "t"), 1)[0] as number,
    positions: uniforms(fold(key, "positions"), numTokens),
  };
}
