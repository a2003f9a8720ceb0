/**
 * What the trainings of all experts share: optimizer, schedule, batches of ids and pixels, export.
 *
 * @module
 */
import type { RgbImage } from "../../../lib/image/image.ts";
import { fold, type Key, keyFromSeed } from "../../../lib/core/key.ts";
import { initialArrays, type TensorsOf, weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { preparePictures, type Preprocess } from "../../../lib/experts/shared/preprocess.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { adamw, chain, clipByGlobalNorm } from "../../../lib/tensor/optimizer.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import { characterSplit, type Scene } from "../../../lib/world/scene.ts";
import { isHeldOutCombination } from "../../../lib/world/scene.ts";
import { courseOf, type CourseSection } from "../course.ts";
import type { PartContext } from "../parts.ts";
import { makeUpdate, type Training } from "../trainer.ts";

const optimizer = chain(
  clipByGlobalNorm(1),
  adamw({ betas: [0.9, 0.98], weightDecay: 0.02, decays: (_, leaf) => leaf.rank > 1 }),
);

/** The settings of a part that every training needs. */
export type ExpertSection = CourseSection & { readonly seed: number };

/** An expert's training: what is special to it. */
export interface ExpertTraining<S, B extends Tree> {
  readonly name: string;
  readonly section: ExpertSection;
  /** Describes the parameters, heads that are dropped on export included. */
  readonly schema: S;
  /** Starts the parameters where the schema alone can't; its weights are the caller's. */
  readonly initial?: (key: Key) => TensorsOf<S>;
  /** The batch of a step. */
  readonly batch: (key: Key) => B;
  readonly loss: (
    parameters: TensorsOf<S>,
    batch: B,
  ) => Loss<{ readonly [metric: string]: tf.Tensor }>;
}

/**
 * Makes the training of an expert.
 *
 * @param context Where states are kept, and how often.
 * @param expert What is special to it.
 * @returns The training: AdamW, clipped gradients, warm-up and cosine decay.
 */
export function expertTraining<S, B extends Tree>(
  context: PartContext,
  expert: ExpertTraining<S, B>,
): Training {
  const { name, section, schema } = expert;
  const key = keyFromSeed(section.seed);
  return {
    name,
    ...courseOf(section, context),
    initial: () => {
      const start = expert.initial ?? ((from: Key) => weightsFrom(schema, initialArrays(from, schema)));
      const parameters = start(fold(key, "weights")) as Tree;
      return { parameters, optimizer: optimizer.init(parameters) as Tree };
    },
    batch: (step) => expert.batch(fold(fold(key, "data"), step)),
    update: makeUpdate(
      name,
      (parameters: Tree, batch: B) => expert.loss(parameters as TensorsOf<S>, batch),
      optimizer,
    ),
  };
}

/**
 * Says whether pretraining may show a scene: its character and its combination are not held out.
 *
 * @returns Whether it may.
 */
export function isForPretraining(scene: Scene): boolean {
  return characterSplit(scene.character) === "pretrain" && !isHeldOutCombination(scene);
}

/**
 * Prepares pictures as the expert will see them.
 *
 * @param images Pictures of one size after the cut.
 * @param preprocess The expert's preprocessing.
 * @returns `[B, H, W, 3]`.
 */
export function pixelTensor(images: readonly RgbImage[], preprocess: Preprocess): tf.Tensor {
  const { data, shape } = preparePictures(images, preprocess);
  return tf.tensor4d(data, [...shape]);
}

/** Token ids and their mask, `[B, T]`. */
export type TokenTensors = { readonly ids: tf.Tensor; readonly mask: tf.Tensor };

/**
 * Pads token ids to one length.
 *
 * @param texts Token ids of each text.
 * @param length Length of the rows; longer texts are cut.
 * @param padding The id that fills up; 0 by default.
 * @returns Ids int32 and mask float32 (1 = real token).
 */
export function tokenTensors(
  texts: readonly (readonly number[])[],
  length: number,
  padding = 0,
): TokenTensors {
  const ids = new Int32Array(texts.length * length).fill(padding);
  const mask = new Float32Array(texts.length * length);
  texts.forEach((text, row) => {
    const kept = text.slice(0, length);
    ids.set(kept, row * length);
    mask.fill(1, row * length, row * length + kept.length);
  });
  const shape: [number, number] = [texts.length, length];
  return { ids: tf.tensor2d(ids, shape, "int32"), mask: tf.tensor2d(mask, shape) };
}
