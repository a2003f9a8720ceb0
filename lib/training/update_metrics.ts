/**
 * What an update is logged as; `docs/metrics.md` explains every name.
 *
 * @module
 */
import { mean } from "../core/mean.ts";
import { fracRewardZeroStd, rewardSpread } from "../rl/advantages.ts";
import { addSums, tokenMeans } from "../rl/objective.ts";
import { WARNING_NAMES } from "./trust.ts";
import type { Sample } from "../run/samples.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { UpdateOutcome } from "../method/one_update.ts";
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
      "kl",
      "entropy",
      "clip_ratio/low_mean",
      "clip_ratio/high_mean",
      "clip_ratio/region_mean",
    ],
    ...["completions/mean_length", "completions/exact_match", "learning_rate"],
    ...LOOK_METRICS,
    ...SCREENING_METRICS,
    ...["time/reason", "time/preview", "time/complete", "time/reward", "time/update", "step_time"],
    ...["tokens_per_second", "tensors/count", "memory/rss_mib"],
    ...WARNING_NAMES.map((name) => `trust/${name}`),
  ];
}

const spreads = (outcome: UpdateOutcome): readonly (readonly [string, number | null])[] =>
  Object.entries(outcome.scores.experts).flatMap(([name, scores]) => {
    const { mean, std, scored } = rewardSpread(scores);
    return [[`rewards/${name}/mean`, scored === 0 ? null : mean], [
      `rewards/${name}/std`,
      scored === 0 ? null : std,
    ]] as const;
  });

const meanOrNone = (values: readonly number[]): number | null => values.length === 0 ? null : mean(values);

function answerMetrics({ group, weighted }: UpdateOutcome): Readonly<Record<string, number | null>> {
  const truth = group.task.candidates[group.task.truthIndex];
  const logps = weighted.flatMap(({ sample }) => [...sample.logps]);
  return {
    entropy: meanOrNone(logps.map((logp) => -logp)),
    "completions/mean_length": meanOrNone(weighted.map(({ sample }) => sample.ids.length)),
    "completions/exact_match": truth === undefined
      ? null
      : meanOrNone(weighted.map(({ text }) => text === truth ? 1 : 0)),
  };
}

function timeMetrics(
  outcome: UpdateOutcome,
  settings: TrainingSettings,
): Readonly<Record<string, number | null>> {
  const { group, seconds, weighted } = outcome;
  const answered = weighted.reduce((sum, { sample }) => sum + sample.ids.length, 0);
  const positions = (weighted[0]?.records[0]?.state.length ?? 0) * decodeSteps(group, settings);
  return {
    "time/reason": group.seconds.reason,
    "time/preview": group.seconds.preview,
    "time/complete": group.seconds.complete,
    "time/reward": seconds.reward,
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
  const { scores, facts: { loss, gradNorm, understanding, generation } } = outcome;
  const total = rewardSpread(scores.total);
  const { kl, clipLow, clipHigh, clipRegion } = tokenMeans(addSums(understanding, generation));
  const zeroStd = pipe(fracRewardZeroStd(scores.total, settings.rl.numGenerations), E.getOrElse(() => NaN));
  return {
    reward: total.mean,
    reward_std: total.std,
    frac_reward_zero_std: Number.isNaN(zeroStd) ? null : zeroStd,
    ...Object.fromEntries(spreads(outcome)),
    loss,
    grad_norm: gradNorm,
    kl,
    "clip_ratio/low_mean": clipLow,
    "clip_ratio/high_mean": clipHigh,
    "clip_ratio/region_mean": clipRegion,
    learning_rate: settings.rl.learningRate,
    ...answerMetrics(outcome),
    ...lookMetrics(outcome.look),
    ...screeningMetrics([{ group: outcome.group, rewards: scores.total }], settings),
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
export function updateSamples({ group, scores, weighted }: UpdateOutcome): readonly Sample[] {
  return weighted.map(({ image, compoundPrompt, text, advantage, key }, index) => ({
    image,
    prompt: compoundPrompt,
    reasoning: text,
    rewards: Object.fromEntries(
      Object.entries(scores.experts).map(([name, values]) => [name, values[index] as number]),
    ),
    reward: scores.total[index] as number,
    advantage,
    extra: { mode: group.task.mode, question: group.task.question, key },
  }));
}
