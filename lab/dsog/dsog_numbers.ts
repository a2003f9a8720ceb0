/**
 * What the rollouts of the DSOG experiment say: rank correlations, seconds to a reward.
 *
 * @module
 */
import { mean } from "../../lib/core/mean.ts";
import { fold, type Key } from "../../lib/core/key.ts";
import { bootstrapInterval, type Interval } from "../../lib/metrics/bootstrap.ts";
import { rankCorrelation } from "../../lib/metrics/rank_correlation.ts";
import type { GroupRow, PreviewRow } from "./dsog_rollouts.ts";

/** Spearman's correlation inside groups, averaged over groups. */
export interface Correlation {
  /** The step after which previews were scored. */
  readonly step: number;
  /** `final`: the screening expert's score of the finished picture · `reward`: the ensemble. */
  readonly target: "final" | "reward";
  /** Mean over groups; `null` if no group has any spread. */
  readonly mean: number | null;
  readonly interval: Interval | null;
  /** Groups that have a correlation. */
  readonly groups: number;
  /** All pictures in one list, where prompts differ, too. */
  readonly pooled: number | null;
}

/**
 * Correlates previews with how the pictures ended.
 *
 * Screening compares candidates of one group, so the number that counts is the correlation inside groups.
 *
 * @param key The randomness of the bootstrap over groups.
 * @returns One correlation per preview step and target.
 */
export function correlations(rows: readonly PreviewRow[], key: Key): readonly Correlation[] {
  const steps = Object.keys(rows[0]?.previews ?? {}).map(Number);
  const groups = [...Map.groupBy(rows, ({ group }) => group).values()];
  return (["final", "reward"] as const).flatMap((target) =>
    steps.map((step): Correlation => {
      const of = (some: readonly PreviewRow[]) =>
        rankCorrelation(some.map(({ previews }) => previews[step] ?? NaN), some.map((row) => row[target]));
      const inside = groups.map(of).filter((value) => value !== null);
      return {
        step,
        target,
        mean: inside.length === 0 ? null : mean(inside),
        interval: bootstrapInterval(inside, { key: fold(fold(key, target), step) }),
        groups: inside.length,
        pooled: of(rows),
      };
    })
  );
}

/** The cost of a trajectory that is at least so good. */
export interface CostOfReward {
  readonly screened: boolean;
  readonly reward: number;
  /** Trajectories of all groups that reach the reward. */
  readonly reached: number;
  /** Seconds of all groups over `reached`; `null` if none is. */
  readonly seconds: number | null;
  /** Decoding steps of all groups over `reached`. */
  readonly decodeSteps: number | null;
}

const LEVELS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/** Rewards that are asked for: quantiles of those without screening. */
function rewardLevels(rows: readonly GroupRow[]): readonly number[] {
  const plain = rows.filter(({ screened }) => !screened).flatMap(({ rewards }) => rewards)
    .filter((reward) => !Number.isNaN(reward)).sort((a, b) => a - b);
  return [...new Set(LEVELS.map((level) => plain[Math.floor(level * (plain.length - 1))] ?? NaN))];
}

/**
 * Says what a trajectory of at least a given reward costs, with and without screening.
 *
 * @param rows Filled groups, as many with as without.
 * @returns One number per reward and way; rewards are quantiles of what unscreened groups reach.
 *
 * @example
 * ```ts
 * import { costsOfReward } from "./dsog_numbers.ts";
 * import assert from "node:assert/strict";
 * const row = { group: 0, candidates: 2, passRate: null, seconds: 6, decodeSteps: 20 };
 * const costs = costsOfReward([
 *   { ...row, screened: false, rewards: [0.1, 0.9] },
 *   { ...row, screened: true, rewards: [0.9, 0.9], seconds: 8 },
 * ]);
 * const at = (screened: boolean) => costs.findLast((cost) => cost.screened === screened && cost.reward === 0.1)?.seconds;
 * assert.deepEqual([at(false), at(true)], [3, 4]);
 * ```
 */
export function costsOfReward(rows: readonly GroupRow[]): readonly CostOfReward[] {
  const levels = rewardLevels(rows);
  return [false, true].flatMap((screened) => {
    const own = rows.filter((row) => row.screened === screened);
    const total = (of: (row: GroupRow) => number): number => own.reduce((sum, row) => sum + of(row), 0);
    return levels.map((reward): CostOfReward => {
      const reached = total(({ rewards }) => rewards.filter((each) => each >= reward).length);
      const per = (amount: number): number | null => reached === 0 ? null : amount / reached;
      const [seconds, decodeSteps] = [per(total((row) => row.seconds)), per(total((row) => row.decodeSteps))];
      return { screened, reward, reached, seconds, decodeSteps };
    });
  });
}

/** Means of the groups filled in one way. */
export interface GroupMeans {
  readonly screened: boolean;
  readonly groups: number;
  readonly seconds: number;
  readonly decodeSteps: number;
  readonly candidates: number;
  readonly reward: number;
  readonly best: number;
}

/**
 * Averages groups, with and without screening.
 *
 * @returns Two records: without, with.
 */
export function groupMeans(rows: readonly GroupRow[]): readonly GroupMeans[] {
  return [false, true].map((screened) => {
    const own = rows.filter((row) => row.screened === screened);
    const average = (of: (row: GroupRow) => number): number => mean(own.map(of));
    return {
      screened,
      groups: own.length,
      seconds: average(({ seconds }) => seconds),
      decodeSteps: average(({ decodeSteps }) => decodeSteps),
      candidates: average(({ candidates }) => candidates),
      reward: average(({ rewards }) => mean(rewards)),
      best: average(({ rewards }) => Math.max(...rewards)),
    };
  });
}
