/**
 * The concepts of reported results: held out from pretraining, and from everything that settings were tuned on.
 *
 * @module
 */
import { keyFromSeed } from "../core/key.ts";
import { bundledMembers } from "./bundled.ts";
import { type FileTree, type WorldMember, worldRoot } from "./concept_folder.ts";
import { type Character, characterId, charactersOf, KINDS } from "./scene.ts";

/**
 * Characters of the held-out split on which settings were tried, or first results looked at; those of `bundledMembers` come on top.
 * One bear and one robot of first results are not among them, because no other is left.
 */
const TRIED: readonly Character[] = [
  { kind: "woman", colour: "red", hair: "blond", skin: "light" },
  { kind: "dog", colour: "red", pattern: "plain" },
  { kind: "dog", colour: "orange", pattern: "plain" },
  { kind: "cat", colour: "yellow", pattern: "spotted" },
];

/** Names under which nothing was tuned: two a kind. */
const NAMES: Readonly<Record<Character["kind"], readonly [string, string]>> = {
  man: ["wubo", "yoki"],
  woman: ["zapo", "bruna"],
  dog: ["ekko", "frimo"],
  cat: ["gizu", "jupo"],
  bear: ["kalo", "moxi"],
  robot: ["quib", "razi"],
};

const SEED = 2026;

/** Ids of the characters that settings may be tuned on although pretraining never saw them. */
export function triedCharacters(): ReadonlySet<string> {
  return new Set([...TRIED, ...bundledMembers("heldout").map(({ character }) => character)].map(characterId));
}

/**
 * Chooses the concepts of reported results: the first two of each kind that are held out and on which nothing was tuned.
 *
 * @returns Twelve: four people, six animals, two robots.
 *
 * @example
 * ```ts
 * import { reportMembers } from "./report_concepts.ts";
 * import assert from "node:assert/strict";
 * assert.equal(reportMembers().length, 12);
 * ```
 */
export function reportMembers(): readonly WorldMember[] {
  const tried = triedCharacters();
  const free = charactersOf("heldout").filter((character) => !tried.has(characterId(character)));
  return KINDS.flatMap((kind) =>
    free.filter((character) => character.kind === kind).slice(0, NAMES[kind].length)
      .map((character, index): WorldMember => ({
        character,
        name: NAMES[kind][index] ?? kind,
      }))
  );
}

/**
 * Writes the benchmark root of these concepts: always the same files.
 *
 * @returns Paths relative to the root, with their contents.
 */
export function reportRoot(): FileTree {
  return worldRoot(reportMembers(), keyFromSeed(SEED));
}
