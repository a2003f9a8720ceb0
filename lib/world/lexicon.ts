/**
 * The words of the world: phrases for every attribute, and the closed list of words.
 *
 * All text is lower case, with a space between any two words and before punctuation. The first phrase of each value is
 * the usual one, the second a paraphrase.
 *
 * @module
 */
import type { Accessory, Activity, Item, Kind, Place, Position, Time } from "./scene.ts";
import { COLOURS, HAIRS, isPerson, ITEMS, KINDS, PATTERNS, SKINS } from "./scene.ts";
import type { Character } from "./scene.ts";

/** The usual phrase and its paraphrase. */
export type Phrases = readonly [string, string];

/** Where. */
export const PLACE_PHRASES: Readonly<Record<Place, Phrases>> = {
  beach: ["at the beach", "by the sea"],
  park: ["in the park", "on the grass"],
  street: ["on the street", "in the city"],
  forest: ["in the forest", "among the trees"],
  kitchen: ["in the kitchen", "by the fridge"],
  bedroom: ["in the bedroom", "by the bed"],
};

/** When. */
export const TIME_PHRASES: Readonly<Record<Time, Phrases>> = {
  day: ["by day", "in the sunshine"],
  sunset: ["at sunset", "in the evening"],
  night: ["at night", "under the moon"],
};

/** What the character does. */
export const ACTIVITY_PHRASES: Readonly<Record<Activity, Phrases>> = {
  standing: ["standing", "standing still"],
  waving: ["waving", "saying hello"],
  jumping: ["jumping", "up in the air"],
  sleeping: ["sleeping", "taking a nap"],
};

/** On which side of the picture. */
export const POSITION_PHRASES: Readonly<Record<Position, string>> = {
  left: "on the left",
  middle: "in the middle",
  right: "on the right",
};

/** Whole clauses about the light, for dense prompts. */
export const SKY_CLAUSES: Readonly<Record<Time, string>> = {
  day: "the sun is high",
  sunset: "the sun is low",
  night: "the moon is out",
};

/** Whole clauses about what is behind the character, for dense prompts. */
export const BACKGROUND_CLAUSES: Readonly<Record<Place, string>> = {
  beach: "the sea is behind",
  park: "the grass is behind",
  street: "the houses are behind",
  forest: "the trees are behind",
  kitchen: "the fridge is behind",
  bedroom: "the bed is behind",
};

/** How an item is carried: present participle and third person. */
export const VERBS: Readonly<Record<Item, readonly ["wearing" | "holding", "wears" | "holds"]>> = {
  hat: ["wearing", "wears"],
  scarf: ["wearing", "wears"],
  ball: ["holding", "holds"],
  umbrella: ["holding", "holds"],
  backpack: ["wearing", "wears"],
};

/** Words that belong to no attribute: articles, verbs, question words. */
const FUNCTION_WORDS =
  "a an the photo picture of with and while is are it this these in on or yes no nothing what " +
  "which who where when does do doing can you see colour kind character side place time pattern have wear hold " +
  "fact facts fits about";

/**
 * Puts the right article before a phrase.
 *
 * @param phrase Words, the first of which decides.
 * @returns The phrase with `a` or `an`.
 */
export function withArticle(phrase: string): string {
  return `${/^[aeiou]/.test(phrase) ? "an" : "a"} ${phrase}`;
}

/**
 * Names an accessory, e.g. `a red hat`, `an orange ball`.
 *
 * @param accessory The item and its colour.
 * @returns A noun phrase with article.
 */
export function accessoryPhrase(accessory: Accessory): string {
  return withArticle(`${accessory.colour} ${accessory.item}`);
}

/**
 * Names what a person's colour is the colour of.
 *
 * @returns `shirt` for a man, `dress` for a woman; null for creatures, which are coloured all over.
 */
export function garmentOf(kind: Kind): "shirt" | "dress" | null {
  return kind === "man" ? "shirt" : kind === "woman" ? "dress" : null;
}

/**
 * Describes a character in full, e.g. `a spotted blue dog`, `a man with brown hair , light skin and a red shirt`.
 *
 * @param options.sayPlain Whether the pattern `plain` is said (default); if not, `a blue dog` is a plain one.
 * @returns A noun phrase with article.
 *
 * @example
 * ```ts
 * import { nounPhrase } from "./lexicon.ts";
 * import assert from "node:assert/strict";
 * assert.equal(nounPhrase({ kind: "dog", colour: "blue", pattern: "spotted" }), "a spotted blue dog");
 * ```
 */
export function nounPhrase(character: Character, options: { readonly sayPlain?: boolean } = {}): string {
  if (isPerson(character)) {
    const garment = withArticle(`${character.colour} ${garmentOf(character.kind)}`);
    return `a ${character.kind} with ${character.hair} hair , ${character.skin} skin and ${garment}`;
  }
  const pattern = character.pattern === "plain" && options.sayPlain === false ? "" : `${character.pattern} `;
  return withArticle(`${pattern}${character.colour} ${character.kind}`);
}

const PHRASES: readonly string[] = [
  ...[PLACE_PHRASES, TIME_PHRASES, ACTIVITY_PHRASES].flatMap((table) => Object.values(table).flat()),
  ...[POSITION_PHRASES, SKY_CLAUSES, BACKGROUND_CLAUSES].flatMap((table) => Object.values(table)),
  ...Object.values(VERBS).flat(),
];

/** The punctuation of the world's text. */
export const PUNCTUATION = [".", ",", "?"] as const;

/**
 * Lists every word that any text of the world may hold, concept names apart.
 *
 * @returns Sorted words, all lower case, punctuation last; no word twice.
 */
export function vocabularyWords(): readonly string[] {
  const words = new Set([
    ...FUNCTION_WORDS.split(" "),
    ...PHRASES.flatMap((phrase) => phrase.split(" ")),
    ...[KINDS, COLOURS, PATTERNS, HAIRS, SKINS, ITEMS].flat(),
    ...["shirt", "dress", "hair", "skin", "left", "middle", "right", "day", "sunset", "night"],
  ]);
  return [...[...words].sort(), ...PUNCTUATION];
}
