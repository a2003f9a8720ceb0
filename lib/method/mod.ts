/**
 * The paper's method: the stages of one update, in the order in which they run.
 *
 * @module
 */
export { TRAINING, trainingRules, type TrainingSettings } from "./settings.ts";
export { loadProfile, PROFILE, type Profile } from "./profile.ts";
export { loadRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
export {
  type Naming,
  openPromptReader,
  type PromptReader,
  unreadWords,
  warnUnread,
} from "./prompt_reader.ts";
export { type Mode, reasoningQuestion, sampleTask, type SamplingOptions, type Task } from "./task.ts";
export {
  type AskedTask,
  askTask,
  complete,
  type Decoders,
  longestPrompt,
  makeDecoders,
  preview,
  type Previewed,
  type Prompted,
  reason,
  type Reasoned,
  type RolloutContext,
  type Trajectory,
  wordPrompt,
} from "./rollout.ts";
export {
  type CleaningOptions,
  cleanReasoning,
  compoundPrompt,
  explicitPromptOf,
  type Named,
} from "./compound_prompt.ts";
export { type GroupLook, type ImageWatch, imageWatch, lookMetrics } from "./image_watch.ts";
export {
  fillGroup,
  type Group,
  type GroupContext,
  type Reject,
  type ScreeningNow,
  screeningNow,
} from "./screening.ts";
export { type ModeThresholds, nextThresholds, NO_THRESHOLDS, type ScreenedGroup } from "./thresholds.ts";
export { type LoadedExperts, loadExperts, previewRow, rewardConcept, rewardRow } from "./rewarding.ts";
export { type UpdateGroup, type Weighted } from "./update_batches.ts";
export { type GradientFacts, learningRates } from "./apply_gradients.ts";
export { makeUpdate, type Updated, type UpdateFacts, type UpdatePolicy } from "./update.ts";
export { type RunContext } from "./run_context.ts";
export { drawTask, type ScoredGroup, scoredGroup } from "./one_group.ts";
export { oneUpdate, updateKey, type UpdateOutcome, type WeightedGroup } from "./one_update.ts";
export { disposeState, initialTrainable, policyOf, type PolicyState, type Trainable } from "./policy.ts";
