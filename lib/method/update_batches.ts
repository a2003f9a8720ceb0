/**
 * From weighted trajectories to the tensors of gradient micro-batches.
 *
 * @module
 */
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import { fold, type Key } from "../core/key.ts";
import { imagePrompts } from "../showo/guidance.ts";
import { mmuPrefixInput, paddedLength } from "../showo/decode_text.ts";
import type { ImageSteps, TextAnswers } from "../showo/logprobs.ts";
import { imageTokenMasks, selectTimesteps } from "../rl/image_tokens.ts";
import { tokenScale } from "../rl/objective.ts";
import { tf } from "../tensor/tf.ts";
import type { AskedTask, Trajectory } from "./rollout.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainingSettings } from "./settings.ts";

/** A trajectory with its advantage. */
export interface Weighted extends Trajectory {
  readonly advantage: number;
  /** The advantage of its image tokens, where they have one of their own (`rl.credit: by_part`); else `advantage`. */
  readonly imageAdvantage?: number;
}

/** What an update reads of it. */
export type WeightedTokens = "imagePromptIds" | "sample" | "records" | "advantage" | "imageAdvantage";

type Tokens = Pick<Weighted, WeightedTokens>;

/** A group as an update reads it: tokens and advantages. */
export interface UpdateGroup {
  readonly task: Pick<AskedTask, "promptIds" | "promptLength">;
  readonly weighted: readonly Tokens[];
}

/** The advantage of the image tokens of a trajectory. */
export function imageAdvantageOf(
  { advantage, imageAdvantage = advantage }: Pick<Weighted, "advantage" | "imageAdvantage">,
): number {
  return imageAdvantage;
}

const trajectoriesOf = (groups: readonly UpdateGroup[]): readonly Tokens[] =>
  groups.flatMap(({ weighted }) => weighted);

/** What every micro-batch says about its tokens. */
export type TokenWeights = {
  /** 1 where a token counts, `[B, T]`. */
  readonly completionMask: tf.Tensor;
  /** `[B, 1]`. */
  readonly advantages: tf.Tensor;
  /** The factor of each token in the loss: a scalar, or one of each row, `[B, 1]`. */
  readonly scale: tf.Tensor;
};

/** Decoding steps of some trajectories. */
export type ImageBatch = { readonly steps: ImageSteps; readonly tokens: TokenWeights };

/** Answers of some trajectories. */
export type TextBatch = { readonly answers: TextAnswers; readonly tokens: TokenWeights };

const matrix = (rows: readonly ArrayLike<number>[], dtype: "int32" | "float32"): tf.Tensor2D => {
  const flat = rows.flatMap((row) => Array.from(row));
  const values = dtype === "int32" ? Int32Array.from(flat) : Float32Array.from(flat);
  return tf.tensor2d(values, [rows.length, rows[0]?.length ?? 0], dtype);
};

const column = (values: readonly number[]): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(values), [values.length, 1]);

/** Masks of all steps of a trajectory under the scope; unknown codes are −1. */
const masksOf = ({ records }: Tokens, { rl }: TrainingSettings): readonly Float32Array[] =>
  imageTokenMasks(records.map(({ state }) => state), { scope: rl.imageTokenScope, maskTokenId: -1 });

const total = (masks: readonly Float32Array[]): number =>
  masks.reduce((sum, mask) => sum + mask.reduce((inner, value) => inner + value, 0), 0);

interface MaskedTrajectory {
  readonly trajectory: Tokens;
  readonly masks: readonly Float32Array[];
}

/** What each decoding step has to say to an update: `Σ |A| · Σ −log p` over the tokens that count. */
function stepWeights(rows: readonly MaskedTrajectory[], timesteps: number): readonly number[] {
  const surprise = ({ trajectory, masks }: MaskedTrajectory, step: number): number => {
    const mask = masks[step] ?? [];
    const logps = trajectory.records[step]?.logps ?? [];
    return Array.from(mask).reduce((sum, counts, n) => sum - counts * (logps[n] as number), 0);
  };
  return Array.from(
    { length: timesteps },
    (_, step) =>
      rows.reduce((sum, row) => sum + Math.abs(imageAdvantageOf(row.trajectory)) * surprise(row, step), 0),
  );
}

/** A drawn decoding step, and its factor. */
interface DrawnStep {
  readonly step: number;
  readonly factor: number;
}

function drawSteps(
  rows: readonly MaskedTrajectory[],
  { settings: { rl, generation: { timesteps } }, key }: {
    readonly settings: TrainingSettings;
    readonly key: Key;
  },
): readonly DrawnStep[] {
  const { steps, scales } = selectTimesteps(fold(key, "timesteps"), {
    timesteps,
    perUpdate: rl.timestepsPerUpdate === 0 ? "all" : rl.timestepsPerUpdate,
    ...(rl.stepChoice === "even" ? {} : { weights: stepWeights(rows, timesteps) }),
  });
  return steps.map((step, index) => ({ step, factor: scales[index] as number }));
}

/**
 * Cuts the image tokens of an update into micro-batches: some trajectories times some decoding steps each.
 *
 * The steps are drawn without replacement; their terms are divided by their probability, so the expectation is that of all steps. Groups whose
 * image tokens have no advantage are left out; they count in the mean over groups.
 *
 * @param groups All groups of the update.
 * @param options.runtime Sizes and ids.
 * @param options.settings Scope, steps per update, micro-batch sizes, weights.
 * @param options.key The key of the update.
 * @returns A function per micro-batch that makes its tensors; call it, use them, free them.
 */
export function imageBatches(
  groups: readonly UpdateGroup[],
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings; readonly key: Key },
): readonly (() => ImageBatch)[] {
  const { runtime, settings, settings: { rl } } = options;
  const parts = groups.map(({ weighted }) =>
    weighted.map((trajectory): MaskedTrajectory => ({ trajectory, masks: masksOf(trajectory, settings) }))
  );
  const perToken = tokenScale(rl.generationWeight, {
    lossNormalization: rl.lossNormalization,
    numGenerations: parts.flat().length,
    tokens: parts.flat().reduce((sum, { masks }) => sum + total(masks), 0),
  });
  const rows = parts
    .filter((part) => part.some(({ trajectory }) => imageAdvantageOf(trajectory) !== 0))
    .flat();
  const drawn = drawSteps(rows, options);
  const stepSize = rl.microbatchSteps === 0 ? drawn.length : rl.microbatchSteps;
  return RA.chunksOf(rl.microbatch)(rows).flatMap((part) =>
    RA.chunksOf(stepSize)(drawn).map((steps) => () =>
      imageBatch(part, steps, { runtime, settings, perToken })
    )
  );
}

function imageBatch(
  part: readonly MaskedTrajectory[],
  steps: readonly DrawnStep[],
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings; readonly perToken: number },
): ImageBatch {
  const { runtime, settings, perToken } = options;
  const guided = settings.rl.guidanceInObjective && settings.generation.guidanceScale > 0;
  const prompts = imagePrompts(
    part.map(({ trajectory }) => trajectory.imagePromptIds),
    { guided, model: runtime.model },
  );
  const pairs = part.flatMap(({ trajectory, masks }) =>
    steps.map(({ step, factor }) => ({ trajectory, mask: masks[step], step, factor }))
  );
  const recordOf = ({ trajectory, step }: typeof pairs[number]) => trajectory.records[step];
  return {
    steps: {
      prompts,
      states: matrix(pairs.map((pair) => recordOf(pair)?.state ?? []), "int32"),
      chosen: matrix(pairs.map((pair) => recordOf(pair)?.chosen ?? []), "int32"),
      ...(guided ? { guidance: tf.scalar(settings.generation.guidanceScale) } : {}),
    },
    tokens: {
      completionMask: matrix(pairs.map(({ mask }) => mask ?? []), "float32"),
      advantages: column(pairs.map(({ trajectory }) => imageAdvantageOf(trajectory))),
      scale: column(pairs.map(({ factor }) => factor * perToken)),
    },
  };
}

/**
 * Cuts the answers of an update into micro-batches; groups whose answers have no advantage are left out.
 *
 * @param groups All groups of the update.
 * @param options.runtime Sizes and ids.
 * @param options.settings Micro-batch size, weights, length and temperature of answers.
 * @returns A function per micro-batch that makes its tensors; none if no trajectory has an answer.
 */
export function textBatches(
  groups: readonly UpdateGroup[],
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings },
): readonly (() => TextBatch)[] {
  const { runtime, settings } = options;
  const { rl } = settings;
  const all = trajectoriesOf(groups);
  const scale = tokenScale(rl.understandingWeight, {
    lossNormalization: rl.lossNormalization,
    numGenerations: all.length,
    tokens: all.reduce((sum, { sample }) => sum + sample.ids.length, 0),
  });
  return groups
    .filter(({ weighted }) =>
      weighted.some(({ advantage, sample }) => advantage !== 0 && sample.ids.length > 0)
    )
    .flatMap(({ weighted, task }) =>
      RA.chunksOf(rl.microbatch)(weighted).map((part) => () =>
        textBatch(part, task, { runtime, settings, scale })
      )
    );
}

function textBatch(
  part: readonly Tokens[],
  task: Pick<AskedTask, "promptIds" | "promptLength">,
  options: { readonly runtime: Runtime; readonly settings: TrainingSettings; readonly scale: number },
): TextBatch {
  const { runtime: { config: { vocabulary } }, settings: { reasoning }, scale } = options;
  const length = reasoning.maxNewTokens;
  const prompt = task.promptIds.slice(0, -1);
  const last = task.promptIds[task.promptIds.length - 1] as number;
  const pad = vocabulary.special["[PAD]"];
  const padded = (ids: readonly number[], filler: number): readonly number[] =>
    Array.from({ length }, (_, index) => ids[index] ?? filler);
  const answers = part.map(({ sample }) => sample.ids);
  return {
    answers: {
      prompts: mmuPrefixInput([prompt], {
        vocabulary,
        length: paddedLength(Math.max(prompt.length, task.promptLength - 1)),
      }),
      lengths: tf.tensor1d(Float32Array.from(part, () => prompt.length)),
      inputs: matrix(answers.map((ids) => padded([last, ...ids.slice(0, -1)], pad)), "int32"),
      targets: matrix(answers.map((ids) => padded(ids, -1)), "int32"),
      temperature: tf.scalar(reasoning.temperature),
    },
    tokens: {
      completionMask: matrix(answers.map((ids) => padded(ids.map(() => 1), 0)), "float32"),
      advantages: column(part.map(({ advantage }) => advantage)),
      scale: tf.scalar(scale),
    },
  };
}
