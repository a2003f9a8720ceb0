/**
 * Every case of a folder of reference numbers, whichever layout it has.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";
import type { Check } from "./check.ts";
import { expertCases } from "./experts/expert_cases.ts";
import { fileExists } from "./fixture.ts";
import { procedure } from "./procedure.ts";
import { showoCases } from "./showo/showo_cases.ts";

/** What tells the Show-o layout from a model folder of the experts layout. */
const SHOWO_FILES = ["config.json", "model.safetensors", "cases.json", "cases.safetensors"] as const;

/**
 * Runs what a folder holds.
 *
 * @param folder A folder of the experts layout, of the Show-o layout, or one with both as `experts/` and `showo/`.
 * @returns The comparisons. Left `FileMissing` if the folder holds no cases that are known.
 */
export function allCases(folder: string): Stage<HasFiles & HasBlobs, readonly Check[]> {
  return procedure("parity", async (run) => {
    const checks: Check[] = [];
    for (const place of [folder, `${folder}/experts`, `${folder}/showo`]) {
      const there: boolean[] = [];
      for (const file of SHOWO_FILES) there.push(await run(fileExists(`${place}/${file}`)));
      checks.push(...await run(there.every(Boolean) ? showoCases(place) : expertCases(place)));
    }
    if (checks.length > 0) return checks;
    const remedy =
      "name a folder with cases.json and cases.safetensors, or with ernie/cases.json, clip/cases.json, …";
    return await run(RTE.fromEither(E.left({ _tag: "FileMissing", path: `${folder}/cases.json`, remedy })));
  });
}
