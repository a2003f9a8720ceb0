/**
 * Facts in many wordings: what the text expert must see as equal, as alike and as different.
 *
 * @module
 */
import { choose, fold, integer, type Key, uniforms } from "../../../lib/core/key.ts";
import {
  explicitPrompt,
  type Fact,
  factConditions,
  factSentence,
  isHeldOutFact,
  sampleFacts,
} from "../../../lib/world/facts.ts";
import { accessoryPhrase, VERBS } from "../../../lib/world/lexicon.ts";
import { CONCEPT_NAMES } from "../../../lib/world/names.ts";
import { type Accessory, COLOURS, ITEMS, KINDS } from "../../../lib/world/scene.ts";

/** What a sentence says: an accessory, and mostly the condition under which it is there. */
export type Meaning = Pick<Fact, "accessory"> & { readonly condition: Fact["condition"] | null };

const nameOf = ({ accessory, condition }: Meaning): string =>
  `${condition === null ? "always" : condition.value} ${accessory.colour} ${accessory.item}`;

/** Shares of the parts of a meaning in the similarity of two. */
const WEIGHTS = { condition: 0.4, item: 0.35, colour: 0.25 } as const;

/**
 * Says how similar two meanings are.
 *
 * @param other Another.
 * @returns 1 if equal; else 0.4 for the condition, 0.35 for the item and 0.25 for the colour that they share.
 */
export function statementSimilarity(one: Meaning, other: Meaning): number {
  const condition = one.condition?.value === other.condition?.value ? WEIGHTS.condition : 0;
  const item = one.accessory.item === other.accessory.item ? WEIGHTS.item : 0;
  return condition + item + (one.accessory.colour === other.accessory.colour ? WEIGHTS.colour : 0);
}

const other = <A>(key: Key, values: readonly A[], value: A): A =>
  choose(key, values.filter((candidate) => candidate !== value));

function changedMeaning(key: Key, meaning: Meaning): Meaning {
  const { accessory, condition } = meaning;
  switch (integer(fold(key, "what"), 4)) {
    case 0:
      return {
        ...meaning,
        accessory: { ...accessory, colour: other(fold(key, "colour"), COLOURS, accessory.colour) },
      };
    case 1:
      return {
        ...meaning,
        accessory: { ...accessory, item: other(fold(key, "item"), ITEMS, accessory.item) },
      };
    case 2:
      return { ...meaning, condition: choose(fold(key, "condition"), factConditions()) };
    default:
      return condition === null ? meaning : { ...meaning, condition: null };
  }
}

const isShown = ({ accessory, condition }: Meaning): boolean =>
  condition === null || !isHeldOutFact({ accessory, condition });

/**
 * Draws different meanings that pretraining may show: facts as one character has them, and their near misses.
 *
 * @param count How many.
 * @returns The meanings, no two equal.
 */
export function sampleMeanings(key: Key, count: number): readonly Meaning[] {
  const found = new Map<string, Meaning>();
  for (let group = 0; found.size < count; group++) {
    const groupKey = fold(key, group);
    const facts: readonly Meaning[] = sampleFacts(groupKey, { count: 3 });
    const misses = facts.map((fact, index) => changedMeaning(fold(fold(groupKey, "miss"), index), fact));
    for (const meaning of [...facts, ...misses].filter(isShown)) {
      if (found.size < count) found.set(nameOf(meaning), meaning);
    }
  }
  return [...found.values()];
}

const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");

function subjectOf(key: Key): string {
  const draw = uniforms(fold(key, "style"), 1)[0] as number;
  if (draw < 0.25) return `the ${choose(fold(key, "kind"), KINDS)}`;
  if (draw < 0.6) return `<${choose(fold(key, "name"), CONCEPT_NAMES)}>`;
  const length = 2 + integer(fold(key, "length"), 4);
  return `<${
    Array.from({ length }, (_, index) => choose(fold(fold(key, "letter"), index), LETTERS)).join("")
  }>`;
}

const plainly = (subject: string, accessory: Accessory): string =>
  `${subject} ${VERBS[accessory.item][1]} ${accessoryPhrase(accessory)}`;

/**
 * Puts a meaning into words: as a fact with the condition first or last, as a prompt, with or without the full stop.
 *
 * @param key The randomness of subject, order and paraphrase.
 */
export function statementOf(key: Key, meaning: Meaning): string {
  const subject = subjectOf(key);
  const { accessory, condition } = meaning;
  if (condition === null) return `${plainly(subject, accessory)} .`;
  const fact: Fact = { accessory, condition, split: "train" };
  const wording = integer(fold(key, "wording"), 2) as 0 | 1;
  const draw = uniforms(fold(key, "form"), 2) as unknown as [number, number];
  const text = draw[0] < 0.2
    ? explicitPrompt(fact, { subject, wording })
    : factSentence(fact, { subject, wording, conditionFirst: draw[0] < 0.6 });
  return draw[1] < 0.1 ? text.replace(/ \.$/, "") : text;
}

/** An answer, near answers, and the facts of one concept. */
export interface FactTrial {
  readonly facts: readonly string[];
  readonly truth: number;
  /** The true fact in other words. */
  readonly answer: string;
  /** The true fact with another colour. */
  readonly halfRight: string;
  /** Another fact of the concept in other words. */
  readonly wrong: string;
}

/**
 * Draws trials like those of the reward: five facts of a concept, two of them of combinations that training never showed.
 *
 * @param count How many.
 * @returns The trials; facts in the usual words, answers paraphrased and in the other order.
 */
export function factTrials(key: Key, count: number): readonly FactTrial[] {
  return Array.from({ length: count }, (_, index) => {
    const trialKey = fold(key, index);
    const facts = sampleFacts(fold(trialKey, "facts"), { count: 5, tests: 2 });
    const subject = `<${choose(fold(trialKey, "name"), CONCEPT_NAMES)}>`;
    const truth = index % facts.length;
    const say = (fact: Fact) => factSentence(fact, { subject, wording: 1, conditionFirst: true });
    const fact = facts[truth] as Fact;
    const { accessory } = fact;
    const colour = other(fold(trialKey, "colour"), COLOURS, accessory.colour);
    return {
      facts: facts.map((each) => factSentence(each, { subject })),
      truth,
      answer: say(fact),
      halfRight: say({ ...fact, accessory: { ...accessory, colour } }),
      wrong: say(facts[(truth + 1) % facts.length] as Fact),
    };
  });
}
