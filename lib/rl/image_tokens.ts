/**
 * Which image tokens of which decoding steps enter the objective.
 *
 * @module
 */
import { type Key, shuffle, uniforms } from "../core/key.ts";

/**
 * `all`: every position at every step (the paper) · `masked`: the positions unknown when the step began · `revealed`: those
 * that the step fixed for good.
 */
export type ImageTokenScope = "all" | "masked" | "revealed";

/** `even`: each step with the same probability (the paper) · `informed`: in proportion to what a step has to say. */
export type StepChoice = "even" | "informed";

/** Which steps were drawn, and the factors that keep the sum over them unbiased. */
export interface SelectedTimesteps {
  /** Step indices, ascending, each in [0, T). */
  readonly steps: readonly number[];
  /** 1 / probability of each drawn step; T / k where all are alike. */
  readonly scales: readonly number[];
}

/**
 * Marks the image tokens of each recorded step that enter the objective.
 *
 * @param states The codes before each step, `T × [N]`, with `maskTokenId` where unknown.
 * @param options.scope Which tokens count.
 * @param options.maskTokenId The id that marks an unknown position.
 * @returns 1 or 0 per token, `T × [N]`. The last step fixes all that was unknown before it, so under `revealed` every
 * position that was unknown at the start counts exactly once.
 *
 * @example Two steps over three positions, the second already known at the start
 * ```ts
 * import { imageTokenMasks } from "./image_tokens.ts";
 * import assert from "node:assert/strict";
 * const states = [[-1, 7, -1], [5, 7, -1]];
 * const masks = (scope: "all" | "masked" | "revealed") =>
 *   imageTokenMasks(states, { scope, maskTokenId: -1 }).map((mask) => [...mask]);
 * assert.deepEqual(masks("all"), [[1, 1, 1], [1, 1, 1]]);
 * assert.deepEqual(masks("masked"), [[1, 0, 1], [0, 0, 1]]);
 * assert.deepEqual(masks("revealed"), [[1, 0, 0], [0, 0, 1]]);
 * ```
 *
 * Source: UniCTokens-R1, §3.2 ("all image tokens at each timestep"); the other two scopes are ours.
 */
export function imageTokenMasks(
  states: readonly ArrayLike<number>[],
  options: { readonly scope: ImageTokenScope; readonly maskTokenId: number },
): readonly Float32Array[] {
  const { scope, maskTokenId } = options;
  return states.map((before, step) => {
    const after = states[step + 1];
    return Float32Array.from({ length: before.length }, (_, n) => {
      if (scope === "all") return 1;
      if (before[n] !== maskTokenId) return 0;
      return scope === "revealed" && after?.[n] === maskTokenId ? 0 : 1;
    });
  });
}

/** Share of the draws that ignores what steps have to say, so that no factor grows beyond T / (k · this). */
const EVEN_SHARE = 0.1;

/**
 * The probability that each step is among k drawn ones, in proportion to its weight; none above 1.
 *
 * @param weights What each step has to say, ≥ 0; all 0 = all alike.
 * @param count k, at most the number of steps.
 * @returns Probabilities that sum to k.
 */
export function drawingProbabilities(weights: readonly number[], count: number): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const even = 1 / weights.length;
  const shares = weights.map((weight) =>
    total > 0 ? (1 - EVEN_SHARE) * (weight / total) + EVEN_SHARE * even : even
  );
  const capped = (certain: ReadonlySet<number>): readonly number[] => {
    const rest = shares.reduce((sum, share, step) => sum + (certain.has(step) ? 0 : share), 0);
    const found = shares.map((share, step) => certain.has(step) ? 1 : share / rest * (count - certain.size));
    const above = found.flatMap((probability, step) => probability > 1 ? [step] : []);
    return above.length === 0 ? found : capped(new Set([...certain, ...above]));
  };
  return capped(new Set());
}

/** Exactly k steps with the given probabilities: a comb of distance 1 with a random start over their running sum. */
function systematic(probabilities: readonly number[], start: number): readonly number[] {
  const ends = probabilities.reduce<readonly number[]>((so, each) => [...so, (so.at(-1) ?? 0) + each], []);
  const count = Math.round(ends.at(-1) as number);
  return Array.from({ length: count }, (_, tooth) => {
    const found = ends.findIndex((end) => start + tooth < end);
    return found < 0 ? probabilities.length - 1 : found;
  });
}

/**
 * Draws the decoding steps whose terms enter this update, without replacement.
 *
 * `E[Σ over drawn steps of term / probability] = Σ over all steps`.
 *
 * @param key The key of the update; its groups share the drawn steps.
 * @param options.timesteps T.
 * @param options.perUpdate k; `all` or k ≥ T takes every step.
 * @param options.weights What each step has to say, T of them; absent: all alike, each drawn with probability k/T.
 * @returns The steps and their factors.
 *
 * @example
 * ```ts
 * import { selectTimesteps } from "./image_tokens.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const { steps, scales } = selectTimesteps(keyFromSeed(1), { timesteps: 50, perUpdate: 5 });
 * assert.equal(steps.length, 5);
 * assert.deepEqual(scales, [10, 10, 10, 10, 10]);
 * ```
 */
export function selectTimesteps(
  key: Key,
  options: {
    readonly timesteps: number;
    readonly perUpdate: number | "all";
    readonly weights?: readonly number[];
  },
): SelectedTimesteps {
  const { timesteps, perUpdate, weights } = options;
  const every = Array.from({ length: timesteps }, (_, step) => step);
  if (perUpdate === "all" || perUpdate >= timesteps) return { steps: every, scales: every.map(() => 1) };
  if (weights === undefined) {
    const steps = shuffle(key, every).slice(0, perUpdate).sort((a, b) => a - b);
    return { steps, scales: steps.map(() => timesteps / perUpdate) };
  }
  const probabilities = drawingProbabilities(weights, perUpdate);
  const steps = systematic(probabilities, uniforms(key, 1)[0] as number);
  return { steps, scales: steps.map((step) => 1 / (probabilities[step] as number)) };
}
