/**
 * Rewards: the extension point `RewardExpert`, the ensemble, and the mathematics of the four experts. Loads no TensorFlow.
 *
 * @module
 */
export {
  type RewardConcept,
  type RewardExpert,
  type RewardRow,
  type RewardScores,
  scoreAll,
} from "./expert.ts";
export { checkWeights, PAPER_WEIGHTS, type RewardWeights, totalReward, weightOf } from "./ensemble.ts";
export {
  type Credit,
  creditedAdvantages,
  type CreditOptions,
  type ExpertScores,
  type GroupScores,
  type PartAdvantages,
  type RewardNormalization,
  standardised,
} from "./credit.ts";
export { tierExpert, type TierOptions, tierScore, type TierScores } from "./tier.ts";
export { berExpert, type BerOptions, berText } from "./ber.ts";
export { derExpert, type DerOptions, derScore, type PatchComparison, patchSimilarity } from "./der.ts";
export { type Face, ferExpert, type FerExpertOptions, type FerOptions, ferScore } from "./fer.ts";
export {
  type Orientation,
  type ReferenceAggregation,
  type ReferenceOptions,
  referenceScore,
  type SimilarityOptions,
  type SimilarityRange,
  similarityScore,
} from "./similarity.ts";
export {
  type FaceEncoder,
  type ImageEncoder,
  type ImageFeatures,
  type ImageTextScorer,
  type TextEncoder,
} from "./features.ts";
