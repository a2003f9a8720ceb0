/**
 * Reward experts of the user's own, from a module: `deno task train --reward my_reward.ts`.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { PipelineError } from "../core/error.ts";
import type { Checked, Stage } from "../core/stage.ts";
import type { LoadedExperts } from "../method/rewarding.ts";
import type { RewardWeights } from "../rewards/ensemble.ts";
import type { RewardExpert } from "../rewards/expert.ts";

const SHAPE = "export a value with `name` and `score`, as in notebooks/04-your-own-reward.ipynb";

const refused = (where: string, problem: string, remedy: string): PipelineError => ({
  _tag: "InputInvalid",
  ...{ where, problem, remedy },
});

/** What was thrown, in one line, with the line of the user's file where it happened: "no photo (line 12)". */
function told(thrown: unknown, url: string): string {
  const [message, stack] = thrown instanceof Error
    ? [thrown.message, thrown.stack ?? ""]
    : [`${thrown as string}`, ""];
  const after = `${stack} ${message}`.split(url)[1];
  const line = /^:(\d+)/.exec(after ?? "")?.[1];
  const first = message.split("\n")[0]?.replaceAll(url, "").trim() ?? "";
  return line === undefined ? first : `${first} (line ${line})`;
}

const isExpert = (value: unknown): value is RewardExpert =>
  typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" &&
  "score" in value && typeof value.score === "function";

/** An expert whose failures name its file and line, however it fails. */
const guarded = (expert: RewardExpert, path: string, url: string): RewardExpert => ({
  name: expert.name,
  score: (rows) => (needs) => async () => {
    const failed = (problem: string): Checked<never> =>
      E.left({ _tag: "RewardFailed", expert: expert.name, problem: `${path}: ${problem}` });
    try {
      const stage = expert.score(rows);
      if (typeof stage !== "function") return failed("score returns no stage; wrap its scores in RTE.right");
      const scores = await stage(needs)();
      return pipe(scores, E.map((values) => Float32Array.from(values)));
    } catch (thrown) {
      return failed(told(thrown, url));
    }
  },
});

const NAME = /^[a-z][a-z0-9_]*$/;

function expertsOf(
  exported: Readonly<Record<string, unknown>>,
  path: string,
): Checked<readonly RewardExpert[]> {
  const experts = [...new Set(Object.values(exported).flat())].filter(isExpert);
  if (experts.length === 0) return E.left(refused(path, "exports no reward expert", SHAPE));
  const odd = experts.find(({ name }) => !NAME.test(name));
  if (odd === undefined) return E.right(experts);
  return E.left(refused(path, `names an expert "${odd.name}"`, "use lower-case letters, digits and _"));
}

/**
 * Loads the experts that a module exports, single ones and lists alike.
 *
 * @param path The module; empty: there is none.
 * @returns The experts. Left `InputInvalid` with the line, if it cannot be loaded or exports none. An expert that throws later
 * ends in `RewardFailed` with file and line.
 */
export function loadOwnRewards(path: string): Stage<unknown, readonly RewardExpert[]> {
  if (path === "") return RTE.right([]);
  const url = pathToFileURL(resolve(path)).href;
  return () => async () => {
    try {
      const exported = await import(url) as Readonly<Record<string, unknown>>;
      return pipe(expertsOf(exported, path), E.map((all) => all.map((each) => guarded(each, path, url))));
    } catch (thrown) {
      return E.left(refused(path, `cannot be loaded: ${told(thrown, url)}`, "correct the module"));
    }
  };
}

/**
 * Puts one's own experts beside those of a profile.
 *
 * @param loaded The experts of the profile, which keep their weights.
 * @param own One's own experts.
 * @param weights Weight of each by name, ≥ 0; one that is not named is logged only.
 * @returns All experts. Left `InputInvalid` if a name is taken, or a weight names an expert that there is not.
 */
export function withOwnRewards(
  loaded: LoadedExperts,
  own: readonly RewardExpert[],
  weights: Readonly<Record<string, number>>,
): Checked<LoadedExperts> {
  const names = own.map(({ name }) => name);
  const taken = [...Object.keys(loaded.weights), "tier", "ber", "der", "fer"];
  const twice = names.find((name, index) => taken.includes(name) || names.indexOf(name) !== index);
  if (twice !== undefined) {
    return E.left(refused("--reward", `there are two experts ${twice}`, "rename yours"));
  }
  const absent = Object.keys(weights).find((name) => !names.includes(name));
  if (absent !== undefined) {
    const remedy = "name the module that exports it with --reward, or take the weight out";
    return E.left(refused(`rewards.own.${absent}`, "there is no such expert", remedy));
  }
  const added: RewardWeights = Object.fromEntries(names.map((name) => [name, weights[name] ?? 0]));
  return E.right({
    ...loaded,
    experts: [...loaded.experts, ...own],
    weights: { ...loaded.weights, ...added } as RewardWeights,
  });
}
