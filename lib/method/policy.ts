/**
 * What is trained, and the state of training: all that a resume needs besides the settings.
 *
 * @module
 */
import { initialLora, type LoraConfig, type LoraWeights } from "../showo/lora.ts";
import type { ConceptRows } from "../showo/concept_rows.ts";
import type { Policy } from "../showo/model.ts";
import type { ShowoWeights } from "../showo/weights.ts";
import { fold, keyFromSeed } from "../core/key.ts";
import { copyTree, disposeTree, type Tree } from "../tensor/tree.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";
import type { ModeThresholds } from "./thresholds.ts";

/** The tensors that are trained. */
export type Trainable = {
  readonly rows: ConceptRows;
  readonly lora?: LoraWeights;
  readonly base?: ShowoWeights;
};

/** The state of a run between two updates; owns its tensors. */
export interface PolicyState {
  /** Updates done. */
  readonly step: number;
  readonly trainable: Trainable;
  readonly optimizer: Tree;
  /** Frozen copy of the trainable tensors at the start: the reference policy. */
  readonly reference: Trainable;
  /** DSOG's thresholds. */
  readonly thresholds: ModeThresholds;
}

/** LoRA's sizes from the settings; `undefined` if nothing of it is trained. */
export function loraConfigOf({ rl }: Pick<TrainingSettings, "rl">): LoraConfig | undefined {
  if (rl.trainable !== "lora") return undefined;
  return { rank: rl.loraRank, alpha: rl.loraAlpha, targets: rl.loraTargets };
}

/**
 * Makes the trainable tensors from the rows of the cold start.
 *
 * @param rows The rows; stay the caller's.
 * @param settings What is trained, and the seed of LoRA's start.
 * @returns Fresh tensors.
 */
export function initialTrainable(runtime: Runtime, rows: ConceptRows, settings: TrainingSettings): Trainable {
  const lora = loraConfigOf(settings);
  return {
    rows: copyTree(rows),
    ...(lora === undefined
      ? {}
      : { lora: initialLora(fold(keyFromSeed(settings.seed), "lora"), lora, runtime.config) }),
    ...(settings.rl.trainable === "full" ? { base: copyTree(runtime.base) } : {}),
  };
}

/**
 * Assembles the policy that the model runs.
 *
 * @param base The frozen weights.
 * @param trainable What is trained; a trained base replaces the frozen one.
 * @returns The policy; shares all tensors.
 */
export function policyOf(base: ShowoWeights, trainable: Trainable): Policy {
  return { base: trainable.base ?? base, rows: trainable.rows, lora: trainable.lora };
}

/** Frees a state. */
export function disposeState(state: PolicyState): void {
  disposeTree([state.trainable, state.reference, state.optimizer] as Tree);
}
