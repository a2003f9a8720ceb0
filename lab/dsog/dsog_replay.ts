/**
 * Rules of screening replayed on pools of candidates that were all finished: what each would have kept.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { mean } from "../../lib/core/mean.ts";
import type { Checked } from "../../lib/core/stage.ts";
import { fold, type Key } from "../../lib/core/key.ts";
import { bootstrapInterval, type Interval } from "../../lib/metrics/bootstrap.ts";
import { rankCorrelation, rankCorrelationWithin } from "../../lib/metrics/rank_correlation.ts";
import { rewardSpread } from "../../lib/rl/advantages.ts";
import type { Screened } from "../../lib/rl/screening.ts";
import { screeningNow } from "../../lib/method/screening.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import type { Mode } from "../../lib/method/task.ts";
import { type ModeThresholds, nextThresholds, NO_THRESHOLDS } from "../../lib/method/thresholds.ts";
import { type PoolRow, type PreviewWay, wayName, withWay } from "./dsog_pools.ts";

/** A way to screen. */
export interface ScreeningWay extends PreviewWay, Pick<TrainingSettings["dsog"], "rule" | "perMode"> {
  /** Wanted share of candidates that pass. */
  readonly targetPassRate: number;
}

/** What a way kept of a group. */
export interface ReplayedGroup {
  readonly mode: Mode;
  readonly started: readonly PoolRow[];
  readonly kept: readonly PoolRow[];
  /** Kept candidates that did not pass. */
  readonly fallbacks: number;
  readonly passed: number;
}

/** Settings that screen in a way. */
export function withScreening(settings: TrainingSettings, way: ScreeningWay): TrainingSettings {
  const { rule, perMode, targetPassRate } = way;
  const { dsog } = withWay(settings, way);
  return { ...settings, dsog: { ...dsog, enabled: true, rule, perMode, targetPassRate } } as TrainingSettings;
}

const withPool = (settings: TrainingSettings, pool: number): TrainingSettings => ({
  ...settings,
  dsog: { ...settings.dsog, maxCandidates: pool },
});

/** Screens one pool as a run would: batch by batch, until the rule has its group. */
function screenPool(
  pool: readonly PoolRow[],
  way: ScreeningWay,
  { thresholds, settings }: { readonly thresholds: ModeThresholds; readonly settings: TrainingSettings },
): Checked<{ readonly screened: Screened; readonly thresholds: ModeThresholds }> {
  const scores = pool.map((row) => row.scores[wayName(way)] ?? NaN);
  const mode = pool[0]?.mode ?? "textual";
  let threshold = thresholds[mode];
  let started = settings.rl.numGenerations as number;
  for (;;) {
    const now = screeningNow(scores.slice(0, started), threshold, settings);
    if (E.isLeft(now)) return now;
    threshold = now.right.threshold;
    const { next } = now.right;
    if (next._tag === "Keep") {
      const group = { task: { mode }, screened: next, threshold };
      return E.right({ screened: next, thresholds: nextThresholds(thresholds, [group], settings) });
    }
    started += next.candidates.length;
  }
}

/**
 * Replays a way to screen on pools in order; a threshold moves from pool to pool as from update to update.
 *
 * @param pools Candidates of each group; pools end where a run would reach `dsog.max_candidates`.
 * @param settings G and the constants of the threshold.
 * @returns What was kept; Left `RewardFailed` if a first threshold cannot be calibrated.
 */
export function replay(
  pools: readonly (readonly PoolRow[])[],
  way: ScreeningWay,
  settings: TrainingSettings,
): Checked<readonly ReplayedGroup[]> {
  const groups: ReplayedGroup[] = [];
  let thresholds = NO_THRESHOLDS;
  for (const pool of pools) {
    const given = withPool(withScreening(settings, way), pool.length);
    const done = screenPool(pool, way, { thresholds, settings: given });
    if (E.isLeft(done)) return done;
    const { screened } = done.right;
    thresholds = done.right.thresholds;
    groups.push({
      mode: pool[0]?.mode ?? "textual",
      started: pool.slice(0, screened.scored),
      kept: screened.kept.map((index) => pool[index] as PoolRow),
      fallbacks: screened.fallbacks.length,
      passed: screened.passed,
    });
  }
  return E.right(groups);
}

/** Means over groups of what a way kept. */
export interface ReplaySummary {
  /** `null`: nothing is screened, the first G are the group. */
  readonly way: ScreeningWay | null;
  readonly groups: number;
  readonly candidates: number;
  /** Decoding steps of pictures a group. */
  readonly decodeSteps: number;
  /** Groups of each mode: share of passed candidates; `null` without such a group or without screening. */
  readonly passRate: Readonly<Record<Mode, number | null>>;
  /** Share of groups that had to be filled with rejects. */
  readonly starved: number;
  /** Shares of right answers in groups about facts. */
  readonly rightStarted: number | null;
  readonly rightKept: number | null;
  readonly rewardStarted: number;
  readonly rewardKept: number;
  /** Standard deviation of the rewards: what a group can teach. */
  readonly spreadStarted: number;
  readonly spreadKept: number;
}

const rewardsOf = (rows: readonly PoolRow[]): readonly number[] => rows.map(({ reward }) => reward);

const right = (rows: readonly PoolRow[]): number => mean(rows.map((row) => row.right ? 1 : 0));

/**
 * Averages what a way kept over groups.
 *
 * @param way `null`: without screening.
 * @param steps T.
 */
export function summariseReplay(
  groups: readonly ReplayedGroup[],
  way: ScreeningWay | null,
  steps: number,
): ReplaySummary {
  const average = (of: (group: ReplayedGroup) => number, among = groups): number => mean(among.map(of));
  const of = (mode: Mode) => groups.filter((group) => group.mode === mode);
  const textual = of("textual");
  const passRate = (mode: Mode): number | null =>
    way === null || of(mode).length === 0
      ? null
      : average(({ passed, started }) => passed / started.length, of(mode));
  const preview = way?.step ?? 0;
  return {
    ...{ way, groups: groups.length },
    candidates: average(({ started }) => started.length),
    decodeSteps: average(({ started, kept }) => started.length * preview + kept.length * (steps - preview)),
    passRate: { visual: passRate("visual"), textual: passRate("textual") },
    starved: average(({ fallbacks }) => fallbacks > 0 ? 1 : 0),
    rightStarted: textual.length === 0 ? null : average(({ started }) => right(started), textual),
    rightKept: textual.length === 0 ? null : average(({ kept }) => right(kept), textual),
    rewardStarted: average(({ started }) => rewardSpread(rewardsOf(started)).mean),
    rewardKept: average(({ kept }) => rewardSpread(rewardsOf(kept)).mean),
    spreadStarted: average(({ started }) => rewardSpread(rewardsOf(started)).std),
    spreadKept: average(({ kept }) => rewardSpread(rewardsOf(kept)).std),
  };
}

/** The first G of every pool: what a run without screening draws. */
export function unscreenedGroups(
  pools: readonly (readonly PoolRow[])[],
  numGenerations: number,
): readonly ReplayedGroup[] {
  return pools.map((pool): ReplayedGroup => {
    const first = pool.slice(0, numGenerations);
    const mode = pool[0]?.mode ?? "textual";
    return { mode, started: first, kept: first, fallbacks: 0, passed: first.length };
  });
}

/** What previews that are scored in one way say of the reward. */
export interface WayCorrelation {
  readonly way: PreviewWay;
  readonly mode: Mode;
  /** Mean over groups of Spearman's correlation with the reward; `null` if no group has any spread. */
  readonly mean: number | null;
  readonly interval: Interval | null;
  /** The same inside equal compound prompts: what the preview says of the picture alone. */
  readonly equalPrompts: number | null;
  readonly groups: number;
}

/**
 * Correlates previews with rewards, for every way and mode.
 *
 * @param key The randomness of the bootstrap over groups.
 */
export function wayCorrelations(
  pools: readonly (readonly PoolRow[])[],
  ways: readonly PreviewWay[],
  key: Key,
): readonly WayCorrelation[] {
  return ways.flatMap((way) =>
    (["textual", "visual"] as const).flatMap((mode): readonly WayCorrelation[] => {
      const own = pools.filter(([first]) => first?.mode === mode);
      const scores = (pool: readonly PoolRow[]) => pool.map((row) => row.scores[wayName(way)] ?? NaN);
      const found = own.map((pool) => rankCorrelation(scores(pool), rewardsOf(pool)))
        .filter((value) => value !== null);
      const inside = own.map((pool) =>
        rankCorrelationWithin(pool.map(({ prompt }) => prompt), scores(pool), rewardsOf(pool))
      ).filter((value) => value !== null);
      if (own.length === 0) return [];
      return [{
        ...{ way, mode, groups: found.length },
        mean: found.length === 0 ? null : mean(found),
        interval: bootstrapInterval(found, { key: fold(fold(key, wayName(way)), mode) }),
        equalPrompts: inside.length === 0 ? null : mean(inside),
      }];
    })
  );
}

/** Ways that are compared by default: the paper's, each change alone, and the rules inside the group on each text. */
export function screeningWays({ dsog, generation }: TrainingSettings): readonly ScreeningWay[] {
  const way = (changes: Partial<ScreeningWay>): ScreeningWay => ({
    ...{ rule: "paper", text: "compound", preview: "sampled", step: dsog.previewStep },
    ...{ perMode: false, targetPassRate: 0.25 },
    ...changes,
  } as ScreeningWay);
  const half = Math.max(1, Math.floor(generation.timesteps / 2));
  const inside = (["quantile", "extremes"] as const).flatMap((rule) =>
    (["compound", "explicit", "base"] as const).map((text) => way({ rule, text }))
  );
  return [
    way({}),
    way({ perMode: true }),
    way({ perMode: true, text: "explicit" }),
    ...inside,
    way({ rule: "quantile", text: "explicit", preview: "likely" }),
    way({ rule: "quantile", text: "explicit", step: half }),
    way({ rule: "quantile", text: "explicit", targetPassRate: 0.5 }),
    way({ rule: "extremes", text: "explicit", targetPassRate: 0.5 }),
  ];
}
