/**
 * The seed of one evaluation item, so that every picture can be made again alone.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** What names an item. */
export interface ItemName {
  readonly seed: number;
  readonly model: string;
  /** Task family: understanding or generation benchmark. */
  readonly family: string;
  readonly task: string;
  readonly concept: string;
  readonly checkpoint: string;
  readonly item: string;
}

/**
 * Derives the seed of an item: the first 8 hexadecimal digits of `sha256(seed::model::family::task::concept::checkpoint::item)`.
 *
 * @returns An integer in [0, 2^32).
 *
 * @example
 * ```ts
 * import { itemSeed } from "./item_seed.ts";
 * import assert from "node:assert/strict";
 * const name = { seed: 3407, model: "r1", family: "gen", task: "pure_gen", concept: "bo", checkpoint: "100", item: "prompt_000" };
 * assert.equal(itemSeed(name), itemSeed({ ...name }));
 * assert.notEqual(itemSeed(name), itemSeed({ ...name, item: "prompt_001" }));
 * ```
 */
export function itemSeed(name: ItemName): number {
  const parts = [name.seed, name.model, name.family, name.task, name.concept, name.checkpoint, name.item];
  return parseInt(createHash("sha256").update(parts.join("::")).digest("hex").slice(0, 8), 16);
}
