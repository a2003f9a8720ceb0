/**
 * Facts about a character, and the prompts that need them.
 *
 * A fact ties an accessory to a condition: *at the beach it wears a red hat*. A reasoning prompt names the condition
 * alone, so whoever draws it must know the fact. All conditions of one character differ and none is a default of the
 * world, so exactly one fact fits a prompt.
 *
 * @module
 */
import { choose, fold, integer, type Key, shuffle } from "../core/key.ts";
import { conditionPhrase } from "./language.ts";
import { accessoryPhrase, ACTIVITY_PHRASES, VERBS } from "./lexicon.ts";
import {
  type Accessory,
  ACTIVITIES,
  type Activity,
  type Character,
  COLOURS,
  DEFAULT_SCENE,
  isHeldOutCombination,
  ITEMS,
  type Place,
  PLACES,
  type Scene,
  type Time,
  TIMES,
} from "./scene.ts";
import { constraintsOf } from "./scene_truth.ts";

/** When a fact applies. */
export type Condition =
  | { readonly part: "place"; readonly value: Place }
  | { readonly part: "time"; readonly value: Time }
  | { readonly part: "activity"; readonly value: Activity };

/** What a character has when a condition holds. */
export interface Fact {
  readonly condition: Condition;
  readonly accessory: Accessory;
  /** `test` facts may not be asked for in training. */
  readonly split: "train" | "test";
}

/** How a fact or prompt is worded. */
export interface FactWording {
  /** What stands for the character, e.g. `<mip>`. */
  readonly subject: string;
  /** The usual phrase of the condition (0, default) or its paraphrase (1). */
  readonly wording?: 0 | 1;
  /** Whether the condition comes before the accessory, which is easier to look up; false if left out. */
  readonly conditionFirst?: boolean;
  /** What a reasoning prompt begins with; `a photo of` if left out, as in pretraining. */
  readonly opening?: string;
}

/**
 * Lists the conditions that facts may have: every place, time and activity that is not the default.
 *
 * @returns Ten conditions.
 */
export function factConditions(): readonly Condition[] {
  return [
    ...PLACES.map((value): Condition => ({ part: "place", value })),
    ...TIMES.map((value): Condition => ({ part: "time", value })),
    ...ACTIVITIES.map((value): Condition => ({ part: "activity", value })),
  ].filter(({ part, value }) => DEFAULT_SCENE[part] !== value);
}

/** How many facts to draw. */
export interface FactOptions {
  /** 1 to 5. */
  readonly count: number;
  /** How many of them, the last ones, are test facts; 0 if left out. */
  readonly tests?: number;
}

/**
 * Draws facts about one character: conditions, items and colours all different.
 *
 * Training facts tie an accessory to a condition as pretraining may show it; test facts only as it never does.
 *
 * @param options How many.
 * @returns The facts, training ones first.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { factSentence, sampleFacts } from "./facts.ts";
 * import assert from "node:assert/strict";
 * const facts = sampleFacts(keyFromSeed(1), { count: 4, tests: 2 });
 * assert.equal(new Set(facts.map((fact) => factSentence(fact, { subject: "<mip>" }))).size, 4);
 * ```
 */
export function sampleFacts(key: Key, options: FactOptions): readonly Fact[] {
  const tests = options.tests ?? 0;
  for (let trial = 0;; trial++) {
    const facts = drawFacts(fold(key, trial), options.count).map((fact, index): Fact => ({
      ...fact,
      split: index < options.count - tests ? "train" : "test",
    }));
    if (facts.every((fact) => isHeldOutFact(fact) === (fact.split === "test"))) return facts;
  }
}

function drawFacts(key: Key, count: number): readonly Omit<Fact, "split">[] {
  const conditions = mixedConditions(shuffle(fold(key, "conditions"), factConditions()));
  const items = shuffle(fold(key, "items"), ITEMS);
  const colours = shuffle(fold(key, "colours"), COLOURS);
  return conditions.slice(0, Math.min(count, items.length)).map((condition, index) => ({
    condition,
    accessory: { item: items[index] ?? "hat", colour: colours[index] ?? "red" },
  }));
}

/** How many facts of one character may hang on each part, so that its pictures can still vary in all of them. */
const MOST: Readonly<Record<Condition["part"], number>> = { place: 3, time: 1, activity: 2 };

function mixedConditions(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ part }, index) =>
    conditions.slice(0, index).filter((earlier) => earlier.part === part).length < MOST[part]
  );
}

/**
 * Says whether pretraining never shows this accessory under this condition.
 *
 * @returns Whether the scene it describes is a held-out combination.
 */
export function isHeldOutFact(fact: Pick<Fact, "condition" | "accessory">): boolean {
  const place = fact.condition.part === "place" ? fact.condition.value : DEFAULT_SCENE.place;
  return isHeldOutCombination({ accessory: fact.accessory, place });
}

/**
 * Draws a fact: the scene in which its condition holds and everything else is at its default.
 *
 * @returns The scene that its explicit prompt describes.
 */
export function factScene(character: Character, fact: Fact): Scene {
  return {
    ...DEFAULT_SCENE,
    character,
    accessory: fact.accessory,
    [fact.condition.part]: fact.condition.value,
  };
}

const conditionOf = (condition: Condition, wording: 0 | 1 = 0): string =>
  conditionPhrase({ ...DEFAULT_SCENE, [condition.part]: condition.value }, condition.part, wording);

/**
 * Says a fact: `<mip> wears a red hat at the beach .`, or with the condition first.
 *
 * @param wording How.
 */
export function factSentence(fact: Fact, wording: FactWording): string {
  const { item } = fact.accessory;
  const said = `${wording.subject} ${VERBS[item][1]} ${accessoryPhrase(fact.accessory)}`;
  const condition = conditionOf(fact.condition, wording.wording);
  return wording.conditionFirst === true ? `${condition} ${said} .` : `${said} ${condition} .`;
}

/**
 * Asks for a picture that needs a fact: `a photo of <mip> at the beach .`
 *
 * @param fact The fact that is needed.
 * @param wording Subject and wording of the condition.
 * @returns The prompt, without the accessory.
 */
export function reasoningPrompt(fact: Fact, wording: FactWording): string {
  const { condition } = fact;
  const phrase = condition.part === "activity"
    ? ACTIVITY_PHRASES[condition.value][wording.wording ?? 0]
    : conditionOf(condition, wording.wording);
  return `${wording.opening ?? "a photo of"} ${wording.subject} ${phrase} .`;
}

/**
 * Writes the accessory out: `a photo of <mip> wearing a red hat at the beach .`
 *
 * @param wording Subject and wording of the condition.
 */
export function explicitPrompt(fact: Fact, wording: FactWording): string {
  const detail = `${VERBS[fact.accessory.item][0]} ${accessoryPhrase(fact.accessory)}`;
  return `a photo of ${wording.subject} ${detail} ${conditionOf(fact.condition, wording.wording)} .`;
}

/**
 * Finds the facts whose condition a prompt names.
 *
 * @param prompt A prompt of the world's grammar.
 * @param facts The facts of one character.
 */
export function fittingFacts(prompt: string, facts: readonly Fact[]): readonly number[] {
  const said = constraintsOf(prompt);
  return facts.flatMap(({ condition }, index) => said[condition.part] === condition.value ? [index] : []);
}

/** One exercise in picking the fact that a prompt needs. */
export interface FactTask {
  /** All facts as sentences, in random order. */
  readonly facts: readonly string[];
  readonly prompt: string;
  /** The one sentence of `facts` that fits. */
  readonly answer: string;
  readonly explicitPrompt: string;
  /** The fact behind the answer. */
  readonly fact: Fact;
}

/** How hard an exercise is. */
export interface FactTaskOptions {
  readonly subject: string;
  /** How many facts to choose from, 1 to 5. */
  readonly count: number;
  /** Whether facts put the condition first; drawn for each exercise if left out. */
  readonly conditionFirst?: boolean;
  /** Whether facts and prompt draw their wordings independently; if not (default), both use the usual phrase. */
  readonly paraphrase?: boolean;
}

/**
 * Draws an exercise in fact-picking from fresh facts that pretraining may show.
 *
 * @param options How hard.
 */
export function sampleFactTask(key: Key, options: FactTaskOptions): FactTask {
  const facts = shuffle(fold(key, "order"), sampleFacts(fold(key, "facts"), { count: options.count }));
  const fact = choose(fold(key, "pick"), facts);
  const conditionFirst = options.conditionFirst ?? integer(fold(key, "first"), 2) === 0;
  const wording = (name: string | number): 0 | 1 =>
    options.paraphrase === true ? integer(fold(fold(key, "wording"), name), 2) as 0 | 1 : 0;
  const sentences = facts.map((each, index) =>
    factSentence(each, { subject: options.subject, conditionFirst, wording: wording(index) })
  );
  const asked = { subject: options.subject, wording: wording("prompt") };
  return {
    facts: sentences,
    prompt: reasoningPrompt(fact, asked),
    answer: sentences[facts.indexOf(fact)] ?? "",
    explicitPrompt: explicitPrompt(fact, asked),
    fact,
  };
}
