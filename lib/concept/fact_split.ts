/**
 * Which facts of a concept are for training and which are kept for the reasoning tests.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../core/stage.ts";
import type { Split } from "./concept.ts";
import { refuse } from "../core/refuse.ts";

/** What `info.json` says about the split. */
export interface SplitOptions {
  /** `num_testing_info`. */
  readonly numTesting?: number | undefined;
  /** `extra_info_split`; wins. */
  readonly explicit?: readonly Split[] | undefined;
  /** File name for messages. */
  readonly where: string;
}

/**
 * Decides the split of every fact: as given per fact, else test = the last `num_testing_info`, else the last half.
 *
 * The last `floor(n / 2)` are what the public evaluation code takes, and what its training code leaves out.
 *
 * @param count Number of facts.
 * @param options What the file says.
 * @returns One split per fact; left `InputInvalid` if the numbers don't fit.
 *
 * @example
 * ```ts
 * import { splitFacts } from "./fact_split.ts";
 * import assert from "node:assert/strict";
 * const outcome = splitFacts(3, { where: "info.json" });
 * assert.deepEqual(outcome._tag === "Right" && outcome.right, ["train", "train", "test"]);
 * ```
 */
export function splitFacts(count: number, options: SplitOptions): Checked<readonly Split[]> {
  const { explicit, numTesting, where } = options;
  if (explicit !== undefined) {
    return explicit.length === count ? E.right(explicit) : refuse(
      where,
      `\`extra_info_split\` has ${explicit.length} items, \`extra_info\` has ${count}`,
      'write "train" or "test" once per fact',
    );
  }
  const testing = numTesting ?? Math.floor(count / 2);
  if (testing < 0 || testing > count) {
    return refuse(
      where,
      `\`num_testing_info\` is ${testing}, \`extra_info\` has ${count}`,
      `give a number from 0 to ${count}`,
    );
  }
  return E.right(Array.from({ length: count }, (_, index) => index < count - testing ? "train" : "test"));
}
