/**
 * Dense prompts: several clauses, each of which can be judged; and dense prompts that need a fact.
 *
 * @module
 */
import { fold, type Key } from "../core/key.ts";
import { type Fact, factScene, fittingFacts } from "./facts.ts";
import { captionOf } from "./language.ts";
import { type Character, DEFAULT_SCENE, type Kind, sampleScene, type Scene } from "./scene.ts";

/** A dense prompt with the picture it describes. */
export interface DensePrompt {
  readonly text: string;
  /** Its clauses, with the concept written as `the dog`. */
  readonly segments: readonly string[];
  readonly scene: Scene;
}

/** A dense prompt that needs facts, and the same prompt with the details written out. */
export interface DenseReasoningPrompt {
  readonly text: string;
  readonly explicit: string;
  /** The clauses of `explicit`. */
  readonly segments: readonly string[];
  /** Indices of the facts it needs. */
  readonly facts: readonly number[];
  readonly scene: Scene;
}

/** Who the prompts are about. */
export interface DenseOptions {
  readonly character: Character;
  readonly subject: string;
  /** The character's facts; a plain dense prompt avoids their conditions, so that it contradicts none. */
  readonly facts: readonly Fact[];
  /** How many prompts. */
  readonly count: number;
}

/**
 * Cuts a prompt at punctuation into clauses.
 *
 * @param options The concept's name and kind; the name is written as `the dog`.
 * @returns Trimmed clauses, none empty.
 *
 * @example
 * ```ts
 * import { promptClauses } from "./dense.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(
 *   promptClauses("a photo of <mip> at night , waving . the moon is out .", { subject: "<mip>", kind: "cat" }),
 *   ["a photo of the cat at night", "waving", "the moon is out"],
 * );
 * ```
 */
export function promptClauses(
  text: string,
  options: { readonly subject: string; readonly kind: Kind },
): readonly string[] {
  return text.replaceAll(options.subject, `the ${options.kind}`)
    .split(/[,.!?;:]+/)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== "");
}

const DROP = 0.6;
const FEWEST_CLAUSES = 3;

/**
 * Draws dense prompts that no fact has a say in.
 *
 * @param options Who, and how many.
 * @returns `count` prompts of at least three clauses each.
 */
export function densePrompts(key: Key, options: DenseOptions): readonly DensePrompt[] {
  const found: DensePrompt[] = [];
  for (let trial = 0; found.length < options.count; trial++) {
    const each = fold(key, trial);
    const scene = sampleScene(fold(each, "scene"), { characters: [options.character] });
    const text = captionOf(scene, each, { subject: options.subject, form: "dense", drop: DROP });
    const segments = promptClauses(text, { subject: options.subject, kind: options.character.kind });
    const usable = segments.length >= FEWEST_CLAUSES && fittingFacts(text, options.facts).length === 0;
    if (usable && found.every((prompt) => prompt.text !== text)) found.push({ text, segments, scene });
  }
  return found;
}

/**
 * Draws dense prompts each of which needs one fact: the last facts first, which are the test facts.
 *
 * @param options Who, and how many: at most as many as there are facts.
 * @returns `count` prompts; exactly one fact fits each.
 */
export function denseReasoningPrompts(key: Key, options: DenseOptions): readonly DenseReasoningPrompt[] {
  const { facts, character, subject } = options;
  return Array.from({ length: Math.min(options.count, facts.length) }, (_, index) => {
    const needed = facts.length - 1 - index;
    for (let trial = 0;; trial++) {
      const each = fold(fold(key, needed), trial);
      const scene = aroundFact(each, character, facts[needed] as Fact);
      const say = (shown: Scene) => captionOf(shown, each, { subject, form: "dense", drop: DROP });
      const [text, explicit] = [say({ ...scene, accessory: DEFAULT_SCENE.accessory }), say(scene)];
      const segments = promptClauses(explicit, { subject, kind: character.kind });
      const fitting = fittingFacts(text, facts);
      if (fitting.length === 1 && fitting[0] === needed && segments.length > FEWEST_CLAUSES) {
        return { text, explicit, segments, facts: [needed], scene };
      }
    }
  });
}

/** The scene of a fact with everything that the fact does not fix drawn at random. */
function aroundFact(key: Key, character: Character, fact: Fact): Scene {
  const drawn = sampleScene(fold(key, "scene"), { characters: [character], combinations: "all" });
  const fixed = factScene(character, fact);
  return { ...drawn, accessory: fixed.accessory, [fact.condition.part]: fact.condition.value };
}
