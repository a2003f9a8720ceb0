/**
 * How well an expert tells right from wrong, on characters and combinations that training never showed.
 *
 * @module
 */
import type { RgbImage } from "../../../lib/image/image.ts";
import { fold, type Key, keyFromSeed } from "../../../lib/core/key.ts";
import { cosine } from "../../../lib/core/cosine.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import { type Character, charactersOf, isPerson, sampleScene, type Scene } from "../../../lib/world/scene.ts";
import { spoil } from "../scene_batches.ts";
import type { Quality } from "../export_experts.ts";
import { type Change, CHANGES, fittingCaption, nearMiss, type SubjectStyle } from "./scene_pairs.ts";

/** A score of something true and the score of something false that competes with it. */
export interface Comparison {
  readonly group: string;
  readonly right: number;
  readonly wrong: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Summarises comparisons: how often the true one scores higher, and both mean scores.
 *
 * @param prefix What the names begin with.
 * @returns `<prefix>ranked` over all, `<prefix>ranked_<group>` for each group, `<prefix>right`, `<prefix>wrong`.
 */
export function rankQuality(comparisons: readonly Comparison[], prefix = ""): Quality {
  const rate = (some: readonly Comparison[]) =>
    rounded(mean(some.map(({ right, wrong }) => right > wrong ? 1 : 0)));
  const groups = [...new Set(comparisons.map(({ group }) => group))];
  return {
    [`${prefix}ranked`]: rate(comparisons),
    [`${prefix}right`]: rounded(mean(comparisons.map(({ right }) => right))),
    [`${prefix}wrong`]: rounded(mean(comparisons.map(({ wrong }) => wrong))),
    ...(groups.length < 2 ? {} : Object.fromEntries(
      groups.map((group) => [
        `${prefix}ranked_${group}`,
        rate(comparisons.filter((comparison) => comparison.group === group)),
      ]),
    )),
  };
}

/** The key of every measurement; no training uses it. */
export const QUALITY_KEY: Key = keyFromSeed(770077);

/** A picture, what is true of it, and a near miss that is not. */
export interface CaptionTrial {
  readonly change: Change;
  readonly image: RgbImage;
  readonly right: string;
  readonly wrong: string;
}

const spoilt = (key: Key, image: RgbImage): RgbImage => spoil(key, [image])[0] as RgbImage;

/**
 * Draws trials for a model of pictures and texts: held-out characters, all combinations.
 *
 * @param count How many, shared out over the kinds of change.
 * @param options.fits Whether a caption is short enough.
 * @param options.size Picture side in pixels.
 * @returns The trials; identity changes are described in words, the others name the character by its kind.
 */
export function captionTrials(
  count: number,
  options: { readonly fits: (text: string) => boolean; readonly size: number },
): readonly CaptionTrial[] {
  const characters = charactersOf("heldout");
  return Array.from({ length: count }, (_, index) => {
    const key = fold(fold(QUALITY_KEY, "captions"), index);
    const change = CHANGES[index % CHANGES.length] as Change;
    const scene = sampleScene(fold(key, "scene"), { characters, combinations: "all", defaults: 0.3 });
    const miss = nearMiss(fold(key, "miss"), scene, { change, identity: true });
    const style: SubjectStyle = change === "identity" ? "description" : "the";
    const say = (of: Scene) => fittingCaption(fold(key, "words"), of, { style, fits: options.fits });
    return {
      change,
      image: spoilt(fold(key, "spoil"), renderScene(scene, { size: options.size })),
      right: say(scene),
      wrong: say(miss),
    };
  }).filter(({ right, wrong }) => right !== wrong);
}

/** Two pictures of one character and one of another. */
export interface IdentityTrial {
  readonly group: string;
  readonly anchor: RgbImage;
  readonly same: RgbImage;
  readonly other: RgbImage;
}

/**
 * Draws trials for a model of identities: held-out characters against near misses and against anybody.
 *
 * @param count How many.
 * @param options.size Picture side in pixels.
 * @param options.characters Whom to ask about.
 * @param options.rivals The characters that differ a little from one; half of the trials use them.
 * @param options.differ Whether two characters count as different.
 * @returns The trials; scenes differ freely, only the character is the same.
 */
export function identityTrials(
  count: number,
  options: {
    readonly size: number;
    readonly characters: readonly Character[];
    readonly rivals: (character: Character) => readonly Character[];
    readonly differ: (one: Character, other: Character) => boolean;
  },
): readonly IdentityTrial[] {
  const { characters, size } = options;
  return Array.from({ length: count }, (_, index) => {
    const key = fold(fold(QUALITY_KEY, "identities"), index);
    const draw = (name: string, among: readonly Character[]): Scene =>
      sampleScene(fold(key, name), { characters: among, combinations: "all" });
    const anchor = draw("anchor", characters);
    const similar = index % 2 === 0;
    const rivals = (similar ? options.rivals(anchor.character) : charactersOf("heldout"))
      .filter((rival) =>
        options.differ(anchor.character, rival) && (similar || isPerson(rival) === isPerson(anchor.character))
      );
    const picture = (name: string, scene: Scene) =>
      spoilt(fold(key, `spoil ${name}`), renderScene(scene, { size }));
    return {
      group: similar ? "similar" : "random",
      anchor: picture("anchor", anchor),
      same: picture("same", draw("same", [anchor.character])),
      other: picture("other", draw("other", rivals)),
    };
  });
}

/**
 * Compares vectors of identity trials.
 *
 * @param vectors Of each trial's anchor, same and other picture, in that order, flat; `null` = no vector.
 * @returns Comparisons of cosines; trials with a missing vector are left out.
 */
export function compareIdentities(
  trials: readonly IdentityTrial[],
  vectors: readonly (Float32Array | null)[],
): readonly Comparison[] {
  return trials.flatMap(({ group }, index) => {
    const [anchor, same, other] = vectors.slice(3 * index, 3 * index + 3) as (Float32Array | null)[];
    if (!anchor || !same || !other) return [];
    return [{ group, right: cosine(anchor, same), wrong: cosine(anchor, other) }];
  });
}
