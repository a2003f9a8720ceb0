/**
 * The parts of pretraining as {@link Training} values: what is drawn, what is minimised, for how long.
 *
 * @module
 */
import { fold, keyFromSeed } from "../../lib/core/key.ts";
import {
  type AttributeReaderConfig,
  attributeReaderParameters,
  type AttributeReaderWeights,
  readAttributes,
  readingLoss,
} from "../../lib/experts/attribute_reader/attribute_reader.ts";
import type { MagvitWeights } from "../../lib/showo/magvit.ts";
import { magvitParameters } from "../../lib/showo/magvit_config.ts";
import { initialise } from "../../lib/tensor/nest.ts";
import { adamw, chain, clipByGlobalNorm } from "../../lib/tensor/optimizer.ts";
import type { tf } from "../../lib/tensor/tf.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { copyTree } from "../../lib/tensor/tree.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { allCharacters, charactersOf, type Scene } from "../../lib/world/scene.ts";
import { magvitConfigOf, type Pretraining } from "./config.ts";
import { courseOf } from "./course.ts";
import {
  drawScenes,
  importanceTensor,
  labelTensors,
  pictureTensor,
  READER_CLASSES,
  type SceneSource,
  spoil,
} from "./scene_batches.ts";
import { type DecoderBatch, decoderLoss, type PictureBatch, tokenizerLoss } from "./tokenizer_objective.ts";
import { makeUpdate, type Training } from "./trainer.ts";

/** The settings that all parts share. */
export interface PartContext {
  readonly config: Pretraining;
  /** Where states and curves are kept. */
  readonly folder: string;
}

const optimizer = chain(clipByGlobalNorm(1), adamw({ betas: [0.9, 0.95], weightDecay: 0 }));

const startingState = (parameters: Tree) => ({ parameters, optimizer: optimizer.init(parameters) as Tree });

/** A copy that an update may free. */

/**
 * Sizes of an attribute reader of the world.
 *
 * @param imageSize Picture side in pixels.
 * @returns The sizes, one head per attribute.
 */
export function readerConfigOf(config: Pretraining["judge"], imageSize: number): AttributeReaderConfig {
  const heads = Object.fromEntries(
    Object.entries(READER_CLASSES).map(([name, classes]) => [name, classes.length]),
  );
  return { imageSize, channels: config.channels, width: config.width, heads };
}

/**
 * Which part of the world a reader sees: a network that shapes weights sees what pretraining may see; the judge, which is
 * only ever asked about finished pictures, sees every character and every combination, or it would misread exactly those
 * pictures that the evaluation is about.
 */
const readerWorld = (name: "perception" | "judge"): SceneSource =>
  name === "judge"
    ? { characters: allCharacters(), combinations: "all" }
    : { characters: charactersOf("pretrain"), combinations: "seen" };

/**
 * Trains an attribute reader: the perceptual network or the judge.
 *
 * @param name Which.
 * @returns The training; labels are exact, some pictures are spoilt as a decoder would.
 */
export function readerTraining(name: "perception" | "judge", context: PartContext): Training {
  const part = context.config[name];
  const { imageSize } = context.config;
  const key = keyFromSeed(part.seed);
  const seen = readerWorld(name);
  return {
    name,
    ...courseOf(part, context),
    initial: () =>
      startingState(
        initialise(fold(key, "weights"), attributeReaderParameters(readerConfigOf(part, imageSize))),
      ),
    batch: (step) => {
      const stepKey = fold(fold(key, "data"), step);
      const scenes = drawScenes(stepKey, { count: part.batchSize, ...seen });
      const images = spoil(
        fold(stepKey, "spoil"),
        scenes.map((scene) => renderScene(scene, { size: imageSize })),
      );
      return { pictures: pictureTensor(images), labels: labelTensors(scenes) };
    },
    update: makeUpdate(
      name,
      (
        weights: AttributeReaderWeights,
        batch: { pictures: tf.Tensor; labels: { readonly [name: string]: tf.Tensor } },
      ) => {
        const { logits } = readAttributes(weights, batch.pictures);
        return { loss: readingLoss(logits, batch.labels), aux: {} };
      },
      optimizer,
    ),
  };
}

/**
 * Trains the image tokenizer.
 *
 * @param perception The trained perceptual network; stays the caller's.
 */
export function tokenizerTraining(context: PartContext, perception: AttributeReaderWeights): Training {
  const part = context.config.tokenizer;
  const { imageSize } = context.config;
  const key = keyFromSeed(part.seed);
  const config = magvitConfigOf(part);
  const characters = charactersOf("pretrain");
  return {
    name: "tokenizer",
    ...courseOf(part, context),
    initial: () => startingState(initialise(fold(key, "weights"), magvitParameters(config))),
    batch: (step) => {
      const scenes = drawScenes(fold(fold(key, "data"), step), { count: part.batchSize, characters });
      return { ...picturesOf(scenes, { part, imageSize }), reader: copyTree(perception) };
    },
    update: makeUpdate(
      "tokenizer",
      (weights: MagvitWeights, batch: PictureBatch & { readonly reader: AttributeReaderWeights }) =>
        tokenizerLoss(weights, batch, { config, terms: part, reader: batch.reader }),
      optimizer,
    ),
  };
}

/**
 * Trains the decoder of a finished image tokenizer on: its codes stay what they are, its pictures read better.
 *
 * @param frozen The trained tokenizer and the trained perceptual network; stay the caller's.
 * @returns The training; its parameters are those of a decoder.
 */
export function decoderTraining(
  context: PartContext,
  frozen: { readonly tokenizer: MagvitWeights; readonly perception: AttributeReaderWeights },
): Training {
  const part = context.config.decoder;
  const { imageSize } = context.config;
  const key = keyFromSeed(part.seed);
  const config = magvitConfigOf(context.config.tokenizer);
  const characters = charactersOf("pretrain");
  return {
    name: "decoder",
    ...courseOf(part, context),
    initial: () => startingState(copyTree(frozen.tokenizer.decoder)),
    batch: (step) => {
      const scenes = drawScenes(fold(fold(key, "data"), step), { count: part.batchSize, characters });
      return {
        ...picturesOf(scenes, { part, imageSize }),
        labels: labelTensors(scenes),
        reader: copyTree(frozen.perception),
        encoder: copyTree(frozen.tokenizer.encoder),
      };
    },
    update: makeUpdate(
      "decoder",
      (weights: MagvitWeights["decoder"], batch: DecoderBatch) =>
        decoderLoss(weights, batch, { config, terms: part }),
      optimizer,
    ),
  };
}

function picturesOf(
  scenes: readonly Scene[],
  options: { readonly part: { readonly characterWeight: number }; readonly imageSize: number },
): PictureBatch {
  const { part, imageSize } = options;
  return {
    pictures: pictureTensor(scenes.map((scene) => renderScene(scene, { size: imageSize }))),
    importance: importanceTensor(scenes, { size: imageSize, weight: part.characterWeight }),
  };
}
