/**
 * UniCTokens-R1: reinforcement learning that couples understanding and generation in one token model, stage by stage.
 *
 * Pure parts work on plain arrays and need nothing; stages are values that do nothing until they are given capabilities
 * and run. Importing this module opens no file, no backend and no process.
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

// Stages, errors, capabilities: what every step is made of.
export { attempt, attemptAsync, type Checked, DONE, iterate, scoped, type Stage } from "./lib/core/stage.ts";
export { describe, type ErrorTag, EXIT_CODES, type PipelineError } from "./lib/core/error.ts";
export type {
  Clock,
  Files,
  HasClock,
  HasFiles,
  HasInterrupt,
  HasLog,
  HasOutput,
  Interrupt,
  Log,
} from "./lib/core/capability.ts";
export { type Live, liveCapabilities } from "./lib/run/live.ts";
export { liveBlobs } from "./lib/run/blobs.ts";

// Randomness as values, and pictures as plain data.
export {
  choose,
  fold,
  integer,
  type Key,
  keyFromSeed,
  normals,
  shuffle,
  split,
  threefry,
  uniforms,
} from "./lib/core/key.ts";
export { type RgbImage, solidImage } from "./lib/image/image.ts";
export { encodePng } from "./lib/image/png.ts";
export { decodeImage, type ImageFile } from "./lib/image/image_file.ts";
export { type GridCaption, type GridCell, type GridOptions, imageGrid } from "./lib/image/png_grid.ts";

// Advantages (§3.2): each trajectory against the mean of its group.
export {
  type AdvantageOptions,
  fracRewardZeroStd,
  groupAdvantages,
  rewardSpread,
  type ScaleRewards,
} from "./lib/rl/advantages.ts";

// The objective (eq 5–8): ratios, clipping, KL, weights of the two kinds of tokens.
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
} from "./lib/rl/objective.ts";
export {
  imageTokenMasks,
  type ImageTokenScope,
  type SelectedTimesteps,
  selectTimesteps,
} from "./lib/rl/image_tokens.ts";

// DSOG (§3.3.1, eq 9–10): the adaptive threshold, the screening, and both without a model.
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
} from "./lib/rl/threshold.ts";
export {
  type BudgetOptions,
  planScreening,
  type Screened,
  SCREENING_RULES,
  type ScreeningOptions,
  type ScreeningRule,
  type ScreeningRuleName,
  type ScreeningStep,
} from "./lib/rl/screening.ts";
export {
  type SimulatedUpdate,
  simulateThreshold,
  type SimulationOptions,
} from "./lib/rl/simulate_threshold.ts";

// Rewards (eq 11–21): the extension point, the ensemble, and the mathematics of the four experts.
export {
  type RewardConcept,
  type RewardExpert,
  type RewardRow,
  type RewardScores,
  scoreAll,
} from "./lib/rewards/expert.ts";
export {
  checkWeights,
  PAPER_WEIGHTS,
  type RewardWeights,
  totalReward,
  weightOf,
} from "./lib/rewards/ensemble.ts";
export { tierExpert, type TierOptions, tierScore, type TierScores } from "./lib/rewards/tier.ts";
export { berExpert, type BerOptions, berText } from "./lib/rewards/ber.ts";
export {
  derExpert,
  type DerOptions,
  derScore,
  type PatchComparison,
  patchSimilarity,
} from "./lib/rewards/der.ts";
export { type Face, ferExpert, type FerExpertOptions, type FerOptions, ferScore } from "./lib/rewards/fer.ts";
export {
  type Orientation,
  type ReferenceAggregation,
  type ReferenceOptions,
  referenceScore,
  type SimilarityOptions,
  type SimilarityRange,
  similarityScore,
} from "./lib/rewards/similarity.ts";
export type {
  FaceEncoder,
  ImageEncoder,
  ImageFeatures,
  ImageTextScorer,
  TextEncoder,
} from "./lib/rewards/features.ts";

// Metrics of the benchmarks.
export { type BleuOptions, characterBleu, sentenceBleu, wordBleu } from "./lib/metrics/bleu.ts";
export {
  type HitRule,
  isHit,
  recognition,
  type RecognitionItem,
  type RecognitionScore,
} from "./lib/metrics/recognition.ts";
export { choiceAccuracy, type ChoiceItem, type ChoiceRule, choseRight } from "./lib/metrics/choice.ts";
export { clipImageScore, clipText, clipTextScore, type TokenText } from "./lib/metrics/clip_score.ts";
export { type FaceScore, faceSimilarity } from "./lib/metrics/face_similarity.ts";
export { denseSegments, segmentMean, type Splitter } from "./lib/metrics/segments.ts";
export { bootstrapInterval, type BootstrapOptions, type Interval } from "./lib/metrics/bootstrap.ts";
export {
  aggregate,
  type BenchmarkScore,
  type ConceptScore,
  type MetricItem,
} from "./lib/metrics/aggregate.ts";

// The vocabulary, prompts and visibility of the token model; MaskGIT decoding on plain arrays.
export {
  codesOfIds,
  imageIdsOf,
  makeVocabulary,
  SPECIAL_TOKENS,
  type SpecialToken,
  type Vocabulary,
  type VocabularySizes,
  withConceptRows,
} from "./lib/showo/vocabulary.ts";
export {
  captionText,
  IGNORE,
  type LabelledSequence,
  lmSequence,
  mmuPrompt,
  mmuSequence,
  padRight,
  t2iPrompt,
  t2iSequence,
  unconditionalPrompt,
} from "./lib/showo/prompt.ts";
export { additive, causalVisibility, HIDDEN, mmuVisibility, t2iVisibility } from "./lib/showo/mask.ts";
export {
  annealed,
  maskedAfter,
  maskRatio,
  type MaskSchedule,
  type StepOptions,
} from "./lib/showo/schedule.ts";
export {
  hiddenCount,
  type MaskedImage,
  maskImage,
  type MaskingDraws,
  maskingDraws,
} from "./lib/showo/masking.ts";
export {
  codeUniforms,
  type Confidence,
  confidences,
  type DecodeCompat,
  type DecodeOptions,
  type DecodeRecord,
  type DecodeState,
  initialDecodeState,
  remasked,
  settleStep,
  stopDecoding,
} from "./lib/showo/decode_state.ts";
export { parseShowoConfig, type ShowoConfig } from "./lib/showo/config.ts";
export {
  conceptTokens,
  expandMentions,
  type Mentions,
  type NameBlock,
  nameBlock,
} from "./lib/text/name_block.ts";

// Concepts: readers of the UnifyBench layouts, and a folder from photos and sentences of your own.
export type {
  Category,
  Concept,
  DensePrompt,
  DenseReaPrompt,
  EvalItem,
  EvalKind,
  Exchange,
  Fact,
  GenerationType,
  PhotoDialogue,
  Split,
  TrainingSample,
} from "./lib/concept/concept.ts";
export { listConcepts, loadConcept, loadConcepts } from "./lib/concept/unifybench.ts";
export { type ConceptPlace, conceptReference } from "./lib/concept/concept_reference.ts";
export { type ConceptFiles, type ConceptFolder, newConcept } from "./lib/concept/new_concept.ts";
export type {
  ExistingRoot,
  NewConcept,
  NewDenseReaPrompt,
  NewFact,
  PhotoFile,
} from "./lib/concept/new_concept_spec.ts";
export { loadConceptImage, loadConceptImages, type Photo, type PhotoBatch } from "./lib/concept/photo.ts";
export { loadYollava, type YollavaSubject } from "./lib/concept/yollava.ts";
export { loadMcllava, type McllavaConcept } from "./lib/concept/mcllava.ts";
export { type DreambenchSubject, loadDreambench } from "./lib/concept/dreambench.ts";

// Settings: one codec for the command line, YAML and programs.
export {
  decodeConfig,
  type Frozen,
  loadConfig,
  type LoadOptions,
  type RuleProblem,
} from "./lib/config/load.ts";
export { TRAINING, trainingRules, type TrainingSettings } from "./lib/method/settings.ts";
export { loadProfile, PROFILE, type Profile } from "./lib/method/profile.ts";

export { field, type FieldValue, type Section, section } from "./lib/config/field.ts";
export { configHash } from "./lib/config/stringify.ts";

// Backend and model: loading is a stage, nothing is open before it runs.
export {
  type Backend,
  type BackendName,
  type BackendOptions,
  describeBackend,
  openBackend,
  type Rejection,
} from "./lib/tensor/backend.ts";
export type { Blobs, HasBlobs } from "./lib/tensor/weight_source.ts";
export { loadRuntime, type Naming, type Runtime, type RuntimeOptions } from "./lib/method/runtime.ts";
export {
  type Opened,
  openRunAssistant,
  openSettings,
  type RunAssistant,
} from "./lib/trained/checkpointed.ts";
export type { Ask, Assistant, Draw } from "./lib/trained/assistant.ts";
export { localAssistant } from "./lib/trained/local_assistant.ts";

// The stages of an update, in the order in which they run.
export {
  type Mode,
  reasoningQuestion,
  sampleTask,
  type SamplingOptions,
  type Task,
} from "./lib/method/task.ts";
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
} from "./lib/method/rollout.ts";
export {
  type CleaningOptions,
  cleanReasoning,
  compoundPrompt,
  type Named,
} from "./lib/method/compound_prompt.ts";
export { type GroupLook, type ImageWatch, imageWatch, lookMetrics } from "./lib/method/image_watch.ts";
export { fillGroup, type Group, type GroupContext } from "./lib/method/screening.ts";
export {
  type ModeThresholds,
  nextThresholds,
  NO_THRESHOLDS,
  type ScreenedGroup,
} from "./lib/method/thresholds.ts";
export { type LoadedExperts, loadExperts, rewardConcept, rewardRow } from "./lib/method/rewarding.ts";
export type { Weighted } from "./lib/method/update_batches.ts";
export { makeUpdate, type UpdateFacts, type UpdateGroup, type UpdatePolicy } from "./lib/method/update.ts";
export { oneUpdate, type RunContext, updateKey, type UpdateOutcome } from "./lib/method/one_update.ts";

// Runs on disk: folders, logs, the live status, what is warned of; lists and comparisons.
export { resolveRun, type RunFolder } from "./lib/run/folder.ts";
export { type RunConfig, type RunPlaces, startRun } from "./lib/run/session.ts";
export { openTracker, type Tracker, type TrackerOptions } from "./lib/run/tracker.ts";
export { type Metrics, type MetricsRow, readMetrics } from "./lib/run/metrics_log.ts";
export { showStatus, statusBlock, type TrainingStatus } from "./lib/run/status.ts";
export { openRegistry, type Registry } from "./lib/run/registry.ts";
export { type RunSummary, summariseRuns } from "./lib/run/run_summary.ts";
export {
  NO_HISTORY,
  raisedWarnings,
  trustMetrics,
  type TrustState,
  warningLine,
  type WarningName,
  type WatchedMetrics,
  watchUpdate,
} from "./lib/training/trust.ts";

// A whole run: cold start, updates with logs and checkpoints.
export { coldStart } from "./lib/cold_start/cold_start.ts";
export type {
  ColdStartHooks,
  ColdStartNeeds,
  ColdStartOptions,
  ColdStartSettings,
} from "./lib/cold_start/settings.ts";
export {
  disposeState,
  initialTrainable,
  policyOf,
  type PolicyState,
  type Trainable,
} from "./lib/method/policy.ts";
export { prepareUpdate } from "./lib/training/prepare_update.ts";
export {
  type HasTraining,
  saveState,
  startState,
  type TrainingRun,
  trainPolicy,
} from "./lib/training/run_training.ts";
export {
  type ProcessFacts,
  updateMetricNames,
  updateMetrics,
  updateSamples,
} from "./lib/training/update_metrics.ts";
export { rankCorrelation } from "./lib/metrics/rank_correlation.ts";
