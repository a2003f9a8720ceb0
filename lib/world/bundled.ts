/**
 * The concepts that come with the project, in `assets/world`.
 *
 * @module
 */
import { keyFromSeed } from "../core/key.ts";
import { type FileTree, type WorldMember, worldRoot } from "./concept_folder.ts";
import { CONCEPT_NAMES } from "./names.ts";
import { charactersOf, KINDS } from "./scene.ts";

const SEED = 2;

/**
 * Chooses concepts of one split: one of each kind that it has.
 *
 * @param split `heldout` for what is bundled and reported; `dev` for tuning.
 * @returns Six concepts at most, with names that the two splits do not share.
 *
 * @example
 * ```ts
 * import { bundledMembers } from "./bundled.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(bundledMembers("heldout").map(({ name }) => name), ["mip", "toko", "zibo", "lumi", "pavo", "kiru"]);
 * ```
 */
export function bundledMembers(split: "heldout" | "dev"): readonly WorldMember[] {
  const characters = charactersOf(split);
  const offset = split === "heldout" ? 0 : KINDS.length;
  return KINDS.flatMap((kind, index) => {
    const found = characters.filter((character) => character.kind === kind);
    const character = found[index % Math.max(1, found.length)];
    return character === undefined ? [] : [{ character, name: CONCEPT_NAMES[offset + index] ?? kind }];
  });
}

/**
 * Writes the benchmark root of the bundled concepts, or that of the concepts for tuning.
 *
 * @param split Which.
 * @returns Paths relative to the root, with their contents.
 */
export function bundledRoot(split: "heldout" | "dev"): FileTree {
  return worldRoot(bundledMembers(split), keyFromSeed(SEED));
}
