/**
 * The facts of one concept: five to learn from, five of the same kind to test on, and five new combinations.
 *
 * @module
 */
import { fold, type Key, shuffle } from "../core/key.ts";
import { type Condition, type Fact, factConditions, isHeldOutFact, sampleFacts } from "./facts.ts";
import { type Accessory, COLOURS, HELD_OUT_COLOUR, HELD_OUT_PLACE, ITEMS } from "./scene.ts";

/** What a concept has, and what it might have. */
export interface ConceptFacts {
  /**
   * Ten facts, one for each condition: five training facts, then five test facts. Pretraining shows such accessories under such
   * conditions; no accessory comes twice, and within a split no item and no colour does.
   */
  readonly facts: readonly Fact[];
  /**
   * The conditions of the test facts with accessories that pretraining never shows there: an item in its held-out place, or in
   * its held-out colour. They contradict the test facts, so they are asked for in lists of their own.
   */
  readonly newCombinations: readonly Fact[];
}

const EACH = 5;

/** What the words of a reasoning prompt begin with. */
export interface Openings {
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/**
 * How prompts that need a fact begin: with words that pretraining never used, all of its captions and prompts being `a photo of …`.
 * That shift is what reinforcement can repair: it halves the look-up of the bundled model. The first opening of the test is
 * one of training, the second is kept for the test.
 */
export const OPENINGS: Openings = {
  train: ["a picture of", "a picture with", "picture of"],
  test: ["a picture of", "the picture of"],
};

/**
 * Draws the facts of a concept.
 *
 * The test facts have five conditions that leave places, times and activities for the photos, so that none need show one.
 *
 * @returns Ten facts and five new combinations.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { conceptFacts } from "./concept_facts.ts";
 * import assert from "node:assert/strict";
 * const { facts } = conceptFacts(keyFromSeed(1));
 * assert.equal(new Set(facts.map(({ condition }) => condition.value)).size, 10);
 * ```
 */
export function conceptFacts(key: Key): ConceptFacts {
  const test = sampleFacts(key, { count: EACH, tests: 2 }).map(({ condition }) => condition);
  const tested = new Set<string>(test.map(({ value }) => value));
  const train = shuffle(fold(key, "train"), factConditions())
    .filter(({ value }) => !tested.has(value));
  return {
    facts: seenFacts(fold(key, "accessories"), { train, test }),
    newCombinations: unseenFacts(fold(key, "new combinations"), test),
  };
}

interface Conditions {
  readonly train: readonly Condition[];
  readonly test: readonly Condition[];
}

/** Accessories drawn alike for both splits, until all differ and pretraining may show them. */
function seenFacts(key: Key, { train, test }: Conditions): readonly Fact[] {
  for (let trial = 0;; trial++) {
    const draw = fold(key, trial);
    const facts = [
      ...withAccessories(train, accessories(fold(draw, "train")), "train"),
      ...withAccessories(test, accessories(fold(draw, "test")), "test"),
    ];
    const names = new Set(facts.map(({ accessory: { colour, item } }) => `${colour} ${item}`));
    if (names.size === facts.length && !facts.some(isHeldOutFact)) return facts;
  }
}

/** Five items in five colours. */
function accessories(key: Key): readonly Accessory[] {
  const colours = shuffle(fold(key, "colours"), COLOURS);
  return shuffle(fold(key, "items"), ITEMS).flatMap((item, index) => {
    const colour = colours[index];
    return colour === undefined ? [] : [{ item, colour }];
  });
}

const withAccessories = (
  conditions: readonly Condition[],
  drawn: readonly Accessory[],
  split: Fact["split"],
): readonly Fact[] =>
  conditions.flatMap((condition, index) => {
    const accessory = drawn[index];
    return accessory === undefined ? [] : [{ condition, accessory, split }];
  });

function unseenFacts(key: Key, conditions: readonly Condition[]): readonly Fact[] {
  const heldOut = new Set(Object.values(HELD_OUT_COLOUR));
  const known = shuffle(fold(key, "colours"), COLOURS.filter((colour) => !heldOut.has(colour)));
  const items = shuffle(fold(key, "items"), ITEMS);
  const isNewThere = (index: number): boolean => {
    const [item, condition] = [items[index], conditions[index]];
    return item !== undefined && HELD_OUT_PLACE[item] === condition?.value;
  };
  return withAccessories(
    conditions,
    items.map((item, index) => {
      const places = items.slice(0, index).filter((_, earlier) => isNewThere(earlier)).length;
      return { item, colour: (isNewThere(index) ? known[places] : undefined) ?? HELD_OUT_COLOUR[item] };
    }),
    "test",
  );
}
