/**
 * Metrics of the benchmarks on plain data. Loads no TensorFlow.
 *
 * @module
 */
export { type BleuOptions, characterBleu, sentenceBleu, wordBleu } from "./bleu.ts";
export {
  type HitRule,
  isHit,
  recognition,
  type RecognitionItem,
  type RecognitionScore,
} from "./recognition.ts";
export { choiceAccuracy, type ChoiceItem, type ChoiceRule, choseRight } from "./choice.ts";
export { clipImageScore, clipText, clipTextScore, type TokenText } from "./clip_score.ts";
export { type FaceScore, faceSimilarity } from "./face_similarity.ts";
export { denseSegments, segmentMean, type Splitter } from "./segments.ts";
export { bootstrapInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
export { aggregate, type BenchmarkScore, type ConceptScore, type MetricItem } from "./aggregate.ts";
export { rankCorrelation, rankCorrelationWithin } from "./rank_correlation.ts";
