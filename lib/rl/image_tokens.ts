/**
 * Which image tokens of which decoding steps enter the objective.
 *
 * @module
 */
import { type Key, shuffle } from "../core/key.ts";

/**
 * `all`: every position at every step (the paper) · `masked`: the positions unknown when the step began · `revealed`: those
 * that the step fixed for good.
 */
export type ImageTokenScope = "all" | "masked" | "revealed";

/** Which steps were drawn, and the factor that keeps the sum over them unbiased. */
export interface SelectedTimesteps {
  /** Step indices, ascending, each in [0, T). */
  readonly steps: readonly number[];
  /** T / k. */
  readonly scale: number;
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

/**
 * Draws the decoding steps whose terms enter this update, without replacement.
 *
 * `E[T/k · Σ over drawn steps] = Σ over all steps`: each step is drawn with probability k/T.
 *
 * @param key The key of this trajectory and update.
 * @param options.timesteps T.
 * @param options.perUpdate k; `all` or k ≥ T takes every step.
 * @returns The steps and the factor T/k.
 *
 * @example
 * ```ts
 * import { selectTimesteps } from "./image_tokens.ts";
 * import { keyFromSeed } from "../core/key.ts";
 * import assert from "node:assert/strict";
 * const { steps, scale } = selectTimesteps(keyFromSeed(1), { timesteps: 50, perUpdate: 5 });
 * assert.equal(steps.length, 5);
 * assert.equal(scale, 10);
 * ```
 */
export function selectTimesteps(
  key: Key,
  options: { readonly timesteps: number; readonly perUpdate: number | "all" },
): SelectedTimesteps {
  const { timesteps, perUpdate } = options;
  const every = Array.from({ length: timesteps }, (_, step) => step);
  if (perUpdate === "all" || perUpdate >= timesteps) return { steps: every, scale: 1 };
  const steps = shuffle(key, every).slice(0, perUpdate).sort((a, b) => a - b);
  return { steps, scale: timesteps / perUpdate };
}
