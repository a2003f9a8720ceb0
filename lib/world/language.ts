/**
 * Captions: scenes in words, from a key.
 *
 * By default *silence means the default*: a part that is not said is at its default ({@link DEFAULT_SCENE}: nothing worn,
 * in the park, by day, standing, in the middle), so that no prompt leaves anything open that the model must choose.
 *
 * @module
 */
import { choose, fold, integer, type Key, uniforms } from "../core/key.ts";
import {
  accessoryPhrase,
  ACTIVITY_PHRASES,
  BACKGROUND_CLAUSES,
  nounPhrase,
  type Phrases,
  PLACE_PHRASES,
  POSITION_PHRASES,
  SKY_CLAUSES,
  TIME_PHRASES,
  VERBS,
} from "./lexicon.ts";
import { isAnswerable, shortAnswer, TOPICS } from "./questions.ts";
import { DEFAULT_SCENE, type Scene } from "./scene.ts";

/** The parts of a scene that a caption may leave out. */
export const PARTS = ["accessory", "activity", "place", "time", "position"] as const;
/** One of {@link PARTS}. */
export type Part = typeof PARTS[number];

/** How a caption is built. */
export const CAPTION_FORMS = ["sentence", "compound", "dense", "answer"] as const;
/** One of {@link CAPTION_FORMS}. */
export type CaptionForm = typeof CAPTION_FORMS[number];

/** How to say it. */
export interface CaptionOptions {
  /** What stands for the character, e.g. `<mip>`; its description in words if left out. */
  readonly subject?: string;
  /** The form; drawn by the key (sentence .45, compound .3, dense .15, answer .1) if left out. */
  readonly form?: CaptionForm;
  /** Probability of leaving out each part that may be left out; 0 if left out. */
  readonly drop?: number;
  /** `default`: only parts at their default may be left out. `open`: any part but the position. */
  readonly silence?: "default" | "open";
}

/**
 * Describes a scene.
 *
 * @param key The randomness: form, wording, and what is left out.
 * @param options Form, subject, what may be left out.
 * @returns Lower-case words and punctuation with single spaces.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { captionOf } from "./language.ts";
 * import assert from "node:assert/strict";
 * const caption = captionOf({
 *   character: { kind: "dog", colour: "blue", pattern: "spotted" },
 *   accessory: { item: "hat", colour: "red" },
 *   place: "park", time: "day", activity: "standing", position: "left",
 * }, keyFromSeed(1), { form: "sentence", drop: 1 });
 * assert.equal(caption, "a photo of a spotted blue dog wearing a red hat on the left .");
 * ```
 */
export function captionOf(scene: Scene, key: Key, options: CaptionOptions = {}): string {
  const words = wordsOf(scene, key, options);
  switch (formOf(scene, key, options)) {
    case "sentence":
      return `a photo of ${join([words.who, ...mainParts(words)])} .`;
    case "compound":
      return compound(scene, key, words);
    case "dense":
      return dense(words, key);
    case "answer":
      return answerForm(scene, key, words);
  }
}

function formOf(scene: Scene, key: Key, options: CaptionOptions): CaptionForm {
  const draw = uniforms(fold(key, "form"), 1)[0] ?? 0;
  const form = options.form ??
    (draw < 0.45 ? "sentence" : draw < 0.75 ? "compound" : draw < 0.9 ? "dense" : "answer");
  return form === "compound" && scene.accessory === null ? "sentence" : form;
}

/** The scene in words; a part that is left out is empty. */
interface Words {
  readonly who: string;
  readonly they: string;
  readonly accessory: string;
  readonly activity: string;
  readonly place: string;
  readonly time: string;
  readonly position: string;
  readonly skyClause: string;
  readonly backgroundClause: string;
}

function wordsOf(scene: Scene, key: Key, options: CaptionOptions): Words {
  const said = (part: Part, phrase: string) => isSaid(scene, part, { ...options, key }) ? phrase : "";
  const pick = (part: Part, phrases: Phrases) =>
    said(part, choose(fold(fold(key, "wording"), part), phrases));
  const sayPlain = integer(fold(key, "plain"), 2) === 0;
  const { accessory } = scene;
  return {
    who: options.subject ?? nounPhrase(scene.character, { sayPlain }),
    they: options.subject ?? `the ${scene.character.kind}`,
    accessory: accessory === null
      ? ""
      : said("accessory", `${VERBS[accessory.item][0]} ${accessoryPhrase(accessory)}`),
    activity: pick("activity", ACTIVITY_PHRASES[scene.activity]),
    place: pick("place", PLACE_PHRASES[scene.place]),
    time: pick("time", TIME_PHRASES[scene.time]),
    position: said("position", POSITION_PHRASES[scene.position]),
    skyClause: said("time", SKY_CLAUSES[scene.time]),
    backgroundClause: said("place", BACKGROUND_CLAUSES[scene.place]),
  };
}

function isSaid(scene: Scene, part: Part, options: CaptionOptions & { readonly key: Key }): boolean {
  const open = options.silence === "open";
  const droppable = open ? part !== "position" : scene[part] === DEFAULT_SCENE[part];
  const draw = uniforms(fold(fold(options.key, "drop"), part), 1)[0] ?? 0;
  return !droppable || draw >= (options.drop ?? 0);
}

const join = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");

/** Accessory, activity, place, time, position; `while` keeps the accessory and the activity apart. */
function mainParts(words: Words): readonly string[] {
  const both = words.accessory !== "" && words.activity !== "";
  return [
    words.accessory,
    both ? `while ${words.activity}` : words.activity,
    words.place,
    words.time,
    words.position,
  ];
}

/** `a photo of {noun} {condition} . the {kind} wears a red hat {condition} .`: the form of a compound prompt. */
function compound(scene: Scene, key: Key, words: Words): string {
  const first = `a photo of ${join([words.who, words.activity, words.place, words.time, words.position])} .`;
  const { accessory } = scene;
  if (accessory === null || words.accessory === "") return first;
  const conditions = (["place", "time", "activity"] as const).filter((part) => words[part] !== "");
  const said = `${words.they} ${VERBS[accessory.item][1]} ${accessoryPhrase(accessory)}`;
  if (conditions.length === 0) return `${first} ${said} .`;
  const unusual = conditions.filter((part) => scene[part] !== DEFAULT_SCENE[part]);
  const part = choose(fold(key, "condition"), unusual.length > 0 ? unusual : conditions);
  const condition = conditionPhrase(scene, part, integer(fold(key, "again"), 2) as 0 | 1);
  const front = integer(fold(key, "front"), 2) === 0;
  return front ? `${first} ${condition} ${said} .` : `${first} ${said} ${condition} .`;
}

/**
 * Words a place, time or activity as the condition of a sentence: `at the beach`, `at night`, `while jumping`.
 *
 * @param part Which one.
 * @param wording The usual phrase (0) or its paraphrase (1).
 */
export function conditionPhrase(
  scene: Pick<Scene, "place" | "time" | "activity">,
  part: "place" | "time" | "activity",
  wording: 0 | 1 = 0,
): string {
  if (part === "place") return PLACE_PHRASES[scene.place][wording];
  if (part === "time") return TIME_PHRASES[scene.time][wording];
  return `while ${ACTIVITY_PHRASES[scene.activity][wording]}`;
}

/** Several short clauses: `a photo of {noun} {place} , {activity} {position} , {accessory} . the sun is low .` */
function dense(words: Words, key: Key): string {
  const behind = integer(fold(key, "behind"), 2) === 0;
  const sky = integer(fold(key, "sky"), 3) > 0;
  const first = [
    join([words.who, behind ? "" : words.place, sky ? "" : words.time]),
    join([words.activity, words.position]),
    words.accessory,
  ].filter((clause) => clause !== "").join(" , ");
  const rest = [
    sky ? words.skyClause : "",
    behind && words.backgroundClause !== "" ? `${words.backgroundClause} ${words.they}` : "",
  ].filter((clause) => clause !== "").map((clause) => ` ${clause} .`).join("");
  return `a photo of ${first} .${rest}`;
}

/** A prompt followed by the short answer to a question: what a visual instruction adds to the base prompt. */
function answerForm(scene: Scene, key: Key, words: Words): string {
  const topics = TOPICS.filter((topic) => isAnswerable(scene, topic) && topic !== "accessory_colour");
  const topic = choose(fold(key, "topic"), topics);
  const parts = mainParts(topic === "kind" ? words : { ...words, [topic]: "" });
  return `a photo of ${join([words.who, ...parts])} . ${shortAnswer(scene, topic)} .`;
}
