/**
 * Which weights a run or a prediction was made from, as far as their folders say.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";
import type { RunFolder } from "../run/folder.ts";
import { readManifest } from "../run/manifest.ts";
import { loadProfile, type Profile, profileFile } from "../method/profile.ts";

/**
 * Fingerprints the unified model and the image tokenizer of a profile by their `manifest.json`, which pretraining writes with
 * settings and measured quality.
 *
 * @returns 16 hexadecimal digits; folders without a manifest, such as published weights, count by their place alone.
 */
export function weightsUsed(profile: Pick<Profile, "unified" | "imageTokenizer">): Stage<HasFiles, string> {
  const read = (folder: string): Stage<HasFiles, readonly [string, string]> => ({ files }) => {
    const path = join(folder, "manifest.json");
    return pipe(
      textIfThere(files, path),
      TE.map((text) => [folder, text] as const),
    );
  };
  return pipe([profile.unified, profile.imageTokenizer], RTE.traverseSeqArray(read), RTE.map(fingerprintOf));
}

/**
 * Fingerprints the weights that settings name.
 *
 * @returns As {@link weightsUsed}; empty where there is no such profile, which loading it says better.
 */
export function weightsNamed({ profile }: { readonly profile: string }): Stage<HasFiles, string> {
  return pipe(
    profileExists(profile),
    RTE.flatMap((exists) => exists ? pipe(loadProfile(profile), RTE.flatMap(weightsUsed)) : RTE.right("")),
  );
}

const profileExists = (profile: string): Stage<HasFiles, boolean> => ({ files }) =>
  files.exists(profileFile(profile));

/**
 * Tells whether a run was made from the weights that settings name now: the same profile may hold others since.
 *
 * @returns `unknown` for runs of which nothing was noted.
 */
export function comparedWeights(
  { manifest }: Pick<RunFolder, "manifest">,
  settings: { readonly profile: string },
): Stage<HasFiles, "same" | "other" | "unknown"> {
  return pipe(
    RTE.Do,
    RTE.bindW("noted", () => readManifest(manifest)),
    RTE.bindW("named", () => weightsNamed(settings)),
    RTE.map(({ noted: { weights }, named }) =>
      weights === undefined ? "unknown" : weights === named ? "same" : "other"
    ),
  );
}
