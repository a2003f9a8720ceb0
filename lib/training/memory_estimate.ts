/**
 * How much memory an update will take, said before the first one.
 *
 * What a process holds already (weights, experts, compiled programs, TensorFlow itself) is measured, not estimated. What
 * the first update adds is computed from sizes: the tensors that are trained, and the activations of the largest
 * gradient. A small model's gradient is traced op by op before it is compiled, and then all its activations and their
 * gradients are in memory at once; a big one is computed layer by layer and keeps the inputs of the layers.
 *
 * @module
 */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { ShowoConfig } from "../showo/config.ts";
import { isLayerwise } from "../showo/model.ts";
import { flatten, type Tree } from "../tensor/tree.ts";
import type { PolicyState } from "../method/policy.ts";
import type { TrainingSettings } from "../method/settings.ts";

/** Rows of a gradient's forward. */
export interface GradientRows {
  /** Sequences side by side that have a gradient. */
  readonly rows: number;
  /** Tokens of each that are computed. */
  readonly tokens: number;
  /** Tokens of the prompt that each of them sees besides. */
  readonly prefix: number;
  /** Logits: how many positions over all rows, and columns of each. */
  readonly logits: { readonly positions: number; readonly columns: number };
}

/** Parts of an estimate, bytes. */
export interface MemoryEstimate {
  /** Held before the first update. */
  readonly held: number;
  /** Next parameters, moments and gradients while the optimizer runs. */
  readonly optimizer: number;
  /** Activations and their gradients, of the largest micro-batch. */
  readonly activations: number;
  readonly peak: number;
}

const BYTES = 4;

/**
 * Counts the numbers that one layer makes on its way forward, per row.
 *
 * Norms 15 D, projections 10 D, heads and rotation 12 D, residuals 5 D; feed-forward with its GELU 11 M; scores and
 * probabilities of each head: 4 per visible token, 5 per token of the prompt, whose part is cut and joined.
 *
 * @param rows Tokens and prompt.
 * @returns Numbers per row.
 */
export function layerNumbers(
  config: ShowoConfig,
  { tokens, prefix }: Pick<GradientRows, "tokens" | "prefix">,
): number {
  const { width, mlpWidth, heads } = config;
  return tokens * (42 * width + 11 * mlpWidth + heads * (4 * tokens + 5 * prefix));
}

/** Logits, both branches, their combination, log-probs and what picks the chosen ones. */
const LOGIT_COPIES = 11;

/**
 * Numbers in memory at the peak of a gradient for each number of its forward: the forward itself, its gradients, and what
 * they are made from. Measured at nano size (`deno task bench memory`): 2.5 for concept rows, 2.3 for LoRA and all weights.
 */
const PASSES = 2.5;

/**
 * Estimates the memory of the activations of a gradient.
 *
 * @param rows What runs forward and back.
 * @param options.layerwise Whether layers are recomputed one by one (big models) instead of traced all at once.
 * @returns Bytes.
 */
export function activationBytes(
  config: ShowoConfig,
  rows: GradientRows,
  options: { readonly layerwise: boolean },
): number {
  const layer = rows.rows * layerNumbers(config, rows);
  const head = LOGIT_COPIES * rows.logits.positions * rows.logits.columns;
  // Inputs of a layer, its keys and values, and the gradients of these three.
  const kept = 6 * rows.rows * rows.tokens * config.width;
  const layers = options.layerwise ? config.layers * kept + PASSES * layer : PASSES * config.layers * layer;
  return BYTES * (layers + PASSES * head);
}

/**
 * Adds up an estimate.
 *
 * @param parts.held Bytes that the process holds now.
 * @param parts.trained How many numbers are trained.
 * @param parts.activations Bytes.
 * @returns The parts and their sum.
 *
 * @example
 * ```ts
 * import { memoryEstimate } from "./memory_estimate.ts";
 * import assert from "node:assert/strict";
 * assert.equal(memoryEstimate({ held: 1000, trained: 10, activations: 500 }).peak, 1000 + 5 * 40 + 500);
 * ```
 */
export function memoryEstimate(
  { held, trained, activations }: {
    readonly held: number;
    readonly trained: number;
    readonly activations: number;
  },
): MemoryEstimate {
  // Gradients, their sum over micro-batches, and the next parameters and moments beside the present ones.
  const optimizer = 5 * BYTES * trained;
  return { held, optimizer, activations, peak: held + optimizer + activations };
}

/**
 * The rows of the largest micro-batch of image tokens.
 *
 * @param settings Micro-batch, steps, guidance.
 */
export function gradientRows(
  config: ShowoConfig,
  { rl, generation }: Pick<TrainingSettings, "rl" | "generation">,
): GradientRows {
  const drawn = rl.timestepsPerUpdate === 0 ? generation.timesteps : rl.timestepsPerUpdate;
  const pictures = rl.microbatch * (rl.microbatchSteps === 0 ? drawn : Math.min(drawn, rl.microbatchSteps));
  const guided = rl.guidanceInObjective && generation.guidanceScale > 0;
  // The branch without prompt reads no concept row, so it has no gradient where those are trained alone.
  const rows = guided && rl.trainable !== "concept_rows" ? 2 * pictures : pictures;
  return {
    rows,
    tokens: config.numVqTokens + 2,
    prefix: config.textBlock,
    logits: { positions: rows * config.numVqTokens, columns: config.vocabulary.codebookSize },
  };
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/**
 * Writes an estimate in one line.
 *
 * @param trainable What is trained.
 */
export function estimateLine(estimate: MemoryEstimate, trainable: string): string {
  const { held, optimizer, activations, peak } = estimate;
  return `memory: about ${gib(peak)} at the first update (${trainable}): ${gib(held)} held now, ` +
    `${gib(activations)} activations, ${gib(optimizer)} gradients and optimizer`;
}

/**
 * Says how much memory the first update will take.
 *
 * @param run The sizes and settings.
 * @param state What is trained.
 * @param held Bytes that the process holds now.
 * @returns A stage that prints one line.
 */
export function announceMemory(
  run: { readonly runtime: { readonly config: ShowoConfig }; readonly settings: TrainingSettings },
  state: Pick<PolicyState, "trainable">,
  held: number,
): Stage<HasLog, void> {
  const { runtime: { config }, settings } = run;
  const trained = flatten(state.trainable as Tree).leaves.reduce((sum, leaf) => sum + leaf.size, 0);
  const activations = activationBytes(config, gradientRows(config, settings), {
    layerwise: isLayerwise(config),
  });
  const line = estimateLine(memoryEstimate({ held, trained, activations }), settings.rl.trainable);
  return RTE.asks(({ log }) => log.info(line));
}
