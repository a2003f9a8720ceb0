/**
 * Which facts a turn of text-only reasoning lists, and in which order.
 *
 * @module
 */
import type { Concept, Fact } from "../concept/concept.ts";
import { fold, type Key, keyFromSeed, shuffle } from "../core/key.ts";

type HasFacts = Pick<Concept, "facts">;

/** Whether two details share a word besides the article: a colour or a thing. */
const areAlike = ({ detail: one = "" }: Fact, { detail: two = "" }: Fact): boolean => {
  const words = new Set(two.split(" ").slice(1));
  return one.split(" ").slice(1).some((word) => words.has(word));
};

/** The needed fact and others, as many as wanted, no two of them with the same colour or thing. */
const unlike = (fact: Fact, others: readonly Fact[], shown: number): readonly Fact[] =>
  others.reduce<readonly Fact[]>(
    (chosen, each) =>
      chosen.length < shown && chosen.every((one) => !areAlike(one, each)) ? [...chosen, each] : chosen,
    [fact],
  );

const others = ({ facts }: HasFacts, fact: Fact): readonly Fact[] =>
  facts.filter(({ split, index }) => split === fact.split && index !== fact.index);

/**
 * Draws the list of facts among which a turn asks for one.
 *
 * A concept with at most `shown` facts has all of them listed, in a random order. One with more has the needed fact and others of
 * its split listed, so that no list of training names a fact of the test; no two details share a colour or a thing, so that the
 * condition alone decides.
 *
 * @param fact The needed fact.
 * @param options.shown Facts at most; 0 = all facts in the order of the data, as released.
 * @param options.key Which others, and the order.
 * @returns The list, which holds `fact`; shorter than `shown` where its split has too few facts that differ.
 *
 * @example A fact of three, in lists of two
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { listedFacts } from "./listed_facts.ts";
 * import assert from "node:assert/strict";
 * const fact = (detail: string, index: number) =>
 *   ({ index, detail, text: `<mip> has ${detail} .`, split: "train" as const });
 * const hat = fact("a red hat", 0);
 * const facts = [hat, fact("a blue ball", 1), fact("a red scarf", 2)];
 * const listed = listedFacts({ facts }, hat, { shown: 2, key: keyFromSeed(1) });
 * assert.deepEqual(listed.map(({ index }) => index).toSorted(), [0, 1]);
 * ```
 */
export function listedFacts(
  concept: HasFacts,
  fact: Fact,
  { shown, key }: { readonly shown: number; readonly key: Key },
): readonly Fact[] {
  if (shown === 0) return concept.facts;
  const chosen = concept.facts.length <= shown
    ? concept.facts
    : unlike(fact, shuffle(fold(key, "others"), others(concept, fact)), shown);
  return shuffle(fold(key, "order"), chosen);
}

const EVALUATION_KEY: Key = keyFromSeed(97);

/**
 * The list that an evaluation shows: the same for every model and at every time.
 *
 * @param fact The needed fact.
 * @param options.shown As in {@link listedFacts}.
 * @param options.order Which of several lists of the fact, from 0; default 0.
 */
export function evaluatedList(
  concept: HasFacts,
  fact: Fact,
  { shown, order = 0 }: { readonly shown: number; readonly order?: number },
): readonly Fact[] {
  return listedFacts(concept, fact, { shown, key: fold(fold(EVALUATION_KEY, fact.index), order) });
}

/**
 * The longest list in which a fact can be asked for.
 *
 * @param fact The needed fact.
 * @param shown As in {@link listedFacts}.
 * @returns The fact and the longest others of its split, alike or not: at least as long as any list that is drawn.
 */
export function longestList(concept: HasFacts, fact: Fact, shown: number): readonly Fact[] {
  if (shown === 0 || concept.facts.length <= shown) return concept.facts;
  const wordsOf = ({ text }: Fact): number => text.split(" ").length;
  return [fact, ...others(concept, fact).toSorted((one, two) => wordsOf(two) - wordsOf(one))].slice(0, shown);
}

const wordsIn = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/**
 * Chooses the facts to list for a prompt of which nobody has said what it needs: those that share most words with it.
 *
 * @param shown Facts at most; 0 = all.
 * @returns The facts in the order of the data.
 *
 * @example
 * ```ts
 * import { nearestFacts } from "./listed_facts.ts";
 * import assert from "node:assert/strict";
 * const facts = ["<mip> wears a hat at night .", "<mip> holds a ball at the beach ."].map((text, index) => (
 *   { index, text, split: "test" as const }
 * ));
 * const [nearest] = nearestFacts({ facts }, "a photo of <mip> at the beach .", 1);
 * assert.equal(nearest?.index, 1);
 * ```
 */
export function nearestFacts({ facts }: HasFacts, prompt: string, shown: number): readonly Fact[] {
  if (shown === 0 || facts.length <= shown) return facts;
  const asked = wordsIn(prompt);
  const shared = ({ text }: Fact): number => [...wordsIn(text)].filter((word) => asked.has(word)).length;
  const nearest = facts.toSorted((one, two) => shared(two) - shared(one)).slice(0, shown);
  return facts.filter((fact) => nearest.includes(fact));
}
