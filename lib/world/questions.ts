/**
 * Questions about a scene with short answers.
 *
 * @module
 */
import { choose, fold, integer, type Key, shuffle } from "../core/key.ts";
import {
  accessoryPhrase,
  ACTIVITY_PHRASES,
  garmentOf,
  nounPhrase,
  PLACE_PHRASES,
  POSITION_PHRASES,
  TIME_PHRASES,
  VERBS,
  withArticle,
} from "./lexicon.ts";
import {
  ACTIVITIES,
  allCharacters,
  type Character,
  characterId,
  COLOURS,
  HAIRS,
  isPerson,
  ITEMS,
  KINDS,
  PATTERNS,
  PLACES,
  POSITIONS,
  type Scene,
  SKINS,
  TIMES,
} from "./scene.ts";

/** What a question is about. */
export const TOPICS = [
  "kind",
  "colour",
  "pattern",
  "hair",
  "skin",
  "accessory",
  "accessory_colour",
  "place",
  "time",
  "activity",
  "position",
] as const;
/** One of {@link TOPICS}. */
export type Topic = typeof TOPICS[number];

/** The topics that a character answers without a picture. */
export const IDENTITY_TOPICS = ["kind", "colour", "pattern", "hair", "skin"] as const;

/** A question with its one right answer. */
export interface Question {
  readonly topic: Topic | "recognition";
  /** Whether the answer is yes or no. */
  readonly yesNo: boolean;
  readonly question: string;
  readonly answer: string;
}

/** How to name the one who is asked about. */
export interface QuestionOptions {
  /** Name to use, e.g. `<mip>`; if left out, `the dog`, `this`. */
  readonly subject?: string;
}

const TEMPLATES: Readonly<Record<Topic, readonly [string, string]>> = {
  kind: ["what kind of character is {this} ?", "what is {this} ?"],
  colour: ["what colour is {whole} ?", "which colour is {whole} ?"],
  pattern: ["what pattern does {the} have ?", "is {the} plain , spotted or striped ?"],
  hair: ["what colour is the hair of {the} ?", "which hair colour does {the} have ?"],
  skin: ["is the skin of {the} light or dark ?", "which skin does {the} have ?"],
  accessory: ["what does {the} wear or hold ?", "what is {the} wearing or holding ?"],
  accessory_colour: ["what colour is the {item} ?", "which colour is the {item} of {the} ?"],
  place: ["where is {the} ?", "in which place is {the} ?"],
  time: ["when is this ?", "what time is it ?"],
  activity: ["what is {the} doing ?", "what does {the} do ?"],
  position: ["on which side is {the} ?", "where in the picture is {the} ?"],
};

/**
 * Says whether a topic can be asked about a scene.
 *
 * @returns False for the hair of a dog, the pattern of a man, the colour of no accessory.
 */
export function isAnswerable(scene: Scene, topic: Topic): boolean {
  if (topic === "hair" || topic === "skin") return isPerson(scene.character);
  if (topic === "pattern") return !isPerson(scene.character);
  return topic !== "accessory_colour" || scene.accessory !== null;
}

/**
 * Answers a topic in a few words, e.g. `at the beach`, `a red hat`, `nothing`, `blue`.
 *
 * @param topic A topic for which {@link isAnswerable} holds.
 * @returns The words without full stop; empty if the topic cannot be answered.
 */
export function shortAnswer(scene: Scene, topic: Topic): string {
  const { character, accessory } = scene;
  switch (topic) {
    case "kind":
      return withArticle(character.kind);
    case "colour":
      return character.colour;
    case "pattern":
      return isPerson(character) ? "" : character.pattern;
    case "hair":
      return isPerson(character) ? character.hair : "";
    case "skin":
      return isPerson(character) ? character.skin : "";
    case "accessory":
      return accessory === null ? "nothing" : accessoryPhrase(accessory);
    case "accessory_colour":
      return accessory?.colour ?? "";
    case "place":
      return PLACE_PHRASES[scene.place][0];
    case "time":
      return TIME_PHRASES[scene.time][0];
    case "activity":
      return ACTIVITY_PHRASES[scene.activity][0];
    case "position":
      return POSITION_PHRASES[scene.position];
  }
}

function fill(template: string, scene: Scene, subject: string | undefined): string {
  const the = subject ?? `the ${scene.character.kind}`;
  const garment = garmentOf(scene.character.kind);
  return template
    .replaceAll("{this}", subject ?? "this")
    .replaceAll("{whole}", garment === null ? the : `the ${garment} of ${the}`)
    .replaceAll("{the}", the)
    .replaceAll("{item}", scene.accessory?.item ?? "thing");
}

/**
 * Asks an open question.
 *
 * @param topic A topic for which {@link isAnswerable} holds.
 * @param options Subject, and which of the two wordings (0 or 1; 0 if left out).
 * @returns The question with its answer, which ends in a full stop.
 */
export function openQuestion(
  scene: Scene,
  topic: Topic,
  options: QuestionOptions & { readonly wording?: 0 | 1 } = {},
): Question {
  const template = TEMPLATES[topic][options.wording ?? 0];
  return {
    topic,
    yesNo: false,
    question: fill(template, scene, options.subject),
    answer: `${shortAnswer(scene, topic)} .`,
  };
}

/**
 * Asks a yes/no question; both answers are equally likely.
 *
 * @param topic What it is about; the colour of the accessory is asked together with the accessory.
 * @param options Key and subject.
 * @returns The question with `yes .` or `no .`.
 */
export function yesNoQuestion(
  scene: Scene,
  topic: Exclude<Topic, "accessory_colour">,
  options: QuestionOptions & { readonly key: Key },
): Question {
  const truth = integer(fold(options.key, "truth"), 2) === 1;
  const asked = truth ? scene : changed(scene, topic, fold(options.key, "change"));
  return {
    topic,
    yesNo: true,
    question: fill(claim(asked, topic), scene, options.subject),
    answer: truth ? "yes ." : "no .",
  };
}

function claim(asked: Scene, topic: Exclude<Topic, "accessory_colour">): string {
  const { accessory } = asked;
  switch (topic) {
    case "kind":
      return `is {this} ${withArticle(asked.character.kind)} ?`;
    case "colour":
      return `is {whole} ${asked.character.colour} ?`;
    case "pattern":
      return `is {the} ${shortAnswer(asked, topic)} ?`;
    case "hair":
      return `is the hair of {the} ${shortAnswer(asked, topic)} ?`;
    case "skin":
      return `is the skin of {the} ${shortAnswer(asked, topic)} ?`;
    case "accessory":
      return accessory === null
        ? "is {the} wearing nothing ?"
        : `is {the} ${VERBS[accessory.item][0]} ${accessoryPhrase(accessory)} ?`;
    case "time":
      return `is this ${TIME_PHRASES[asked.time][0]} ?`;
    case "place":
    case "activity":
    case "position":
      return `is {the} ${shortAnswer(asked, topic)} ?`;
  }
}

const otherThan = <A>(key: Key, items: readonly A[], value: A): A =>
  choose(key, items.filter((item) => item !== value));

/** The scene with one attribute changed: a different answer to the topic. */
function changed(scene: Scene, topic: Exclude<Topic, "accessory_colour">, key: Key): Scene {
  const { character } = scene;
  switch (topic) {
    case "kind":
    case "colour":
    case "pattern":
    case "hair":
    case "skin":
      return { ...scene, character: changedCharacter(character, topic, key) };
    case "accessory": {
      const item = otherThan(fold(key, 0), [...ITEMS], scene.accessory?.item);
      const recolour = scene.accessory !== null && integer(fold(key, 1), 2) === 1;
      const colour = otherThan(fold(key, 2), COLOURS, scene.accessory?.colour ?? "red");
      return {
        ...scene,
        accessory: { item: recolour ? scene.accessory?.item ?? item : item ?? "hat", colour },
      };
    }
    case "place":
      return { ...scene, place: otherThan(key, PLACES, scene.place) };
    case "time":
      return { ...scene, time: otherThan(key, TIMES, scene.time) };
    case "activity":
      return { ...scene, activity: otherThan(key, ACTIVITIES, scene.activity) };
    case "position":
      return { ...scene, position: otherThan(key, POSITIONS, scene.position) };
  }
}

function changedCharacter(character: Character, topic: typeof IDENTITY_TOPICS[number], key: Key): Character {
  if (topic === "kind") {
    return { ...character, kind: otherThan(key, [...KINDS], character.kind) } as Character;
  }
  if (topic === "colour") return { ...character, colour: otherThan(key, COLOURS, character.colour) };
  if (isPerson(character)) {
    return topic === "hair"
      ? { ...character, hair: otherThan(key, HAIRS, character.hair) }
      : { ...character, skin: otherThan(key, SKINS, character.skin) };
  }
  return { ...character, pattern: otherThan(key, PATTERNS, character.pattern) };
}

/** Recognition: is it this character? */
export interface RecognitionOptions extends QuestionOptions {
  readonly key: Key;
  /** Who is asked for; without it the character of the scene or, as often, a similar one. */
  readonly asked?: Character;
}

/**
 * Asks whether a picture shows a certain character, named or described in words.
 *
 * A wrong character differs in one attribute (half of the time) or in anything.
 *
 * @param options Key, and the name of `asked`; without a name it is described in words.
 * @returns The question with `yes .` or `no .`.
 */
export function recognitionQuestion(scene: Scene, options: RecognitionOptions): Question {
  const asked = options.asked ?? askedCharacter(scene.character, options.key);
  const who = options.subject ?? nounPhrase(asked);
  const wording = integer(fold(options.key, "wording"), 2);
  return {
    topic: "recognition",
    yesNo: true,
    question: wording === 0 ? `is this ${who} ?` : `can you see ${who} in the photo ?`,
    answer: characterId(asked) === characterId(scene.character) ? "yes ." : "no .",
  };
}

function askedCharacter(character: Character, key: Key): Character {
  const draw = integer(fold(key, "asked"), 4);
  if (draw < 2) return character;
  const others = allCharacters().filter((other) => characterId(other) !== characterId(character));
  return choose(
    fold(key, "other"),
    draw === 2 ? others : others.filter((other) => characterDistance(other, character) === 1),
  );
}

/**
 * Counts the attributes in which two characters differ.
 *
 * @param a One character.
 * @param b Another.
 * @returns 0 for the same character; 4 between a person and a creature.
 */
export function characterDistance(a: Character, b: Character): number {
  const [left, right] = [characterId(a).split("-"), characterId(b).split("-")];
  return isPerson(a) !== isPerson(b) ? 4 : left.filter((part, index) => part !== right[index]).length;
}

/**
 * Asks everything that can be asked about a scene: one open question a topic, some yes/no questions, one recognition.
 *
 * @param key The randomness: wordings, order, and which yes/no questions.
 * @param options Subject, and how many yes/no questions (2 if left out).
 * @returns 9 to 10 open questions and the others, shuffled.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { questionsOf } from "./questions.ts";
 * import assert from "node:assert/strict";
 * const questions = questionsOf({
 *   character: { kind: "dog", colour: "blue", pattern: "spotted" },
 *   accessory: { item: "hat", colour: "red" },
 *   place: "beach", time: "night", activity: "waving", position: "left",
 * }, keyFromSeed(1), { subject: "<mip>" });
 * assert.ok(questions.some(({ answer }) => answer === "a red hat ."));
 * ```
 */
export function questionsOf(
  scene: Scene,
  key: Key,
  options: QuestionOptions & { readonly yesNo?: number } = {},
): readonly Question[] {
  const topics = TOPICS.filter((topic) => isAnswerable(scene, topic));
  const open = topics.map((topic) =>
    openQuestion(scene, topic, { ...options, wording: integer(fold(key, topic), 2) as 0 | 1 })
  );
  const yesNo = shuffle(fold(key, "topics"), topics.filter((topic) => topic !== "accessory_colour"))
    .slice(0, options.yesNo ?? 2)
    .map((topic) => yesNoQuestion(scene, topic, { ...options, key: fold(fold(key, "yes"), topic) }));
  const recognition = recognitionQuestion(scene, { key: fold(key, "recognition") });
  return shuffle(fold(key, "order"), [...open, ...yesNo, recognition]);
}
