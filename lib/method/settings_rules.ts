/**
 * Rules between the settings of a training run.
 *
 * @module
 */
import type { RuleProblem } from "../config/load.ts";
import type { TrainingSettings } from "./settings_types.ts";

/** A rule, and whether settings break it. */
type Limit = RuleProblem & { readonly broken: boolean };

const drawingLimits = ({ dsog, generation, rl }: TrainingSettings): readonly Limit[] => [
  {
    broken: dsog.enabled && dsog.previewStep >= generation.timesteps,
    path: "dsog.preview_step",
    value: dsog.previewStep,
    remedy: `must be below generation.timesteps (${generation.timesteps})`,
  },
  {
    broken: rl.timestepsPerUpdate > generation.timesteps,
    path: "rl.timesteps_per_update",
    value: rl.timestepsPerUpdate,
    remedy: `must be at most generation.timesteps (${generation.timesteps}); 0 takes all`,
  },
  {
    broken: dsog.maxCandidates > 0 && dsog.maxCandidates < rl.numGenerations,
    path: "dsog.max_candidates",
    value: dsog.maxCandidates,
    remedy: `must be at least rl.num_generations (${rl.numGenerations}); 0 takes as many as dsog.rule needs`,
  },
];

const updateLimits = ({ rl, rewards }: TrainingSettings): readonly Limit[] => [
  {
    broken: rl.imageLearningRate !== null && rl.optimizer === "shared",
    path: "rl.image_learning_rate",
    value: rl.imageLearningRate,
    remedy: "needs rl.optimizer: by_part; a shared optimizer has one rate",
  },
  {
    broken: rl.numGenerations % rl.microbatch !== 0,
    path: "rl.microbatch",
    value: rl.microbatch,
    remedy: `must divide rl.num_generations (${rl.numGenerations})`,
  },
  {
    broken: rewards.identityGate !== null && rl.rewardNormalization === "per_reward",
    path: "rewards.identity_gate",
    value: rewards.identityGate,
    remedy: "must be null under rl.reward_normalization: per_reward, where 0 is the mean and not the least",
  },
];

const evaluationLimits = (
  { evaluation: { best, tasks, every, patience } }: TrainingSettings,
): readonly Limit[] => [
  {
    broken: patience > 0 && (best === "" || every === 0),
    path: "evaluation.patience",
    value: patience,
    remedy: "must be 0 without evaluation.best and evaluation.every: there is nothing to wait for",
  },
  {
    broken: best !== "" && !best.startsWith("rea_train_"),
    path: "evaluation.best",
    value: best,
    remedy: "must be no score of the test: rea_train_exact asks for training facts, empty chooses none",
  },
  {
    broken: best.startsWith("rea_train_") && !tasks.includes("rea_train"),
    path: "evaluation.best",
    value: best,
    remedy: "must be measured: add rea_train to evaluation.tasks",
  },
];

/**
 * Rules between settings.
 *
 * @returns All problems, each with a remedy.
 */
export function trainingRules(config: TrainingSettings): readonly RuleProblem[] {
  return [...drawingLimits(config), ...updateLimits(config), ...evaluationLimits(config)]
    .filter(({ broken }) => broken)
    .map(({ path, value, remedy }) => ({ path, value, remedy }));
}
