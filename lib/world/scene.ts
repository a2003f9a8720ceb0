/**
 * Characters and scenes of the procedural world, as plain data, and how they are split.
 *
 * A *character* is an identity (what stays the same from picture to picture); a *scene* puts a character somewhere with
 * something. Which characters and which combinations pretraining may see is decided here, by hash and by table.
 *
 * @module
 */
import { choose, fold, type Key, keyFromSeed, uniforms } from "../core/key.ts";

/** Kinds drawn as people: with hair, skin and a shirt. */
export const PERSON_KINDS = ["man", "woman"] as const;
/** Kinds drawn as animals or machines: with one colour and a pattern. */
export const CREATURE_KINDS = ["dog", "cat", "bear", "robot"] as const;
/** All kinds. */
export const KINDS = [...PERSON_KINDS, ...CREATURE_KINDS] as const;
/** Colours of fur, metal, shirts and accessories. */
export const COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white"] as const;
/** Patterns of creatures. */
export const PATTERNS = ["plain", "spotted", "striped"] as const;
/** Hair colours of people. */
export const HAIRS = ["black", "brown", "blond", "grey"] as const;
/** Skins of people. */
export const SKINS = ["light", "dark"] as const;
/** Things a character can wear or hold. */
export const ITEMS = ["hat", "scarf", "ball", "umbrella", "backpack"] as const;
/** Places, the outdoor ones first. */
export const PLACES = ["beach", "park", "street", "forest", "kitchen", "bedroom"] as const;
/** Times of the day. */
export const TIMES = ["day", "sunset", "night"] as const;
/** What a character does. */
export const ACTIVITIES = ["standing", "waving", "jumping", "sleeping"] as const;
/** Where in the picture the character is. */
export const POSITIONS = ["left", "middle", "right"] as const;

/** A kind drawn as a person. */
export type PersonKind = typeof PERSON_KINDS[number];
/** A kind drawn as an animal or machine. */
export type CreatureKind = typeof CREATURE_KINDS[number];
/** Any kind. */
export type Kind = typeof KINDS[number];
/** A colour. */
export type Colour = typeof COLOURS[number];
/** A pattern of creatures. */
export type Pattern = typeof PATTERNS[number];
/** A hair colour. */
export type Hair = typeof HAIRS[number];
/** A skin. */
export type Skin = typeof SKINS[number];
/** A thing to wear or hold. */
export type Item = typeof ITEMS[number];
/** A place. */
export type Place = typeof PLACES[number];
/** A time of the day. */
export type Time = typeof TIMES[number];
/** What a character does. */
export type Activity = typeof ACTIVITIES[number];
/** Where in the picture. */
export type Position = typeof POSITIONS[number];

/** A person: the colour is the colour of the shirt or dress. */
export interface Person {
  readonly kind: PersonKind;
  readonly colour: Colour;
  readonly hair: Hair;
  readonly skin: Skin;
}

/** An animal or a robot: the colour is the colour of the fur or metal. */
export interface Creature {
  readonly kind: CreatureKind;
  readonly colour: Colour;
  readonly pattern: Pattern;
}

/** An identity: what stays the same in all pictures of one concept. */
export type Character = Person | Creature;

/** A coloured thing worn or held. */
export interface Accessory {
  readonly item: Item;
  readonly colour: Colour;
}

/** One picture, as data. */
export interface Scene {
  readonly character: Character;
  readonly accessory: Accessory | null;
  readonly place: Place;
  readonly time: Time;
  readonly activity: Activity;
  readonly position: Position;
}

/** Whether a word is a kind. */
export function isKind(word: string): word is Kind {
  return (KINDS as readonly string[]).includes(word);
}

/** Which part of the work may use a character. */
export type CharacterSplit = "pretrain" | "heldout" | "dev";

/** Which combinations of attributes a sample may hold. */
export type Combinations = "seen" | "heldout" | "all";

/**
 * Tells people from creatures.
 *
 * @param character Any character.
 * @returns Whether it has hair and skin.
 */
export function isPerson(character: Character): character is Person {
  return character.kind === "man" || character.kind === "woman";
}

/**
 * Names an identity, e.g. `dog-blue-spotted` or `man-red-brown-light`.
 *
 * @param character Any character.
 * @returns A string that is different for every character.
 */
export function characterId(character: Character): string {
  return isPerson(character)
    ? `${character.kind}-${character.colour}-${character.hair}-${character.skin}`
    : `${character.kind}-${character.colour}-${character.pattern}`;
}

/**
 * Lists every character of the world.
 *
 * @returns 224 characters: 128 people and 96 creatures, always in the same order.
 *
 * @example
 * ```ts
 * import { allCharacters } from "./scene.ts";
 * import assert from "node:assert/strict";
 * assert.equal(allCharacters().length, 224);
 * ```
 */
export function allCharacters(): readonly Character[] {
  const people = PERSON_KINDS.flatMap((kind) =>
    COLOURS.flatMap((colour) =>
      HAIRS.flatMap((hair) => SKINS.map((skin): Character => ({ kind, colour, hair, skin })))
    )
  );
  const creatures = CREATURE_KINDS.flatMap((kind) =>
    COLOURS.flatMap((colour) => PATTERNS.map((pattern): Character => ({ kind, colour, pattern })))
  );
  return [...people, ...creatures];
}

const SPLIT_KEY: Key = keyFromSeed(1933);

/**
 * Says which part of the work may use a character: about 85 % pretraining, 10 % held out, 5 % for tuning.
 *
 * The split depends on nothing but the identity, so pictures of one character never fall on both sides.
 *
 * @param character Any character.
 * @returns `"heldout"` for concepts and evaluation, `"dev"` for tuning hyper-parameters, else `"pretrain"`.
 */
export function characterSplit(character: Character): CharacterSplit {
  const draw = uniforms(fold(SPLIT_KEY, characterId(character)), 1)[0] ?? 0;
  return draw < 0.1 ? "heldout" : draw < 0.15 ? "dev" : "pretrain";
}

/**
 * Lists the characters of one split.
 *
 * @returns Its characters, in the order of {@link allCharacters}.
 */
export function charactersOf(split: CharacterSplit): readonly Character[] {
  return allCharacters().filter((character) => characterSplit(character) === split);
}

/** For each item the place where pretraining never shows it. */
export const HELD_OUT_PLACE: Readonly<Record<Item, Place>> = {
  hat: "kitchen",
  scarf: "beach",
  ball: "bedroom",
  umbrella: "forest",
  backpack: "street",
};

/** For each item the colour in which pretraining never shows it. */
export const HELD_OUT_COLOUR: Readonly<Record<Item, Colour>> = {
  hat: "green",
  scarf: "orange",
  ball: "purple",
  umbrella: "yellow",
  backpack: "pink",
};

/**
 * Says whether pretraining must not show this combination of attributes.
 *
 * @param scene The scene; only its accessory and place matter.
 * @returns Whether the item is in its held-out place or has its held-out colour.
 */
export function isHeldOutCombination(scene: Pick<Scene, "accessory" | "place">): boolean {
  const { accessory, place } = scene;
  return accessory !== null &&
    (HELD_OUT_PLACE[accessory.item] === place || HELD_OUT_COLOUR[accessory.item] === accessory.colour);
}

/** What a scene looks like where a text says nothing. */
export const DEFAULT_SCENE: Omit<Scene, "character"> = {
  accessory: null,
  place: "park",
  time: "day",
  activity: "standing",
  position: "middle",
};

/** Which scenes {@link sampleScene} may draw. */
export interface SampleOptions {
  /** A non-empty list of characters to draw from. */
  readonly characters: readonly Character[];
  /** Which combinations are allowed; `"seen"` (default) is what pretraining may use. */
  readonly combinations?: Combinations;
  /**
   * Probability with which each part is put at its default ({@link DEFAULT_SCENE}) before rejection; 0 if left out, which
   * makes every part uniform. Text-to-image training wants about 0.4, so that short prompts occur.
   */
  readonly defaults?: number;
}

/**
 * Draws a scene: every attribute uniform and independent, then rejected while the combination is not allowed.
 *
 * "No accessory" is as likely as each of the five items (1 in 6 before rejection).
 *
 * @param options The characters and combinations to draw from.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { charactersOf, isHeldOutCombination, sampleScene } from "./scene.ts";
 * import assert from "node:assert/strict";
 * const scene = sampleScene(keyFromSeed(1), { characters: charactersOf("pretrain") });
 * assert.equal(isHeldOutCombination(scene), false);
 * ```
 */
export function sampleScene(key: Key, options: SampleOptions): Scene {
  const combinations = options.combinations ?? "seen";
  for (let trial = 0;; trial++) {
    const scene = drawScene(fold(key, trial), options);
    if (combinations === "all" || isHeldOutCombination(scene) === (combinations === "heldout")) return scene;
  }
}

function drawScene(key: Key, options: SampleOptions): Scene {
  const draws = uniforms(fold(key, "defaults"), 5);
  const part = <A>(index: number, name: string, usual: A, values: readonly A[]): A =>
    (draws[index] ?? 0) < (options.defaults ?? 0) ? usual : choose(fold(key, name), values);
  const item = part<Item | null>(0, "item", null, [null, ...ITEMS]);
  return {
    character: choose(fold(key, "character"), options.characters),
    accessory: item === null ? null : { item, colour: choose(fold(key, "colour"), COLOURS) },
    place: part(1, "place", DEFAULT_SCENE.place, PLACES),
    time: part(2, "time", DEFAULT_SCENE.time, TIMES),
    activity: part(3, "activity", DEFAULT_SCENE.activity, ACTIVITIES),
    position: part(4, "position", DEFAULT_SCENE.position, POSITIONS),
  };
}
