/**
 * Pictures beside their near misses: the same scene with one thing changed, and captions that tell the two apart.
 *
 * @module
 */
import { choose, fold, integer, type Key, uniforms } from "../../../lib/core/key.ts";
import { similarCharacters } from "../../../lib/world/concept.ts";
import { CAPTION_FORMS, captionOf } from "../../../lib/world/language.ts";
import { nounPhrase } from "../../../lib/world/lexicon.ts";
import {
  type Accessory,
  ACTIVITIES,
  type Character,
  COLOURS,
  ITEMS,
  PLACES,
  POSITIONS,
  sampleScene,
  type Scene,
  TIMES,
} from "../../../lib/world/scene.ts";

/** What can be changed in a scene. */
export const CHANGES = [
  "identity",
  "item",
  "item_colour",
  "place",
  "time",
  "activity",
  "position",
] as const;
/** One of {@link CHANGES}. */
export type Change = typeof CHANGES[number];

/** How often each change is made, as a share of 20. */
const SHARES: readonly Change[] = [
  ...["identity", "identity", "identity", "identity", "item", "item", "item", "item"] as const,
  ...["item_colour", "item_colour", "item_colour", "item_colour", "place", "place", "time", "time"] as const,
  ...["activity", "activity", "activity", "position"] as const,
];

/** What a changed scene may be. */
export interface ChangeOptions {
  /** What is changed; drawn if left out. */
  readonly change?: Change;
  /** Whether the character may become another one; if not, a drawn change is none of the identity. */
  readonly identity: boolean;
  /** Which characters and scenes may come out. */
  readonly allows?: (scene: Scene) => boolean;
}

const other = <A>(key: Key, values: readonly A[], value: A): A =>
  choose(key, values.filter((candidate) => candidate !== value));

function changedAccessory(
  key: Key,
  accessory: Accessory | null,
  change: "item" | "item_colour",
): Accessory | null {
  if (accessory === null) {
    return { item: choose(fold(key, "item"), ITEMS), colour: choose(fold(key, "colour"), COLOURS) };
  }
  if (change === "item_colour") return { ...accessory, colour: other(key, COLOURS, accessory.colour) };
  if (integer(fold(key, "none"), 4) === 0) return null;
  return { ...accessory, item: other(key, ITEMS, accessory.item) };
}

function changed(key: Key, scene: Scene, change: Change): Scene {
  switch (change) {
    case "identity":
      return { ...scene, character: choose(key, similarCharacters(scene.character)) };
    case "item":
    case "item_colour":
      return { ...scene, accessory: changedAccessory(key, scene.accessory, change) };
    case "place":
      return { ...scene, place: other(key, PLACES, scene.place) };
    case "time":
      return { ...scene, time: other(key, TIMES, scene.time) };
    case "activity":
      return { ...scene, activity: other(key, ACTIVITIES, scene.activity) };
    case "position":
      return { ...scene, position: other(key, POSITIONS, scene.position) };
  }
}

/**
 * Changes one thing in a scene.
 *
 * @param options What may change.
 * @returns A scene that differs in one attribute; a missing accessory becomes any one.
 */
export function nearMiss(key: Key, scene: Scene, options: ChangeOptions): Scene {
  const shares = options.identity ? SHARES : SHARES.filter((change) => change !== "identity");
  for (let trial = 0;; trial++) {
    const trialKey = fold(key, trial);
    const change = options.change ?? choose(fold(trialKey, "what"), shares);
    const candidate = changed(fold(trialKey, "how"), scene, change);
    if (options.allows === undefined || options.allows(candidate)) return candidate;
  }
}

/** A picture to draw and what is said about it. */
export interface CaptionedScene {
  readonly scene: Scene;
  readonly caption: string;
  /** Whether the caption tells who it is beyond the kind. */
  readonly describes: boolean;
}

/** How the character of a caption is named. */
export type SubjectStyle = "description" | "the" | "a";

/**
 * Captions a scene so that it fits a text encoder, as far as that is possible.
 *
 * @param key The randomness of form and wording: equal keys say equal things of equal scenes.
 * @param options.style How the character is named.
 * @param options.fits Whether a text is short enough.
 * @returns A caption; what it leaves out is at its default. A scene without any default, described in full, may be too long.
 */
export function fittingCaption(
  key: Key,
  scene: Scene,
  options: { readonly style: SubjectStyle; readonly fits: (text: string) => boolean },
): string {
  const subject = options.style === "description"
    ? nounPhrase(scene.character, { sayPlain: integer(fold(key, "plain"), 2) === 0 })
    : `${options.style} ${scene.character.kind}`;
  const brief = (uniforms(fold(key, "brief"), 1)[0] as number) < 0.5 ? 0.7 : 0;
  for (let trial = 0; trial < 4; trial++) {
    const drop = trial === 0 ? brief : 1;
    const text = caption(fold(key, trial), scene, {
      subject,
      drop,
      described: options.style === "description",
    });
    if (options.fits(text)) return text;
  }
  return captionOf(scene, key, { subject, drop: 1, form: "sentence" });
}

function caption(
  key: Key,
  scene: Scene,
  options: { readonly subject: string; readonly drop: number; readonly described: boolean },
): string {
  const { subject, drop, described } = options;
  const forms = described ? CAPTION_FORMS : CAPTION_FORMS.filter((form) => form !== "answer");
  const form = choose(fold(key, "form"), ["sentence", "compound", "compound", ...forms] as const);
  // A description is said once; the second sentence of the compound and dense forms says "the dog".
  return described ? captionOf(scene, key, { drop, form }) : captionOf(scene, key, { subject, drop, form });
}

/**
 * Draws captioned scenes in pairs: half of the pairs are near misses captioned in the same words, half are unrelated.
 *
 * @param options.count Scenes, an even number.
 * @param options.characters Whom to draw.
 * @param options.allows Which scenes may come out of a change.
 * @param options.fits Whether a caption is short enough.
 * @returns The scenes; 2i and 2i + 1 are a pair.
 */
export function captionedPairs(
  key: Key,
  options: {
    readonly count: number;
    readonly characters: readonly Character[];
    readonly allows: (scene: Scene) => boolean;
    readonly fits: (text: string) => boolean;
  },
): readonly CaptionedScene[] {
  const { characters, allows, fits } = options;
  return Array.from({ length: options.count / 2 }, (_, pair) => {
    const pairKey = fold(key, pair);
    const [near, named] = uniforms(fold(pairKey, "kind"), 2) as unknown as [number, number];
    const style: SubjectStyle = named < 0.5 ? "description" : named < 0.85 ? "the" : "a";
    const describes = style === "description";
    const sample = (name: string) => sampleScene(fold(pairKey, name), { characters, defaults: 0.3 });
    const first = sample("first");
    const second = near < 0.5
      ? nearMiss(fold(pairKey, "miss"), first, { identity: describes, allows })
      : sample("second");
    const words = [fold(pairKey, "words"), fold(pairKey, near < 0.5 ? "words" : "other words")] as const;
    return [first, second].map((scene, index) => ({
      scene,
      caption: fittingCaption(words[index] as Key, scene, { style, fits }),
      describes,
    }));
  }).flat();
}
