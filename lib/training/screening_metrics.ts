/**
 * What screening is logged as: what it cost, what it kept, and what previews were worth.
 *
 * @module
 */
import { meanOrNone } from "../core/mean.ts";
import { rankCorrelationWithin } from "../metrics/rank_correlation.ts";
import { rewardSpread } from "../rl/advantages.ts";
import type { Group } from "../method/screening.ts";
import type { TrainingSettings } from "../method/settings.ts";
import type { Mode } from "../method/task.ts";

/** Names of the metrics of screening, in the order of the log. */
export const SCREENING_METRICS = [
  "dsog/threshold",
  "dsog/pass_rate",
  "dsog/pass_rate/visual",
  "dsog/pass_rate/textual",
  "dsog/candidates",
  "dsog/fallbacks",
  "dsog/decode_steps",
  "dsog/right/started",
  "dsog/right/kept",
  "dsog/spread_kept",
  "dsog/rank_correlation",
] as const;

/** A group and the total rewards of its trajectories. */
export interface RewardedGroup {
  readonly group: Group;
  readonly rewards: ArrayLike<number>;
}

/**
 * Counts the decoding steps of pictures that a group has cost.
 *
 * @returns candidates · t* + G · (T − t*); without screening G · T.
 */
export function decodeSteps(
  { trajectories, screened }: Pick<Group, "trajectories" | "screened">,
  { dsog, generation }: Pick<TrainingSettings, "dsog" | "generation">,
): number {
  if (!dsog.enabled) return trajectories.length * generation.timesteps;
  return screened.scored * dsog.previewStep +
    trajectories.length * (generation.timesteps - dsog.previewStep);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const passRateOf = (groups: readonly Group[]): number | null => {
  const scored = sum(groups.map(({ screened }) => screened.scored));
  return scored === 0 ? null : sum(groups.map(({ screened }) => screened.passed)) / scored;
};

/** Share of answers that are the right one; `null` where none is known to be right. */
const shareRight = ({ task }: Group, answers: readonly { readonly text: string }[]): number | null => {
  const truth = task.candidates[task.truthIndex];
  return truth === undefined ? null : meanOrNone(answers.map(({ text }) => text === truth ? 1 : 0));
};

/** Spread of the kept previews' scores over that of all. */
const spreadKept = ({ previewScores, rejects }: Group): number | null => {
  const all = rewardSpread([...previewScores, ...rejects.map(({ score }) => score)]).std;
  return all === 0 ? null : rewardSpread(previewScores).std / all;
};

const average = (groups: readonly Group[], of: (group: Group) => number | null): number | null =>
  meanOrNone(groups.map(of).filter((value) => value !== null));

/** What only screened groups have. */
function choiceMetrics(groups: readonly Group[]): Readonly<Record<string, number | null>> {
  const inMode = (mode: Mode) => passRateOf(groups.filter(({ task }) => task.mode === mode));
  return {
    "dsog/threshold": average(groups, ({ threshold }) => threshold?.threshold ?? null),
    "dsog/pass_rate": passRateOf(groups),
    "dsog/pass_rate/visual": inMode("visual"),
    "dsog/pass_rate/textual": inMode("textual"),
    "dsog/right/started": average(
      groups,
      (group) => shareRight(group, [...group.trajectories, ...group.rejects]),
    ),
    "dsog/right/kept": average(groups, (group) => shareRight(group, group.trajectories)),
    "dsog/spread_kept": average(groups, spreadKept),
  };
}

/** Previews against rewards, inside each compound prompt. */
const correlationOf = (groups: readonly RewardedGroup[]): number | null =>
  rankCorrelationWithin(
    groups.flatMap(({ group }, at) => group.trajectories.map((each) => `${at} ${each.compoundPrompt}`)),
    groups.flatMap(({ group }) => group.previewScores),
    groups.flatMap(({ rewards }) => Array.from(rewards)),
  );

/**
 * The metrics of screening of an update.
 *
 * @param groups The groups of the update with their rewards.
 * @param settings Steps of decoding, and whether previews are screened.
 * @returns Name → number; `null` where there is none, and all but counts without screening.
 */
export function screeningMetrics(
  groups: readonly RewardedGroup[],
  settings: Pick<TrainingSettings, "dsog" | "generation">,
): Readonly<Record<string, number | null>> {
  const filled = groups.map(({ group }) => group);
  const { enabled } = settings.dsog;
  return {
    ...Object.fromEntries(SCREENING_METRICS.map((name) => [name, null])),
    ...(enabled ? choiceMetrics(filled) : {}),
    "dsog/candidates": sum(filled.map(({ screened }) => screened.scored)),
    "dsog/fallbacks": sum(filled.map(({ screened }) => screened.fallbacks.length)),
    "dsog/decode_steps": sum(filled.map((group) => decodeSteps(group, settings))),
    "dsog/rank_correlation": enabled ? correlationOf(groups) : null,
  };
}
