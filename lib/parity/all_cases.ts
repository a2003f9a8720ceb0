/**
 * Every case of a folder of reference numbers, whichever layout it has.
 *
 * @module
 */
import type { HasFiles } from "../core/capability.ts";
import { fromChecked, type Stage } from "../core/stage.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import * as E from "fp-ts/lib/Either.js";
import type { Check } from "./check.ts";
import { expertCases } from "./experts/expert_cases.ts";
import { procedure } from "./procedure.ts";

/**
 * Runs what a folder holds.
 *
 * @param folder A folder of the experts layout.
 * @returns The comparisons. Left `FileMissing` if the folder holds no cases that are known.
 */
export function allCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("parity", async (run) => {
    const checks = await run(expertCases(folder));
    if (checks.length > 0) return checks;
    const remedy = "name a folder with ernie/cases.json, clip/cases.json, …";
    return await run(fromChecked(E.left({ _tag: "FileMissing", path: `${folder}/cases.json`, remedy })));
  });
}
