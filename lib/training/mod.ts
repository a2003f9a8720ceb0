/**
 * The training program round the method: first state, updates, warnings, metrics.
 *
 * @module
 */
export {
  NO_HISTORY,
  raisedWarnings,
  trustMetrics,
  type TrustState,
  warningLine,
  type WarningName,
  type WatchedMetrics,
  watchUpdate,
} from "./trust.ts";
export { prepareUpdate } from "./prepare_update.ts";
export { type HasTraining, saveState, startState, type TrainingRun, trainPolicy } from "./run_training.ts";
export { type ProcessFacts, updateMetricNames, updateMetrics, updateSamples } from "./update_metrics.ts";
export { personalise, type PersonaliseOptions } from "./personalise.ts";
