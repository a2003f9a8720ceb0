/**
 * What a text of the world's grammar says about a picture, and whether that is true.
 *
 * Every content word belongs to one value of one attribute; only colours need to know what they describe: the next noun,
 * or the character if none follows.
 *
 * @module
 */
import { BACKGROUND_CLAUSES, PLACE_PHRASES, POSITION_PHRASES, SKY_CLAUSES, VERBS } from "./lexicon.ts";
import { accessoryPhrase, ACTIVITY_PHRASES, garmentOf } from "./lexicon.ts";
import type { Topic } from "./questions.ts";
import {
  COLOURS,
  DEFAULT_SCENE,
  HAIRS,
  isPerson,
  ITEMS,
  KINDS,
  PATTERNS,
  type Scene,
  SKINS,
} from "./scene.ts";

/** The value of every attribute of a picture by name; `none` where there is none (the hair of a dog). */
export type Attributes = Readonly<Record<Topic, string>>;

/** Attributes that a text asserts. */
export type Constraints = Readonly<Partial<Record<Topic, string>>>;

/**
 * Writes a scene as attribute values.
 *
 * @returns Attribute → value; `none` where a character has no such attribute or carries nothing.
 */
export function attributesOf(scene: Scene): Attributes {
  const { character, accessory, place, time, activity, position } = scene;
  return {
    kind: character.kind,
    colour: character.colour,
    pattern: isPerson(character) ? "none" : character.pattern,
    hair: isPerson(character) ? character.hair : "none",
    skin: isPerson(character) ? character.skin : "none",
    accessory: accessory?.item ?? "none",
    accessory_colour: accessory?.colour ?? "none",
    place,
    time,
    activity,
    position,
  };
}

const words = (topic: Topic, value: string, list: string): readonly (readonly [string, Topic, string])[] =>
  list.split(" ").map((word) => [word, topic, value]);

const named = (topic: Topic, values: readonly string[]): readonly (readonly [string, Topic, string])[] =>
  values.map((value) => [value, topic, value]);

const MEANINGS: ReadonlyMap<string, { readonly topic: Topic; readonly value: string }> = new Map([
  ...named("kind", KINDS),
  ...named("pattern", PATTERNS),
  ...named("hair", HAIRS),
  ...named("skin", SKINS),
  ...named("accessory", ITEMS),
  ...words("accessory", "none", "nothing"),
  ...words("place", "beach", "beach sea"),
  ...words("place", "park", "park grass"),
  ...words("place", "street", "street city houses"),
  ...words("place", "forest", "forest trees"),
  ...words("place", "kitchen", "kitchen fridge"),
  ...words("place", "bedroom", "bedroom bed"),
  ...words("time", "day", "day sunshine high"),
  ...words("time", "sunset", "sunset evening low"),
  ...words("time", "night", "night moon"),
  ...words("activity", "standing", "standing still"),
  ...words("activity", "waving", "waving hello"),
  ...words("activity", "jumping", "jumping air"),
  ...words("activity", "sleeping", "sleeping nap"),
  ...named("position", ["left", "middle", "right"]),
].map(([word, topic, value]) => [word, { topic, value }]));

const isColour = (word: string): boolean => (COLOURS as readonly string[]).includes(word);

/**
 * Reads what a text asserts.
 *
 * @param text A clause, a caption or an answer; case and punctuation do not matter, unknown words are skipped.
 * @returns The attributes it speaks of with their values; where it contradicts itself, what it says last.
 *
 * @example
 * ```ts
 * import { constraintsOf } from "./scene_truth.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(constraintsOf("the blue dog wears a red hat"), {
 *   colour: "blue", kind: "dog", accessory_colour: "red", accessory: "hat",
 * });
 * ```
 */
export function constraintsOf(text: string): Constraints {
  const found: Partial<Record<Topic, string>> = {};
  let colour: string | undefined;
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const meaning = MEANINGS.get(word);
    if (isColour(word)) colour = word;
    const owner = colourOwner(word, meaning?.topic);
    if (owner !== null && colour !== undefined) {
      found[owner] = colour;
      colour = undefined;
    }
    if (meaning === undefined) continue;
    found[meaning.topic] = meaning.value;
    if (meaning.topic === "accessory" && meaning.value === "none") found.accessory_colour = "none";
  }
  if (colour !== undefined) found.colour = colour;
  return found;
}

/** Which attribute a colour before this word is the value of; null if the word takes no colour. */
function colourOwner(word: string, topic: Topic | undefined): "colour" | "accessory_colour" | null {
  if (topic === "kind" || word === "shirt" || word === "dress") return "colour";
  return topic === "accessory" ? "accessory_colour" : null;
}

/**
 * Reads a full caption back: what it does not say is at its default.
 *
 * @param text A caption in which silence means the default (`captionOf`'s default).
 * @returns The attributes of the picture it describes, as far as they follow; identity only if it is described.
 */
export function describedAttributes(text: string): Constraints {
  const said = constraintsOf(text);
  const { place, time, activity, position } = DEFAULT_SCENE;
  const creature = said.kind !== undefined && said.kind !== "man" && said.kind !== "woman";
  return {
    ...(creature
      ? { pattern: "plain", hair: "none", skin: "none" }
      : said.kind === undefined
      ? {}
      : { pattern: "none" }),
    ...{ accessory: "none", accessory_colour: "none", place, time, activity, position },
    ...said,
  };
}

/**
 * Judges one clause of a prompt: is it true of a picture?
 *
 * @param clause A clause, e.g. a segment of a dense prompt with the concept written as `the dog`.
 * @param attributes What a reader saw, or the truth.
 * @returns Whether everything it asserts holds; null if it asserts nothing that can be checked.
 *
 * @example
 * ```ts
 * import { clauseHolds } from "./scene_truth.ts";
 * import assert from "node:assert/strict";
 * assert.equal(clauseHolds("the sun is low", { time: "sunset" }), true);
 * assert.equal(clauseHolds("holding a red ball", { accessory: "ball", accessory_colour: "blue" }), false);
 * ```
 */
export function clauseHolds(
  clause: string,
  attributes: Readonly<Partial<Record<Topic, string>>>,
): boolean | null {
  const asserted = Object.entries(constraintsOf(clause)) as [Topic, string][];
  return asserted.length === 0 ? null : asserted.every(([topic, value]) => attributes[topic] === value);
}

/**
 * Says everything that is true of a scene, one clause an attribute or two.
 *
 * @returns Clauses without punctuation; {@link clauseHolds} is true of each.
 */
export function clausesOf(scene: Scene): readonly string[] {
  const { character, accessory } = scene;
  const the = `the ${character.kind}`;
  const garment = garmentOf(character.kind);
  return [
    `a photo of ${the}`,
    garment === null ? `${the} is ${character.colour}` : `the ${garment} of ${the} is ${character.colour}`,
    ...(isPerson(character)
      ? [`the hair of ${the} is ${character.hair}`, `the skin of ${the} is ${character.skin}`]
      : [`${the} is ${character.pattern}`]),
    accessory === null
      ? `${the} wears nothing`
      : `${the} ${VERBS[accessory.item][1]} ${accessoryPhrase(accessory)}`,
    `${the} is ${PLACE_PHRASES[scene.place][0]}`,
    `${BACKGROUND_CLAUSES[scene.place]} ${the}`,
    SKY_CLAUSES[scene.time],
    `${the} is ${ACTIVITY_PHRASES[scene.activity][0]}`,
    `${the} is ${POSITION_PHRASES[scene.position]}`,
  ];
}
