/**
 * UniCTokens-R1: reinforcement learning that couples understanding and generation in one token model, stage by stage.
 *
 * These are the names one meets first, in the order in which one meets them. Each room has a door of its own with all its
 * names: `./rl`, `./rewards`, `./metrics` (plain mathematics, no TensorFlow), `./concept`, `./image`, `./showo`,
 * `./method`, `./cold_start`, `./training`, `./trained`, `./run`, `./tensor`, `./config`, `./core`.
 *
 * Stages are values that do nothing until they are given capabilities and run. Importing this module opens no file, no
 * backend and no process.
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

// A stage is a value; this is what it can answer, and what it needs to run.
export { type Checked, describe, type PipelineError, type Stage } from "./lib/core/mod.ts";
export { type Live, liveBlobs, liveCapabilities } from "./lib/run/mod.ts";
export { fold, type Key, keyFromSeed } from "./lib/core/mod.ts";

// A concept, and images as plain data.
export {
  type Concept,
  loadConcept,
  loadConceptImage,
  loadConceptImages,
  newConcept,
} from "./lib/concept/mod.ts";
export { decodeImage, encodePng, imageGrid, type RgbImage, solidImage } from "./lib/image/mod.ts";

// Settings, a backend, a model.
export { decodeConfig, loadConfig } from "./lib/config/mod.ts";
export { loadProfile, type Profile, TRAINING, type TrainingSettings } from "./lib/method/mod.ts";
export { type Backend, describeBackend, openBackend } from "./lib/tensor/mod.ts";
export { type Opened, openSettings } from "./lib/trained/mod.ts";

// The cold start: first rows of the concept.
export { coldStart } from "./lib/cold_start/mod.ts";

// One update, stage by stage: task, answer, prompt, preview, screening, image.
export { askTask, sampleTask, type Task } from "./lib/method/mod.ts";
export { reason, wordPrompt } from "./lib/method/mod.ts";
export { complete, preview, type Trajectory } from "./lib/method/mod.ts";
export { initialThreshold, planScreening, updateThreshold } from "./lib/rl/mod.ts";
export { fillGroup, type Group } from "./lib/method/mod.ts";

// Rewards, your own among them; advantages; the objective; the step.
export { type RewardExpert, type RewardRow, type RewardScores, scoreAll } from "./lib/rewards/mod.ts";
export { loadExperts, rewardConcept, rewardRow } from "./lib/method/mod.ts";
export { groupAdvantages, objectiveLoss } from "./lib/rl/mod.ts";
export { makeDecoders, makeUpdate, type UpdatePolicy } from "./lib/method/mod.ts";
export { oneUpdate, policyOf, type PolicyState, type RunContext } from "./lib/method/mod.ts";

// A whole run, and what one does with it.
export { personalise, startState, trainPolicy } from "./lib/training/mod.ts";
export { localAssistant, openRunAssistant } from "./lib/trained/mod.ts";
