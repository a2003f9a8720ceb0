/**
 * What an update costs on a large GPU: operations, bytes and memory from the sizes alone. An estimate, not a measurement.
 *
 * A phase takes as long as its operations at the speed that is reached, or as its bytes, whichever is longer.
 *
 * @module
 */
import type { ShowoConfig } from "../lib/showo/config.ts";
import { showoFlops } from "./showo_flops.ts";

/** The update. */
export interface UpdateShape {
  readonly group: number;
  /** Candidates that reach the preview. */
  readonly candidates: number;
  readonly timesteps: number;
  readonly previewStep: number;
  /** Decoding steps used by the gradient. */
  readonly updateSteps: number;
  /** Text tokens of the prompt that is answered. */
  readonly question: number;
  readonly answer: number;
  readonly trainable: "concept_rows" | "full";
  /** Pictures (trajectory × step) whose gradient is taken at once. */
  readonly microRows: number;
}

/** A GPU; the share of its peak that large matrix products reach here is an assumption. */
export interface Gpu {
  readonly name: string;
  /** Operations per second at the precision in use. */
  readonly peak: number;
  /** Share of the peak that is reached. */
  readonly reached: number;
  /** Bytes per second. */
  readonly bandwidth: number;
  /** Bytes. */
  readonly memory: number;
}

/** One H100 SXM: TF32 matrix products (dense) and plain float32, 3.35 TB/s, 80 GB; data sheet numbers. */
export const H100: Readonly<Record<"tf32" | "float32", Gpu>> = {
  tf32: { name: "H100, TF32", peak: 495e12, reached: 0.4, bandwidth: 3.35e12, memory: 80e9 },
  float32: { name: "H100, float32", peak: 67e12, reached: 0.6, bandwidth: 3.35e12, memory: 80e9 },
};

/** Operations and bytes of a phase. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** Phases of an update. */
export type Phase = "reason" | "preview" | "complete" | "update";

const FLOAT = 4;

/**
 * Counts the parameters of a model.
 *
 * @returns Numbers in the matrices; norms and biases are left out.
 */
export function parameterCount({ width, mlpWidth, layers, vocabulary }: ShowoConfig): number {
  return layers * (4 * width ** 2 + 2 * width * mlpWidth) + 2 * vocabulary.size * width;
}

/**
 * Bytes that a forward moves: the layers' weights once, and per token the tensors between matrix products, of which about
 * twenty are as wide as the model, four as wide as the feed-forward part, six as wide as the scores of all heads.
 */
function forwardBytes(config: ShowoConfig, rows: { batch: number; tokens: number; keys: number }): number {
  const { width, mlpWidth, heads, layers } = config;
  const weights = layers * (4 * width ** 2 + 2 * width * mlpWidth);
  const perToken = layers * (20 * width + 4 * mlpWidth + 6 * heads * rows.keys);
  return FLOAT * (weights + rows.batch * rows.tokens * perToken);
}

const add = (...costs: readonly Cost[]): Cost => ({
  flops: costs.reduce((sum, { flops }) => sum + flops, 0),
  bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
});

const times = (factor: number, { flops, bytes }: Cost): Cost => ({
  flops: factor * flops,
  bytes: factor * bytes,
});

/** `count` forwards of pictures behind cached prompts, `batch` rows at once. */
function pictureForwards(config: ShowoConfig, count: number, batch: number): Cost {
  const { numVqTokens, textBlock, vocabulary } = config;
  const rows = { batch: 1, tokens: numVqTokens + 2, keys: textBlock + numVqTokens + 2 };
  const logits = { positions: numVqTokens, columns: vocabulary.codebookSize };
  return {
    flops: count * showoFlops(config, { ...rows, logits }),
    bytes: Math.ceil(count / batch) * forwardBytes(config, { ...rows, batch }) +
      count * FLOAT * 6 * logits.positions * logits.columns,
  };
}

/** All candidates write one token after the other: each reads all weights. */
function reasonCost(config: ShowoConfig, { candidates, answer, question }: UpdateShape): Cost {
  const prompt = config.numVqTokens + 4 + question;
  const none = { positions: 0, columns: 0 };
  const once = { batch: 1, tokens: prompt, keys: prompt };
  const step = { batch: candidates, tokens: 1, keys: prompt + answer };
  const logits = { positions: candidates, columns: config.vocabulary.firstImageId };
  return {
    flops: showoFlops(config, { ...once, logits: none }) + answer * showoFlops(config, { ...step, logits }),
    bytes: forwardBytes(config, once) +
      answer * (forwardBytes(config, step) + FLOAT * config.width * config.vocabulary.firstImageId),
  };
}

/**
 * Forwards that one picture's gradient is worth, with layers computed again in the backward pass.
 *
 * With concept rows alone there is no gradient of weights (a backward costs one forward) and the branch without prompt is
 * computed once; else a backward costs two, and both branches have gradients. The reference runs both branches once.
 */
const gradientForwards = ({ trainable }: UpdateShape): number =>
  trainable === "concept_rows" ? 2 + (1 + 1 + 1) : 2 + 2 * (1 + 1 + 2);

/**
 * Counts operations and bytes of each phase of an update, with classifier-free guidance.
 *
 * @param config The sizes of the model.
 * @returns Costs by phase.
 */
export function updateCosts(config: ShowoConfig, shape: UpdateShape): Readonly<Record<Phase, Cost>> {
  const { candidates, group, timesteps, previewStep, updateSteps, microRows } = shape;
  const drawn = (count: number, batch: number): Cost => pictureForwards(config, 2 * count, 2 * batch);
  const optimizer = shape.trainable === "full" ? FLOAT * 8 * parameterCount(config) : 0;
  return {
    reason: reasonCost(config, shape),
    preview: drawn(candidates * previewStep, group),
    complete: drawn(group * (timesteps - previewStep), group),
    update: add(
      times(gradientForwards(shape), pictureForwards(config, group * updateSteps, microRows)),
      { flops: 0, bytes: optimizer },
    ),
  };
}

/**
 * Estimates the most memory of an update: weights, what training keeps, and one micro-batch.
 *
 * @param config The sizes of the model.
 * @returns Bytes by what they hold; layers are computed again in the backward pass, so that one layer's inner tensors and
 * the inputs of all are held.
 */
export function updateMemory(
  config: ShowoConfig,
  { trainable, microRows, group }: UpdateShape,
): Readonly<Record<"weights" | "training" | "prompts" | "microbatch", number>> {
  const { width, mlpWidth, heads, layers, numVqTokens, textBlock, vocabulary } = config;
  const parameters = FLOAT * parameterCount(config);
  const rows = (trainable === "full" ? 2 : 1) * microRows;
  const tokens = numVqTokens + 2;
  const inner = 20 * width + 4 * mlpWidth + 6 * heads * (textBlock + tokens);
  const codes = 6 * 2 * microRows * numVqTokens * vocabulary.codebookSize;
  return {
    weights: parameters,
    training: trainable === "full" ? 4 * parameters : 0,
    prompts: FLOAT * 2 * layers * width * textBlock * 2 * group,
    microbatch: FLOAT * (rows * tokens * (layers * width + inner) + codes),
  };
}

/** An estimate. */
export interface Estimate {
  readonly phases: readonly {
    readonly phase: Phase;
    readonly flops: number;
    readonly seconds: number;
    readonly bound: "operations" | "bytes";
  }[];
  readonly seconds: number;
  readonly memory: number;
  readonly fits: boolean;
}

/**
 * Estimates an update on a GPU.
 *
 * @param config The sizes of the model.
 * @returns Seconds and what bounds them by phase; memory, with a tenth of the GPU left for what is not counted.
 */
export function estimateUpdate(config: ShowoConfig, shape: UpdateShape, gpu: Gpu): Estimate {
  const phases = Object.entries(updateCosts(config, shape)).map(([phase, { flops, bytes }]) => {
    const [computing, moving] = [flops / (gpu.peak * gpu.reached), bytes / gpu.bandwidth];
    const bound = computing >= moving ? "operations" as const : "bytes" as const;
    return { phase: phase as Phase, flops, seconds: Math.max(computing, moving), bound };
  });
  const memory = Object.values(updateMemory(config, shape)).reduce((sum, bytes) => sum + bytes, 0);
  return {
    phases,
    seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
    memory,
    fits: memory <= 0.9 * gpu.memory,
  };
}
