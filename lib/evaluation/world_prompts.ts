/**
 * Plain prompts in the grammar of the procedural world, in the place of DreamBench's, whose words its model does not know.
 *
 * @module
 */
import {
  accessoryPhrase,
  ACTIVITY_PHRASES,
  PLACE_PHRASES,
  POSITION_PHRASES,
  TIME_PHRASES,
  VERBS,
} from "../world/lexicon.ts";
import type { Accessory } from "../world/scene.ts";
import { ANY_CONCEPT } from "./item.ts";

/** Things to wear and hold, in colours that every item can have in pretraining. */
const ACCESSORIES: readonly Accessory[] = [
  { item: "hat", colour: "yellow" },
  { item: "hat", colour: "white" },
  { item: "scarf", colour: "blue" },
  { item: "scarf", colour: "red" },
  { item: "ball", colour: "yellow" },
  { item: "umbrella", colour: "red" },
  { item: "umbrella", colour: "blue" },
  { item: "backpack", colour: "purple" },
];

/**
 * Lists the plain prompts: who, where, when, doing what, on which side, with what; no prompt needs a fact.
 *
 * @returns 25 prompts with `<sks>` for the concept, as `assets/world/prompts_to_eval.json` holds them.
 *
 * @example
 * ```ts
 * import { worldPrompts } from "./world_prompts.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(worldPrompts().slice(0, 2), ["a photo of <sks> .", "a photo of <sks> at the beach ."]);
 * ```
 */
export function worldPrompts(): readonly string[] {
  const phrases = [
    ...Object.values(PLACE_PHRASES).map(([phrase]) => phrase),
    ...Object.values(TIME_PHRASES).map(([phrase]) => phrase),
    ...Object.values(ACTIVITY_PHRASES).map(([phrase]) => phrase),
    ...Object.values(POSITION_PHRASES),
    ...ACCESSORIES.map((accessory) => `${VERBS[accessory.item][0]} ${accessoryPhrase(accessory)}`),
  ];
  return ["", ...phrases].map((phrase) => `a photo of ${ANY_CONCEPT} ${phrase}${phrase === "" ? "" : " "}.`);
}
