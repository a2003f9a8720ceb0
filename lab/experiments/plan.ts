/**
 * What an experiment repeats, as a person writes it on the command line.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { PositiveInt } from "../../lib/config/numbers.ts";
import { refuse } from "../../lib/core/refuse.ts";
import type { Checked } from "../../lib/core/stage.ts";
import type { ExperimentOptions } from "./main_experiment.ts";

/** Lists as texts with commas between. */
export interface PlanTexts {
  readonly concepts: string;
  /** Whole numbers. */
  readonly seeds: string;
  readonly tasks: string;
  readonly runs: string;
  readonly out: string;
  /** Lists in which each fact is asked for. */
  readonly orders: PositiveInt;
  /** Runs at a time; default 1. */
  readonly parallel?: PositiveInt;
}

/**
 * Reads a list.
 *
 * @param text Items with commas between.
 * @returns The items without spaces around them; empty ones are left out.
 *
 * @example
 * ```ts
 * import { listOf } from "./plan.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(listOf("mip, toko,"), ["mip", "toko"]);
 * ```
 */
export function listOf(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/**
 * Reads what an experiment repeats.
 *
 * @returns Concepts, seeds, tasks and folders; Left `InputInvalid` naming the first seed that is no whole number.
 */
export function planOf(
  { concepts, seeds, tasks, runs, out, orders, parallel }: PlanTexts,
): Checked<ExperimentOptions> {
  const bad = listOf(seeds).find((seed) => !/^\d+$/.test(seed));
  if (bad !== undefined) {
    return refuse("experiment", `--seeds: "${bad}" is no whole number`, "write --seeds 1,2");
  }
  return E.right({
    concepts: listOf(concepts),
    seeds: listOf(seeds).map(Number),
    tasks: listOf(tasks),
    ...{ runs, out, orders },
    ...(parallel === undefined ? {} : { parallel }),
  });
}
