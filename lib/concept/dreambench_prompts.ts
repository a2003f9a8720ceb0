/**
 * The prompts and subjects of DreamBench: 25 prompts for living subjects, 25 for objects, 30 subjects with their classes.
 *
 * Data of the DreamBooth repository (google/dreambooth, CC-BY 4.0, Ruiz et al.). The same prompts make the plain
 * generation test of UnifyBench.
 *
 * @module
 */
import type { GenerationType } from "./concept.ts";

/** Stands for the subject in the templates. */
const SUBJECT = "@";

const PLACES = [
  "a @ in the jungle",
  "a @ in the snow",
  "a @ on the beach",
  "a @ on a cobblestone street",
  "a @ on top of pink fabric",
  "a @ on top of a wooden floor",
  "a @ with a city in the background",
  "a @ with a mountain in the background",
  "a @ with a blue house in the background",
  "a @ on top of a purple rug in a forest",
];

const OBJECT_SCENES = [
  "a @ with a wheat field in the background",
  "a @ with a tree and autumn leaves in the background",
  "a @ with the Eiffel Tower in the background",
  "a @ floating on top of water",
  "a @ floating in an ocean of milk",
  "a @ on top of green grass with sunflowers around it",
  "a @ on top of a mirror",
  "a @ on top of the sidewalk in a crowded street",
  "a @ on top of a dirt road",
  "a @ on top of a white rug",
];

const OUTFITS = [
  "a @ wearing a red hat",
  "a @ wearing a santa hat",
  "a @ wearing a rainbow scarf",
  "a @ wearing a black top hat and a monocle",
  "a @ in a chef outfit",
  "a @ in a firefighter outfit",
  "a @ in a police outfit",
  "a @ wearing pink glasses",
  "a @ wearing a yellow shirt",
  "a @ in a purple wizard outfit",
];

const PROPERTIES = ["a red @", "a purple @", "a shiny @", "a wet @", "a cube shaped @"];

const TEMPLATES: Readonly<Record<GenerationType, readonly string[]>> = {
  object: [...PLACES, ...OBJECT_SCENES, ...PROPERTIES],
  live_subject: [...PLACES, ...OUTFITS, ...PROPERTIES],
};

/**
 * Writes the 25 prompts for one subject.
 *
 * @param type Which list.
 * @param subject What stands for the subject: a token `<mochi>`, or token and class `<mochi> dog`, or the class alone.
 * @returns 25 prompts, in the published order.
 *
 * @example
 * ```ts
 * import { dreambenchPrompts } from "./dreambench_prompts.ts";
 * import assert from "node:assert/strict";
 * assert.equal(dreambenchPrompts("live_subject", "<bo>")[10], "a <bo> wearing a red hat");
 * ```
 */
export function dreambenchPrompts(type: GenerationType, subject: string): readonly string[] {
  return TEMPLATES[type].map((template) => template.replaceAll(SUBJECT, () => subject));
}

/** A subject's class noun, and which prompts are for it. */
export interface SubjectClass {
  readonly className: string;
  readonly generationType: GenerationType;
}

const LIVE: Readonly<Record<string, string>> = {
  cat: "cat",
  cat2: "cat",
  dog: "dog",
  dog2: "dog",
  dog3: "dog",
  dog5: "dog",
  dog6: "dog",
  dog7: "dog",
  dog8: "dog",
};

const OBJECTS: Readonly<Record<string, string>> = {
  backpack: "backpack",
  backpack_dog: "backpack",
  bear_plushie: "stuffed animal",
  berry_bowl: "bowl",
  can: "can",
  candle: "candle",
  clock: "clock",
  colorful_sneaker: "sneaker",
  duck_toy: "toy",
  fancy_boot: "boot",
  grey_sloth_plushie: "stuffed animal",
  monster_toy: "toy",
  pink_sunglasses: "glasses",
  poop_emoji: "toy",
  rc_car: "toy",
  red_cartoon: "cartoon",
  robot_toy: "toy",
  shiny_sneaker: "sneaker",
  teapot: "teapot",
  vase: "vase",
  wolf_plushie: "stuffed animal",
};

const typed = (classes: Readonly<Record<string, string>>, generationType: GenerationType) =>
  Object.entries(classes).map(([id, className]) => [id, { className, generationType }] as const);

/** The 30 subjects. */
export const DREAMBENCH_SUBJECTS: ReadonlyMap<string, SubjectClass> = new Map([
  ...typed(LIVE, "live_subject"),
  ...typed(OBJECTS, "object"),
]);
