/**
 * A concept of the world before it becomes files: its character, facts, pictures and prompts.
 *
 * @module
 */
import { fold, type Key, shuffle } from "../core/key.ts";
import { type DensePrompt, densePrompts, type DenseReasoningPrompt, denseReasoningPrompts } from "./dense.ts";
import { conceptFacts } from "./concept_facts.ts";
import type { Fact } from "./facts.ts";
import {
  allCharacters,
  type Character,
  characterId,
  characterSplit,
  isPerson,
  sampleScene,
  type Scene,
} from "./scene.ts";

/** How large a concept is. */
export interface ConceptOptions {
  /** The concept's id; its token is the id in angle brackets. */
  readonly name: string;
  /** Pictures to learn from; 6 if left out. */
  readonly trainImages?: number;
  /** Pictures to test on; 4 if left out. */
  readonly testImages?: number;
  /** Dense prompts; 3 if left out. */
  readonly densePrompts?: number;
  /** Dense prompts that need a fact; 2 if left out. */
  readonly denseReasoningPrompts?: number;
}

/** Everything about a concept. */
export interface WorldConcept {
  readonly name: string;
  /** How texts name it: `<mip>`. */
  readonly subject: string;
  readonly character: Character;
  /** Five training facts, then five test facts. */
  readonly facts: readonly Fact[];
  /** What it might have instead under the conditions of the test facts. */
  readonly newCombinations: readonly Fact[];
  readonly trainScenes: readonly Scene[];
  readonly testScenes: readonly Scene[];
  /** Look-alikes: characters that differ in one attribute. */
  readonly negativeScenes: readonly Scene[];
  readonly dense: readonly DensePrompt[];
  readonly denseReasoning: readonly DenseReasoningPrompt[];
  /** The randomness of its texts. */
  readonly key: Key;
}

const NEGATIVES = 4;

/**
 * Makes a concept of a character.
 *
 * No picture shows a fact's condition, so that no picture gives away or contradicts what only the facts tell.
 *
 * @param character Its identity; one of the held-out split for a real test.
 * @param options Name and sizes.
 *
 * @example
 * ```ts
 * import { keyFromSeed } from "../core/key.ts";
 * import { makeConcept } from "./concept.ts";
 * import { charactersOf } from "./scene.ts";
 * import assert from "node:assert/strict";
 * const [character] = charactersOf("heldout");
 * if (character === undefined) throw new Error("no held-out character");
 * const concept = makeConcept(character, keyFromSeed(1), { name: "mip" });
 * assert.equal(concept.facts.length, 10);
 * assert.equal(concept.subject, "<mip>");
 * ```
 */
export function makeConcept(character: Character, key: Key, options: ConceptOptions): WorldConcept {
  const subject = `<${options.name}>`;
  const { facts, newCombinations } = conceptFacts(fold(key, "facts"));
  const tested = facts.filter(({ split }) => split === "test");
  const sizes = [options.trainImages ?? 6, options.testImages ?? 4] as const;
  const [trainScenes, testScenes] = conceptScenes(character, fold(key, "scenes"), { facts: tested, sizes });
  const who = { character, subject, facts: tested };
  return {
    name: options.name,
    subject,
    character,
    facts,
    newCombinations,
    trainScenes,
    testScenes,
    negativeScenes: lookAlikes(character, fold(key, "negatives")),
    dense: densePrompts(fold(key, "dense"), { ...who, count: options.densePrompts ?? 3 }),
    denseReasoning: denseReasoningPrompts(fold(key, "dense reasoning"), {
      ...who,
      count: options.denseReasoningPrompts ?? 2,
    }).map((prompt) => ({
      ...prompt,
      facts: prompt.facts.map((index) => facts.indexOf(tested[index] as Fact)),
    })),
    key: fold(key, "texts"),
  };
}

interface SceneOptions {
  readonly facts: readonly Fact[];
  /** Sizes of the training and the test set. */
  readonly sizes: readonly [number, number];
}

/** Two sets of different scenes, none in a condition of a fact, each with more than one place, time and activity. */
function conceptScenes(
  character: Character,
  key: Key,
  { facts, sizes: [train, test] }: SceneOptions,
): readonly [readonly Scene[], readonly Scene[]] {
  for (let trial = 0;; trial++) {
    const scenes = differentScenes(character, fold(key, trial), { facts, count: train + test });
    const sets = [scenes.slice(0, train), scenes.slice(train)] as const;
    if (sets.every(isVaried)) return sets;
  }
}

function isVaried(scenes: readonly Scene[]): boolean {
  const fewest = Math.min(2, scenes.length);
  return (["place", "time", "activity"] as const)
    .every((part) => new Set(scenes.map((scene) => scene[part])).size >= fewest);
}

function differentScenes(
  character: Character,
  key: Key,
  options: { readonly facts: readonly Fact[]; readonly count: number },
): readonly Scene[] {
  const found = new Map<string, Scene>();
  for (let trial = 0; found.size < options.count; trial++) {
    const scene = sampleScene(fold(key, trial), { characters: [character] });
    const shown = options.facts.some(({ condition }) => scene[condition.part] === condition.value);
    if (!shown) found.set(JSON.stringify(scene), scene);
  }
  return [...found.values()];
}

/**
 * Lists the characters that differ from one in a single attribute.
 *
 * @returns The others of the same sort (people or creatures).
 */
export function similarCharacters(character: Character): readonly Character[] {
  const parts = characterId(character).split("-");
  return allCharacters().filter((other) => {
    if (isPerson(other) !== isPerson(character)) return false;
    return characterId(other).split("-").filter((part, index) => part !== parts[index]).length === 1;
  });
}

function lookAlikes(character: Character, key: Key): readonly Scene[] {
  const usable = similarCharacters(character).filter((other) => characterSplit(other) === "pretrain");
  return shuffle(fold(key, "who"), usable).slice(0, NEGATIVES)
    .map((other, index) => sampleScene(fold(key, index), { characters: [other] }));
}

/**
 * Draws scenes of characters that are no concept: easy negatives.
 *
 * @param count How many.
 * @returns Scenes of pretraining characters.
 */
export function randomScenes(key: Key, count: number): readonly Scene[] {
  const characters = allCharacters().filter((character) => characterSplit(character) === "pretrain");
  return Array.from({ length: count }, (_, index) => sampleScene(fold(key, index), { characters }));
}
