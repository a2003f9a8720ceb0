/** Arbitrary keys, characters and scenes for property tests. */
import fc from "fast-check";
import { fold, type Key } from "../../lib/core/key.ts";
import { allCharacters, type Character, sampleScene, type Scene } from "../../lib/world/scene.ts";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Any key. */
export const keys: fc.Arbitrary<Key> = fc.tuple(word, word);

/** Any character. */
export const characters: fc.Arbitrary<Character> = fc.constantFrom(...allCharacters());

/** Any scene, half of its parts at their default. */
export const scenes: fc.Arbitrary<Scene> = keys.map((key) =>
  sampleScene(fold(key, "scene"), { characters: allCharacters(), combinations: "all", defaults: 0.4 })
);
