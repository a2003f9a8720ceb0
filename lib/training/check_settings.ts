/**
 * What can be known to be wrong before a backend is opened, which may take a minute.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { loadProfile, type Profile } from "../method/profile.ts";
import { rewardConcept } from "../method/rewarding.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { checkWritable } from "../run/folder.ts";
import { openConcept } from "../trained/checkpointed.ts";
import { checkProfileFolders } from "./profile_folders.ts";

/** Photos are read here to be warned of once, where they are used. */
const unheard: HasLog["log"] = { info: () => {}, warn: () => {}, progress: () => {} };

/** Experts behind a URL need no folder here. */
const withoutRemote = (profile: Profile, { rewards: { remote } }: TrainingSettings): Profile => ({
  ...profile,
  ernie: remote["tier"] === undefined ? profile.ernie : null,
  blip2: remote["ber"] === undefined ? profile.blip2 : null,
  dinov2: remote["der"] === undefined ? profile.dinov2 : null,
});

/**
 * Checks profile and its folders, the concept and its photos, and that the folder of runs can be written.
 *
 * @returns A stage; Left naming the first that is wrong.
 */
export function checkSettings(settings: TrainingSettings): Stage<HasFiles & HasLog, void> {
  const quiet = RTE.local((needs: HasFiles & HasLog) => ({ ...needs, log: unheard }));
  return pipe(
    loadProfile(settings.profile),
    RTE.tap((profile) => checkProfileFolders(withoutRemote(profile, settings), settings.profile)),
    RTE.bindTo("profile"),
    RTE.bindW("concept", () => quiet(openConcept(settings.concept))),
    RTE.tap(({ concept, profile }) => quiet(rewardConcept(concept, profile.imageSize))),
    RTE.flatMap(() => checkWritable(settings.runs)),
  );
}
