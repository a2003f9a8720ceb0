/**
 * The experts behind a URL that the settings name, checked, made, and put beside those that are loaded here.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Category } from "../concept/concept.ts";
import { refuse } from "../core/refuse.ts";
import { type Checked, DONE, type Stage } from "../core/stage.ts";
import type { LoadedExperts } from "../method/rewarding.ts";
import type { TrainingSettings } from "../method/settings.ts";
import type { RemoteRewardSettings } from "../method/settings_types.ts";
import { openAddress } from "../metrics/judge/secrets.ts";
import type { RewardWeights } from "../rewards/ensemble.ts";
import type { RewardExpert } from "../rewards/expert.ts";
import { type HasRemote, type RemoteExpert, remoteExpert } from "./remote_expert.ts";

/** The experts of a profile in the order in which they are added up, wherever they are. */
export const PROFILE_EXPERTS = ["ber", "tier", "der", "fer"] as const;

const isProfileExpert = (name: string): boolean => (PROFILE_EXPERTS as readonly string[]).includes(name);

/** What the check of an expert behind a URL needs to know. */
export interface RemoteContext {
  /** Reads an environment variable. */
  readonly variable: (name: string) => string | undefined;
  /** Names of the experts that `--reward` brings. */
  readonly own: readonly string[];
}

const NAME = /^[a-z][a-z0-9_]*$/;
const KEY_REMEDY = "put the key into an environment variable and its name into token_variable";

type Settings = Pick<TrainingSettings, "rewards" | "dsog">;

function problemOf(
  name: string,
  remote: RemoteRewardSettings,
  { dsog }: Settings,
  { variable, own }: RemoteContext,
): readonly [string, string] | null {
  if (!NAME.test(name)) return ["is no name of a reward", "use lower-case letters, digits and _"];
  if (own.includes(name)) return ["is also the name of an expert of --reward", "rename one"];
  if (!URL.canParse(remote.url) || !/^https?:$/.test(new URL(remote.url).protocol)) {
    return ["has no address in url", "write it as http://127.0.0.1:8900/bright"];
  }
  if (isProfileExpert(name) && remote.weight !== null) {
    return [`has a weight of its own`, `set rewards.${name}, and leave weight out`];
  }
  if (name === "ber" && dsog.enabled && remote.onFailure === "skip") {
    return [
      "cannot be skipped, for it scores previews",
      "set on_failure to wait or stop, or dsog.enabled=false",
    ];
  }
  const { tokenVariable } = remote;
  if (tokenVariable !== "" && (variable(tokenVariable) ?? "") === "") {
    return [`needs a token, and ${tokenVariable} is not set`, "set that environment variable"];
  }
  return null;
}

/**
 * Checks the experts behind a URL before anything is loaded.
 *
 * @returns Nothing; Left `InputInvalid` for the first that is wrong. Its address is not repeated, for it may have a key in it.
 */
export function checkRemote(settings: Settings, context: RemoteContext): Checked<void> {
  for (const [name, remote] of Object.entries(settings.rewards.remote)) {
    const where = `rewards.remote.${name}`;
    const address = openAddress(remote.url, `${where}.url`, KEY_REMEDY);
    if (E.isLeft(address)) return address;
    const problem = problemOf(name, remote, settings, context);
    if (problem !== null) return refuse(where, ...problem);
  }
  return E.right(undefined);
}

/**
 * Makes the experts behind a URL.
 *
 * @param settings Settings that {@link checkRemote} accepts.
 * @param variable Reads an environment variable.
 * @param category Of the concept; faces are looked at in humans only.
 */
export function remoteExperts(
  { rewards: { remote } }: Settings,
  variable: RemoteContext["variable"],
  category: Category,
): readonly RemoteExpert[] {
  return Object.entries(remote)
    .filter(([name]) => name !== "fer" || category === "human")
    .map(([name, each]) =>
      remoteExpert(name, each, each.tokenVariable === "" ? null : variable(each.tokenVariable) ?? null)
    );
}

/**
 * Makes sure that all servers answer, one after the other.
 *
 * @returns A stage; it waits, fails or goes on as `on_failure` of each says.
 */
export function probeRemote(experts: readonly RemoteExpert[]): Stage<HasRemote, void> {
  return experts.length === 0 ? DONE : pipe(
    RTE.traverseSeqArray(({ probe }: RemoteExpert) => probe)(experts),
    RTE.map(() => undefined),
  );
}

const place = ({ name }: RewardExpert): number => {
  const known = (PROFILE_EXPERTS as readonly string[]).indexOf(name);
  return known < 0 ? PROFILE_EXPERTS.length : known;
};

/**
 * Puts experts behind a URL beside those that are loaded here.
 *
 * @param loaded The experts of the profile and one's own.
 * @param remote Experts behind a URL; those of the profile keep their weights, their place in the sum and their duty to score
 * previews.
 * @returns All experts; `dispose` frees what was loaded.
 */
export function withRemote(
  loaded: LoadedExperts,
  remote: readonly RemoteExpert[],
  { settings: { rewards, dsog }, needs }: { readonly settings: Settings; readonly needs: HasRemote },
): LoadedExperts {
  const bound = remote.map(({ score, ...expert }): RewardExpert => ({
    ...expert,
    score: (rows) => () => score(rows)(needs),
  }));
  const weight = (name: string): RewardWeights[string] =>
    isProfileExpert(name)
      ? rewards[name as (typeof PROFILE_EXPERTS)[number]] as RewardWeights[string]
      : rewards.remote[name]?.weight ?? 0;
  const screens = bound.find(({ name }) => dsog.enabled && name === "ber");
  return {
    ...loaded,
    experts: [...loaded.experts, ...bound].sort((a, b) => place(a) - place(b)),
    previewExpert: screens ?? loaded.previewExpert,
    weights: { ...loaded.weights, ...Object.fromEntries(bound.map(({ name }) => [name, weight(name)])) },
  };
}
