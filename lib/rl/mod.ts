/**
 * The mathematics of reinforcement learning on plain arrays: advantages, the clipped objective, screening, thresholds. Loads no
 * TensorFlow.
 *
 * @example Rewards of a group of four become advantages
 * ```ts
 * import { groupAdvantages } from "./mod.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * const advantages = groupAdvantages([0.9, 0.5, 0.5, 0.1], { numGenerations: 4 });
 * assert.ok(E.isRight(advantages));
 * assert.ok(Math.abs(advantages.right.reduce((sum, each) => sum + each, 0)) < 1e-12);
 * ```
 *
 * @module
 */
export {
  type AdvantageOptions,
  fracRewardZeroStd,
  groupAdvantages,
  rewardSpread,
  type ScaleRewards,
} from "./advantages.ts";
export {
  addSums,
  type ClipOptions,
  clippedSurrogate,
  k3,
  LOG_RATIO_LIMIT,
  type LossNormalization,
  NO_TOKENS,
  objectiveLoss,
  type ObjectiveOptions,
  probabilityRatio,
  type TaskWeights,
  type TokenArrays,
  type TokenKind,
  tokenMeans,
  tokenScale,
  type TokenSums,
  tokenSums,
  type TrajectoryTokens,
} from "./objective.ts";
export {
  drawingProbabilities,
  imageTokenMasks,
  type ImageTokenScope,
  type SelectedTimesteps,
  selectTimesteps,
  type StepChoice,
} from "./image_tokens.ts";
export {
  calibrateThreshold,
  initialThreshold,
  PAPER_THRESHOLD,
  THRESHOLD_RANGE,
  THRESHOLD_RULES,
  type ThresholdMove,
  type ThresholdOptions,
  type ThresholdRule,
  type ThresholdState,
  updateThreshold,
} from "./threshold.ts";
export {
  type BudgetOptions,
  planScreening,
  type Screened,
  SCREENING_RULES,
  type ScreeningOptions,
  type ScreeningRule,
  type ScreeningRuleName,
  type ScreeningStep,
} from "./screening.ts";
export { type SimulatedUpdate, simulateThreshold, type SimulationOptions } from "./simulate_threshold.ts";
export { learningRateFactor, type LearningRateSchedule } from "./learning_rate.ts";
