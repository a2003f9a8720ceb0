/**
 * The objective on plain arrays: the clipped surrogate of two kinds of tokens, minus the KL to the reference.
 *
 * `J(θ) = E 1/G Σ_i Σ_j a_j · (min(D_ij A_i, clip(D_ij, 1−ε, 1+ε) A_i) − β · k3_ij)`
 *
 * `objective_terms.ts` holds the same formula on tensors.
 *
 * @module
 */

/** The two parts of a trajectory: the tokens of the reasoning (IR) and those of the image. */
export type TokenKind = "understanding" | "generation";

/** a_Und and a_Gen. */
export type TaskWeights = Readonly<Record<TokenKind, number>>;

/** What divides the sum over tokens: nothing (the paper), or the group's number of tokens of the same kind. */
export type LossNormalization = "none" | "tokens";

/** Clip range and KL weight. */
export interface ClipOptions {
  /** ε, lower clip range. */
  readonly epsilon: number;
  /** Upper clip range; default ε. */
  readonly epsilonHigh?: number;
  /** β, weight of the KL. */
  readonly beta: number;
}

/** Options of {@link objectiveLoss}. */
export interface ObjectiveOptions extends ClipOptions {
  readonly taskWeights: TaskWeights;
  readonly lossNormalization: LossNormalization;
}

/** The tokens of one kind of one trajectory; all arrays have the same length. */
export interface TokenArrays {
  /** log π_θ of each token, ≤ 0. */
  readonly perTokenLogps: ArrayLike<number>;
  /** log π_old; absent at the first pass over fresh rollouts, where it equals log π_θ. */
  readonly oldPerTokenLogps?: ArrayLike<number>;
  /** log π_ref; absent where no KL is measured. */
  readonly refPerTokenLogps?: ArrayLike<number>;
  /** 1 for a token that counts, 0 for padding. */
  readonly completionMask: ArrayLike<number>;
}

/** One trajectory of a group. */
export interface TrajectoryTokens extends Readonly<Record<TokenKind, TokenArrays>> {
  readonly advantage: number;
}

/** Sums over the tokens that count; they add up over micro-batches. */
export interface TokenSums {
  /** Σ min(D A, clip(D) A). */
  readonly surrogate: number;
  /** Σ k3. */
  readonly kl: number;
  /** Tokens held back because D < 1 − ε and A < 0. */
  readonly clippedLow: number;
  /** Tokens held back because D > 1 + ε and A > 0. */
  readonly clippedHigh: number;
  /** How many tokens count. */
  readonly tokens: number;
}

/** Bound of a log-ratio before `exp`. */
export const LOG_RATIO_LIMIT = 10;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * Probability of a token under the policy relative to the policy that sampled it: `D = exp(log π_θ − log π_old)`.
 *
 * @param logp log π_θ.
 * @param oldLogp log π_old.
 * @returns D in [e^-10, e^10]: the log-ratio is clamped to ±10.
 *
 * Source: UniCTokens-R1, eq 5–6: answer tokens given the question, image tokens given the prompt and the step before.
 */
export function probabilityRatio(logp: number, oldLogp: number): number {
  return Math.exp(clamp(logp - oldLogp, -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT));
}

/**
 * Estimates the KL to the reference from one sample: `k3 = exp(δ) − δ − 1` with `δ = log π_ref − log π_θ`.
 *
 * @param logp log π_θ.
 * @param refLogp log π_ref.
 * @returns ≥ 0, and 0 only where both agree; δ is clamped to ±10.
 *
 * @example
 * ```ts
 * import { k3 } from "./objective.ts";
 * import assert from "node:assert/strict";
 * assert.equal(k3(-1, -1), 0);
 * assert.ok(Math.abs(k3(-1, -2) - (Math.exp(-1) + 1 - 1)) < 1e-12);
 * ```
 *
 * Source: UniCTokens-R1, eq 8.
 */
export function k3(logp: number, refLogp: number): number {
  const delta = clamp(refLogp - logp, -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT);
  return Math.expm1(delta) - delta;
}

/**
 * The clipped surrogate of one token: `min(D A, clip(D, 1−ε, 1+ε) A)`.
 *
 * @param ratio D.
 * @param options ε, and the upper range if it differs.
 * @returns At most `D A`: a change that already went far enough earns nothing more.
 */
export function clippedSurrogate(
  ratio: number,
  advantage: number,
  options: { readonly epsilon: number; readonly epsilonHigh?: number },
): number {
  const { epsilon, epsilonHigh = epsilon } = options;
  return Math.min(ratio * advantage, clamp(ratio, 1 - epsilon, 1 + epsilonHigh) * advantage);
}

/**
 * Sums surrogate and KL over the tokens of one kind of one trajectory.
 *
 * @param tokens Log-probs and mask.
 * @param advantage A of the trajectory, shared by all its tokens.
 * @param options Clip range; the KL is measured wherever there is log π_ref.
 * @returns The sums; masked tokens never count, whatever their log-probs.
 */
export function tokenSums(tokens: TokenArrays, advantage: number, options: ClipOptions): TokenSums {
  const { epsilon, epsilonHigh = epsilon } = options;
  const { perTokenLogps, oldPerTokenLogps = perTokenLogps, refPerTokenLogps, completionMask } = tokens;
  const sums = { surrogate: 0, kl: 0, clippedLow: 0, clippedHigh: 0, tokens: 0 };
  for (let j = 0; j < perTokenLogps.length; j++) {
    if (completionMask[j] === 0) continue;
    const logp = perTokenLogps[j] as number;
    const ratio = probabilityRatio(logp, oldPerTokenLogps[j] as number);
    sums.surrogate += clippedSurrogate(ratio, advantage, options);
    sums.kl += refPerTokenLogps === undefined ? 0 : k3(logp, refPerTokenLogps[j] as number);
    sums.clippedLow += ratio < 1 - epsilon && advantage < 0 ? 1 : 0;
    sums.clippedHigh += ratio > 1 + epsilonHigh && advantage > 0 ? 1 : 0;
    sums.tokens++;
  }
  return sums;
}

/**
 * The factor of every token of one kind in the loss.
 *
 * `a_kind / G` for `none`; `a_kind / (tokens of the kind in the group)` for `tokens`. It is known before the first forward,
 * so the loss splits exactly over micro-batches.
 *
 * @param weight a_kind.
 * @param options.lossNormalization What divides the sum.
 * @param options.numGenerations G.
 * @param options.tokens Tokens of the kind in the whole group; the image counts every step, drawn or not.
 * @returns The factor; 0 if the group has no such token.
 */
export function tokenScale(
  weight: number,
  options: {
    readonly lossNormalization: LossNormalization;
    readonly numGenerations: number;
    readonly tokens: number;
  },
): number {
  if (options.tokens === 0) return 0;
  return weight / (options.lossNormalization === "none" ? options.numGenerations : options.tokens);
}

/** Both parts, in the order in which an update treats them. */
export const TOKEN_KINDS: readonly TokenKind[] = ["understanding", "generation"];

/**
 * The loss of one group, `−J(θ)`.
 *
 * @param group The G trajectories.
 * @param options Clip range, β, task weights and normalisation.
 * @returns The loss, and the sums per kind for the log.
 *
 * @example At the first pass D = 1, so without KL the loss is −Σ_i (tokens_i · a · A_i) / G
 * ```ts
 * import { objectiveLoss } from "./objective.ts";
 * import assert from "node:assert/strict";
 * const tokens = (...logps: number[]) => ({ perTokenLogps: logps, completionMask: logps.map(() => 1) });
 * const group = [
 *   { advantage: 0.5, understanding: tokens(-1, -2), generation: tokens(-3) },
 *   { advantage: -0.5, understanding: tokens(-1), generation: tokens(-3) },
 * ];
 * const { loss } = objectiveLoss(group, {
 *   epsilon: 0.2,
 *   beta: 0,
 *   taskWeights: { understanding: 0.4, generation: 0.6 },
 *   lossNormalization: "none",
 * });
 * assert.ok(Math.abs(loss - -(0.4 * (2 * 0.5 - 0.5) + 0.6 * (0.5 - 0.5)) / 2) < 1e-12);
 * ```
 *
 * Source: UniCTokens-R1, eq 7 and appendix H; no division by length (Dr.GRPO).
 */
export function objectiveLoss(
  group: readonly TrajectoryTokens[],
  options: ObjectiveOptions,
): { readonly loss: number; readonly sums: Readonly<Record<TokenKind, TokenSums>> } {
  const sumsOf = (kind: TokenKind): TokenSums =>
    group.map((trajectory) => tokenSums(trajectory[kind], trajectory.advantage, options)).reduce(
      addSums,
      NO_TOKENS,
    );
  const sums = { understanding: sumsOf("understanding"), generation: sumsOf("generation") };
  const loss = TOKEN_KINDS.reduce((total, kind) => {
    const { surrogate, kl, tokens } = sums[kind];
    const { lossNormalization, taskWeights, beta } = options;
    const scale = tokenScale(taskWeights[kind], { lossNormalization, numGenerations: group.length, tokens });
    return total + scale * (beta * kl - surrogate);
  }, 0);
  return { loss, sums };
}

/** The sums over nothing. */
export const NO_TOKENS: TokenSums = { surrogate: 0, kl: 0, clippedLow: 0, clippedHigh: 0, tokens: 0 };

/**
 * Adds the sums of two sets of tokens.
 *
 * @param a One set.
 * @returns The sums over both.
 */
export function addSums(a: TokenSums, b: TokenSums): TokenSums {
  return {
    surrogate: a.surrogate + b.surrogate,
    kl: a.kl + b.kl,
    clippedLow: a.clippedLow + b.clippedLow,
    clippedHigh: a.clippedHigh + b.clippedHigh,
    tokens: a.tokens + b.tokens,
  };
}

/**
 * Turns sums into the logged means.
 *
 * @param sums Sums over all tokens of an update.
 * @returns Mean KL and the clip ratios `low_mean`, `high_mean`, `region_mean`, each per token; 0 without tokens.
 */
export function tokenMeans(
  sums: TokenSums,
): { readonly kl: number; readonly clipLow: number; readonly clipHigh: number; readonly clipRegion: number } {
  const per = (value: number): number => sums.tokens === 0 ? 0 : value / sums.tokens;
  return {
    kl: per(sums.kl),
    clipLow: per(sums.clippedLow),
    clipHigh: per(sums.clippedHigh),
    clipRegion: per(sums.clippedLow + sums.clippedHigh),
  };
}
