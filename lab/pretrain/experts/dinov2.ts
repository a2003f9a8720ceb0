/**
 * The small DINOv2: pictures of one character get similar patch means, whatever the scene.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { dinov2Hidden } from "../../../lib/experts/dinov2/dinov2.ts";
import {
  type Dinov2Config,
  type Dinov2Of,
  dinov2Parameters,
} from "../../../lib/experts/dinov2/dinov2_config.ts";
import { dinov2Settings, loadDinov2 } from "../../../lib/experts/dinov2/dinov2_expert.ts";
import type { Parameter } from "../../../lib/experts/shared/parameters.ts";
import { IMAGENET_COLOURS, squareMiddle } from "../../../lib/experts/shared/preprocess.ts";
import { fold, type Key } from "../../../lib/core/key.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { unit } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { similarCharacters } from "../../../lib/world/concept.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import { characterId, charactersOf, sampleScene } from "../../../lib/world/scene.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publishedFiles, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import { labelTensors, spoil } from "../scene_batches.ts";
import type { Training } from "../trainer.ts";
import type { Labels } from "./caption_batches.ts";
import { headParameters, type HeadsOf, identityLoss } from "./contrast.ts";
import { contrastingCharacters, identitySimilarity, similarityTensor } from "./identities.ts";
import { expertTraining, pixelTensor } from "./part.ts";
import { compareIdentities, identityTrials, rankQuality } from "./quality.ts";

type Section = Pretraining["dinov2"];

type Weights<P> = { readonly model: Dinov2Of<P>; readonly heads: HeadsOf<P> };

type Batch = {
  /** First pictures of all characters, then second ones. */
  readonly pixels: tf.Tensor;
  readonly labels: Labels;
  readonly similarities: tf.Tensor;
};

/**
 * Sizes of the small DINOv2.
 *
 * @param imageSize Picture side in pixels.
 */
export function smallDinov2(section: Section, imageSize: number): Dinov2Config {
  const { width, heads, layers, patchSize } = section;
  return {
    width,
    heads,
    layers,
    patchSize,
    mlpWidth: 4 * width,
    gridSide: imageSize / patchSize,
    registers: 0,
    antialias: false,
    epsilon: 1e-6,
    activation: "gelu",
  };
}

const schemaOf = (config: Dinov2Config): Weights<Parameter> => ({
  model: dinov2Parameters(config),
  heads: headParameters("heads", config.width, ["kind", "colour", "pattern", "hair", "skin"]),
});

/**
 * What the small DINOv2 is trained for: contrast of characters + graded similarity + attributes of the character.
 *
 * @param weights Model and heads.
 * @param batch Two pictures of each character.
 * @param context Sizes and weights of the terms.
 * @returns The loss and its terms.
 */
export function dinov2Loss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
  context: { readonly config: Dinov2Config; readonly section: Section },
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const { config, section } = context;
  const hidden = dinov2Hidden(weights.model, batch.pixels, config);
  const patches = tf.mean(tf.slice(hidden, [0, 1, 0], [-1, -1, -1]), 1);
  const views = { vectors: unit(patches), features: patches, heads: weights.heads };
  return identityLoss(views, batch, section);
}

function identityBatch(key: Key, options: { readonly section: Section; readonly imageSize: number }): Batch {
  const { section, imageSize } = options;
  const characters = contrastingCharacters(
    fold(key, "characters"),
    section.batchSize / 2,
    charactersOf("pretrain"),
  );
  const both = [...characters, ...characters];
  const scenes = both.map((character, index) =>
    sampleScene(fold(fold(key, "scene"), index), { characters: [character] })
  );
  const images = spoil(fold(key, "spoil"), scenes.map((scene) => renderScene(scene, { size: imageSize })));
  const { kind, colour, pattern, hair, skin, ...rest } = labelTensors(scenes) as Record<string, tf.Tensor>;
  Object.values(rest).forEach((labels) => labels.dispose());
  return {
    pixels: pixelTensor(images, squareMiddle(imageSize, IMAGENET_COLOURS)),
    labels: { kind, colour, pattern, hair, skin } as Labels,
    similarities: similarityTensor(both, identitySimilarity),
  };
}

/** Trains the small DINOv2. */
export function dinov2Training(context: PartContext): Training {
  const { dinov2: section, imageSize } = context.config;
  const config = smallDinov2(section, imageSize);
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "dinov2",
    section,
    schema: schemaOf(config),
    batch: (key) => identityBatch(key, { section, imageSize }),
    loss: (weights, batch) => dinov2Loss(weights, batch, { config, section }),
  });
}

/**
 * Lays the trained model out as a published folder.
 *
 * @param parameters The final parameters of the training.
 * @param config The settings of pretraining.
 */
export function dinov2Files(parameters: Tree, config: Pretraining): FolderFiles {
  const sizes = smallDinov2(config.dinov2, config.imageSize);
  return publishedFiles({
    schema: dinov2Parameters(sizes),
    weights: (parameters as Weights<tf.Tensor>).model as Tree,
    settings: dinov2Settings(sizes),
    preprocess: squareMiddle(config.imageSize, IMAGENET_COLOURS),
  });
}

const TRIALS = 300;

const patchMean = (patches: Float32Array, width: number): Float32Array => {
  const mean = new Float32Array(width);
  patches.forEach((value, index) => {
    mean[index % width] = (mean[index % width] as number) + value * width / patches.length;
  });
  return mean;
};

/**
 * Measures a DINOv2 folder on held-out characters: pictures of one character against pictures of another.
 *
 * @param imageSize Picture side in pixels.
 * @returns How often the same character scores higher, against similar and against random ones.
 */
export function dinov2Quality(folder: string, imageSize: number): Stage<HasFiles & HasBlobs, Quality> {
  const trials = identityTrials(TRIALS, {
    size: imageSize,
    characters: charactersOf("heldout"),
    rivals: similarCharacters,
    differ: (one, two) => characterId(one) !== characterId(two),
  });
  const images = trials.flatMap(({ anchor, same, other }) => [anchor, same, other]);
  return scoped(
    loadDinov2(folder),
    (expert) =>
      pipe(
        expert.embed(images),
        RTE.map((features) => {
          const vectors = features.map(({ patches }) => patchMean(patches, expert.config.width));
          return { trials: trials.length, ...rankQuality(compareIdentities(trials, vectors)) };
        }),
      ),
    (expert) => expert.dispose(),
  );
}
