/**
 * Which weights a prediction was made from, as far as their folders say.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { Profile } from "../stages/profile.ts";
import { fingerprintOf } from "./manifest.ts";

/**
 * Fingerprints the unified model and the image tokenizer of a profile by their `manifest.json`, which pretraining writes with
 * settings and measured quality.
 *
 * @param profile The profile.
 * @returns 16 hexadecimal digits; folders without a manifest, such as published weights, count by their place alone.
 */
export function weightsUsed(profile: Pick<Profile, "unified" | "imageTokenizer">): Stage<HasFiles, string> {
  const read = (folder: string): Stage<HasFiles, readonly [string, string]> => ({ files }) => {
    const path = join(folder, "manifest.json");
    return pipe(
      files.exists(path),
      TE.flatMap((exists) => exists ? files.readText(path) : TE.right("")),
      TE.map((text) => [folder, text] as const),
    );
  };
  return pipe([profile.unified, profile.imageTokenizer], RTE.traverseSeqArray(read), RTE.map(fingerprintOf));
}
