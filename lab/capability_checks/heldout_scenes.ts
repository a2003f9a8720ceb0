/**
 * Scenes for measurements: characters that pretraining never saw, all combinations of attributes.
 *
 * @module
 */
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import { charactersOf, sampleScene, type Scene } from "../../lib/world/scene.ts";

/** Which scenes. */
export interface HeldoutScenes {
  readonly count: number;
  readonly seed: number;
}

/**
 * Draws scenes of held-out characters.
 *
 * @param options How many, and the seed; a longer list begins with the shorter one of the same seed.
 *
 * @example
 * ```ts
 * import { heldoutScenes } from "./heldout_scenes.ts";
 * import assert from "node:assert/strict";
 * const three = heldoutScenes({ count: 3, seed: 1 });
 * assert.deepEqual(heldoutScenes({ count: 2, seed: 1 }), three.slice(0, 2));
 * ```
 */
export function heldoutScenes({ count, seed }: HeldoutScenes): readonly Scene[] {
  const characters = charactersOf("heldout");
  return Array.from(
    { length: count },
    (_, index) => sampleScene(fold(keyFromSeed(seed), index), { characters, combinations: "all" }),
  );
}
