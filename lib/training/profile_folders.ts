/**
 * Whether the folders of a profile hold what a run needs: asked before anything is loaded, answered in one line.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { chooseWeights } from "../tensor/weight_source.ts";
import type { Profile } from "../method/profile.ts";

/** A folder and what must lie in it. */
interface Wanted {
  readonly what: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** Face embedder and CLIP are left to their users: humans alone need the one, evaluation the other. */
const wantedOf = (profile: Profile): readonly Wanted[] => {
  const expert = (what: string, folder: string | null): readonly Wanted[] =>
    folder === null ? [] : [{ what, folder, files: [] }];
  return [
    { what: "unified model", folder: profile.unified, files: ["config.json", "tokenizer.json"] },
    { what: "image tokenizer", folder: profile.imageTokenizer, files: [] },
    ...expert("text expert", profile.ernie),
    ...expert("picture–text expert", profile.blip2),
    ...expert("picture expert", profile.dinov2),
  ];
};

/** What a folder lacks, `models/show-o: config.json, weights`; nothing if it is complete. */
function lacking({ what, folder, files }: Wanted, names: readonly string[]): readonly string[] {
  const weights = E.isRight(chooseWeights(folder, names)) ||
    names.filter((name) => /\.(?:safetensors|bin|pt|pth|ckpt)$/.test(name)).length > 1;
  const missing = [...files.filter((file) => !names.includes(file)), ...(weights ? [] : ["weights"])];
  if (missing.length === 0) return [];
  return [`${what} (${names.length === 0 ? folder : `${folder}: ${missing.join(", ")}`})`];
}

/**
 * Makes sure that the folders of a profile are there.
 *
 * @param profile The profile, folders resolved.
 * @param path The file that it was read from, for the message.
 * @returns Nothing. Left `InputInvalid` with everything that is missing, and where to put it.
 */
export function checkProfileFolders(profile: Profile, path: string): Stage<HasFiles, void> {
  return pipe(
    wantedOf(profile),
    RTE.traverseSeqArray((wanted) =>
      pipe(
        ({ files }: HasFiles) => files.list(wanted.folder),
        RTE.map((names) => lacking(wanted, names)),
      )
    ),
    RTE.flatMapEither((missing): Checked<void> => {
      const all = missing.flat();
      return all.length === 0 ? E.right(undefined) : E.left({
        _tag: "InputInvalid",
        where: path,
        problem: `missing: ${all.join(", ")}`,
        remedy: "put them there as docs/full-size.md says, or name your folders in a copy of this profile " +
          "and pass --set profile=<copy>",
      });
    }),
  );
}
