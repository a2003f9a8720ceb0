/**
 * What an update is logged as; `docs/metrics.md` explains every name.
 *
 * @module
 */
import { meanOrNone } from "../core/mean.ts";
import { fracRewardZeroStd, rewardSpread } from "../rl/advantages.ts";
import { addSums, tokenMeans } from "../rl/objective.ts";
import { WARNING_NAMES } from "./trust.ts";
import type { Sample } from "../run/samples.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { learningRates } from "../method/apply_gradients.ts";
import { measuresKl } from "../method/gradients.ts";
import type { UpdateOutcome, WeightedGroup } from "../method/one_update.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { LOOK_METRICS, lookMetrics } from "../method/image_watch.ts";
import { decodeSteps, SCREENING_METRICS, screeningMetrics } from "./screening_metrics.ts";

/** Facts that only the running process knows. */
export interface ProcessFacts {
  readonly tensors: number;
  /** Resident memory in MiB. */
  readonly memory: number;
}

/** Names of all metrics of an update, in the order of the log. */
export function updateMetricNames(experts: readonly string[]): readonly string[] {
  return [
    ...["reward", "reward_std", "frac_reward_zero_std"],
    ...experts.flatMap((name) => [`rewards/${name}/mean`, `rewards/${name}/std`]),
    ...[
      "loss",
      "grad_norm",
      "grad_norm/understanding",
      "grad_norm/generation",
      "grad_rms",
      "clip_factor",
      "update/skipped",
      "kl",
      "entropy",
      "clip_ratio/low_mean",
      "clip_ratio/high_mean",
      "clip_ratio/region_mean",
    ],
    ...["completions/mean_length", "completions/exact_match", "completions/frac_equal"],
    "prompts/frac_cut",
    ...["learning_rate", "learning_rate/generation"],
    ...LOOK_METRICS,
    ...SCREENING_METRICS,
    ...["time/reason", "time/preview", "time/complete", "time/reward", "time/update", "step_time"],
    ...["tokens_per_second", "tensors/count", "memory/rss_mib"],
    ...WARNING_NAMES.map((name) => `trust/${name}`),
  ];
}

/** Mean over all trajectories of an update, and the mean of the groups' spreads; `null` where nothing was scored. */
function spreadOf(
  groups: readonly ArrayLike<number>[],
): { readonly mean: number | null; readonly std: number | null } {
  const each = groups.map(rewardSpread).filter(({ scored }) => scored > 0);
  const all = rewardSpread(groups.flatMap((scores) => Array.from(scores)));
  return { mean: all.scored === 0 ? null : all.mean, std: meanOrNone(each.map(({ std }) => std)) };
}

const expertMetrics = ({ groups }: UpdateOutcome): readonly (readonly [string, number | null])[] =>
  Object.keys(groups[0]?.scores.experts ?? {}).flatMap((name) => {
    const { mean, std } = spreadOf(groups.map(({ scores }) => scores.experts[name] as Float32Array));
    return [[`rewards/${name}/mean`, mean], [`rewards/${name}/std`, std]] as const;
  });

/** Whether each answer of a group is the right one; nothing where none is known to be right. */
const verdicts = ({ group: { task }, weighted }: WeightedGroup): readonly number[] => {
  const truth = task.candidates[task.truthIndex];
  return truth === undefined ? [] : weighted.map(({ text }) => text === truth ? 1 : 0);
};

function answerMetrics({ groups }: UpdateOutcome): Readonly<Record<string, number | null>> {
  const weighted = groups.flatMap((each) => each.weighted);
  const logps = weighted.flatMap(({ sample }) => [...sample.logps]);
  return {
    entropy: meanOrNone(logps.map((logp) => -logp)),
    "completions/mean_length": meanOrNone(weighted.map(({ sample }) => sample.ids.length)),
    "completions/exact_match": meanOrNone(groups.flatMap(verdicts)),
    "completions/frac_equal": meanOrNone(
      groups.map((each) => new Set(each.weighted.map(({ text }) => text)).size === 1 ? 1 : 0),
    ),
    "prompts/frac_cut": meanOrNone(weighted.map(({ unreadTokens }) => unreadTokens > 0 ? 1 : 0)),
  };
}

/** What the images of all groups look like, on average. */
function looksOf({ groups }: UpdateOutcome): Readonly<Record<string, number | null>> {
  const looks = groups.map(({ look }) => lookMetrics(look));
  return Object.fromEntries(LOOK_METRICS.map((name) => [
    name,
    meanOrNone(looks.map((each) => each[name] ?? null).filter((value) => value !== null)),
  ]));
}

const gradientMetrics = (
  { loss, gradNorm, partNorms, clipFactor, gradRms, skipped }: UpdateOutcome["facts"],
): Readonly<Record<string, number>> => ({
  loss,
  grad_norm: gradNorm,
  "grad_norm/understanding": partNorms.understanding,
  "grad_norm/generation": partNorms.generation,
  grad_rms: gradRms,
  clip_factor: clipFactor,
  "update/skipped": Number(skipped),
});

function timeMetrics(
  outcome: UpdateOutcome,
  settings: TrainingSettings,
): Readonly<Record<string, number | null>> {
  const { groups, seconds } = outcome;
  const sum = (of: (each: WeightedGroup) => number): number =>
    groups.reduce((total, each) => total + of(each), 0);
  const answered = sum(({ weighted }) => weighted.reduce((ids, { sample }) => ids + sample.ids.length, 0));
  const positions = sum(({ group, weighted }) =>
    (weighted[0]?.records[0]?.state.length ?? 0) * decodeSteps(group, settings)
  );
  return {
    "time/reason": sum(({ group }) => group.seconds.reason),
    "time/preview": sum(({ group }) => group.seconds.preview),
    "time/complete": sum(({ group }) => group.seconds.complete),
    "time/reward": sum((each) => each.seconds),
    "time/update": seconds.update,
    step_time: seconds.total,
    tokens_per_second: (answered + positions) / Math.max(seconds.total, 1e-9),
  };
}

/**
 * Turns an update into its metrics.
 *
 * @param settings Group size and learning rate.
 * @param facts Of the process.
 * @returns Name → number; `null` where the update has no such number.
 */
export function updateMetrics(
  outcome: UpdateOutcome,
  settings: TrainingSettings,
  facts: ProcessFacts,
): Readonly<Record<string, number | null>> {
  const { groups, facts: { understanding, generation } } = outcome;
  const totals = groups.map(({ scores }) => scores.total);
  const total = spreadOf(totals);
  const { kl, clipLow, clipHigh, clipRegion } = tokenMeans(addSums(understanding, generation));
  const flat = fracRewardZeroStd(totals.flatMap((each) => [...each]), settings.rl.numGenerations);
  const zeroStd = pipe(flat, E.getOrElse(() => NaN));
  const rates = learningRates(settings.rl, outcome.state.step - 1);
  return {
    reward: total.mean,
    reward_std: total.std,
    frac_reward_zero_std: Number.isNaN(zeroStd) ? null : zeroStd,
    ...Object.fromEntries(expertMetrics(outcome)),
    ...gradientMetrics(outcome.facts),
    kl: measuresKl(settings.rl) ? kl : null,
    "clip_ratio/low_mean": clipLow,
    "clip_ratio/high_mean": clipHigh,
    "clip_ratio/region_mean": clipRegion,
    learning_rate: rates.understanding,
    "learning_rate/generation": rates.generation,
    ...answerMetrics(outcome),
    ...looksOf(outcome),
    ...screeningMetrics(groups.map(({ group, scores }) => ({ group, rewards: scores.total })), settings),
    ...timeMetrics(outcome, settings),
    "tensors/count": facts.tensors,
    "memory/rss_mib": facts.memory,
  };
}

/**
 * The trajectories of an update as samples for the run folder.
 *
 * @returns One sample per trajectory.
 */
export function updateSamples({ groups }: UpdateOutcome): readonly Sample[] {
  return groups.flatMap(({ group: { task }, scores, weighted }) =>
    weighted.map(({ image, compoundPrompt, text, advantage, key }, index) => ({
      image,
      prompt: compoundPrompt,
      reasoning: text,
      rewards: Object.fromEntries(
        Object.entries(scores.experts).map(([name, values]) => [name, values[index] as number]),
      ),
      reward: scores.total[index] as number,
      advantage,
      extra: { mode: task.mode, question: task.question, key },
    }))
  );
}
