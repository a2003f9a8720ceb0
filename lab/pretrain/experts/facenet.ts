/**
 * The small FaceNet: crops of one face get similar vectors. Clothes don't count: a face is kind, hair and skin.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { fold, type Key, keyFromSeed, shuffle } from "../../../lib/core/key.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { inceptionSettings, loadFaces } from "../../../lib/experts/face/face_load.ts";
import { batchNormalise, calibrate, faceVectors } from "../../../lib/experts/face/inception.ts";
import {
  type InceptionConfig,
  type InceptionOf,
  inceptionParameters,
  inceptionSizes,
} from "../../../lib/experts/face/inception_config.ts";
import type { Parameter } from "../../../lib/experts/shared/parameters.ts";
import { FACE_PIXELS } from "../../../lib/experts/shared/preprocess.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { similarCharacters } from "../../../lib/world/concept.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import { type Character, charactersOf, isPerson, sampleScene, type Scene } from "../../../lib/world/scene.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publishedFiles, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import { labelTensors, spoil } from "../scene_batches.ts";
import type { Training } from "../trainer.ts";
import type { Labels } from "./caption_batches.ts";
import { headParameters, type HeadsOf, identityLoss } from "./contrast.ts";
import { faceCrops } from "./face_places.ts";
import { faceOf, faceSimilarity, similarityTensor } from "./identities.ts";
import { expertTraining, pixelTensor } from "./part.ts";
import { compareIdentities, identityTrials, rankQuality } from "./quality.ts";

type Section = Pretraining["facenet"];

type Weights<P> = { readonly model: InceptionOf<P>; readonly heads: HeadsOf<P> };

type Batch = { readonly pixels: tf.Tensor; readonly labels: Labels; readonly similarities: tf.Tensor };

/** The margin that the loader uses by default. */
const MARGIN = 32;

/** Sizes of the small FaceNet. */
export function smallFacenet(section: Section): InceptionConfig {
  const [first = 1, second = 1, third = 1] = section.repeats;
  return inceptionSizes({
    multiplier: section.multiplier,
    repeats: [first, second, third],
    embedding: section.embedding,
  });
}

const schemaOf = (section: Section): Weights<Parameter> => ({
  model: inceptionParameters(smallFacenet(section)),
  heads: headParameters("heads", section.embedding, ["kind", "hair", "skin"]),
});

/**
 * What the small FaceNet is trained for: contrast of faces + graded similarity + attributes of the face.
 *
 * @param weights Model and heads.
 * @param batch Two crops of each face.
 * @param section Weights of the terms.
 * @returns The loss and its terms.
 */
export function facenetLoss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
  section: Section,
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const vectors = faceVectors(weights.model, batch.pixels, batchNormalise);
  const views = { vectors, features: tf.mul(vectors, 8), heads: weights.heads };
  return identityLoss(views, batch, section);
}

/** Scenes of people with different faces, as many as there are, at most `count`. */
function differentFaces(key: Key, count: number): readonly Character[] {
  const people = shuffle(key, charactersOf("pretrain").filter(isPerson));
  return [...new Map(people.map((person) => [faceOf(person), person])).values()].slice(0, count);
}

function cropsOf(
  key: Key,
  scenes: readonly Scene[],
  options: { readonly imageSize: number; readonly side: number },
) {
  const { imageSize, side } = options;
  const images = spoil(fold(key, "spoil"), scenes.map((scene) => renderScene(scene, { size: imageSize })));
  return faceCrops(fold(key, "crop"), scenes, { images, crop: { side, margin: MARGIN } });
}

function faceBatch(key: Key, options: { readonly section: Section; readonly imageSize: number }): Batch {
  const { section, imageSize } = options;
  const faces = differentFaces(fold(key, "faces"), section.batchSize / 2);
  // The second picture may show other clothes: the same face, not the same character.
  const people = charactersOf("pretrain").filter(isPerson);
  const partners = faces.map((face, index) =>
    shuffle(fold(fold(key, "partner"), index), people).find((other) => faceOf(other) === faceOf(face)) ?? face
  );
  const both = [...faces, ...partners];
  const scenes = both.map((character, index) =>
    sampleScene(fold(fold(key, "scene"), index), { characters: [character] })
  );
  const crops = cropsOf(key, scenes, { imageSize, side: section.side });
  const { kind, hair, skin, ...rest } = labelTensors(scenes) as Record<string, tf.Tensor>;
  disposeTree(rest as Tree);
  return {
    pixels: pixelTensor(crops, FACE_PIXELS),
    labels: { kind, hair, skin } as Labels,
    similarities: similarityTensor(both, faceSimilarity),
  };
}

/** Trains the small FaceNet with the statistics of each batch. */
export function facenetTraining(context: PartContext): Training {
  const { facenet: section, imageSize } = context.config;
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "facenet",
    section,
    schema: schemaOf(section),
    batch: (key) => faceBatch(key, { section, imageSize }),
    loss: (weights, batch) => facenetLoss(weights, batch, section),
  });
}

const CALIBRATION = 128;

/**
 * Sets the running statistics on fresh crops and lays the model out as a published folder.
 *
 * @param parameters The final parameters of the training.
 * @param config The settings of pretraining.
 */
export function facenetFiles(parameters: Tree, config: Pretraining): FolderFiles {
  const { facenet: section, imageSize } = config;
  const sizes = smallFacenet(section);
  const key = fold(keyFromSeed(section.seed), "calibration");
  const people = charactersOf("pretrain").filter(isPerson);
  const scenes = Array.from(
    { length: CALIBRATION },
    (_, index) => sampleScene(fold(key, index), { characters: people }),
  );
  const pixels = pixelTensor(cropsOf(key, scenes, { imageSize, side: section.side }), FACE_PIXELS);
  const model = calibrate((parameters as Weights<tf.Tensor>).model, pixels);
  const files = publishedFiles({
    schema: inceptionParameters(sizes),
    weights: model as Tree,
    settings: inceptionSettings(sizes, section.side),
  });
  disposeTree([model as Tree, pixels]);
  return files;
}

const TRIALS = 200;

/**
 * Measures a FaceNet folder with a detector in front of it on held-out people.
 *
 * @param detector The folder of the detector.
 * @param imageSize Picture side in pixels.
 * @returns The share of pictures in which a face was found, and how often the same face scores higher.
 */
export function facenetQuality(
  folder: string,
  detector: string,
  imageSize: number,
): Stage<HasFiles & HasBlobs, Quality> {
  const trials = identityTrials(TRIALS, {
    size: imageSize,
    characters: charactersOf("heldout").filter(isPerson),
    rivals: similarCharacters,
    differ: (one, two) => faceOf(one) !== faceOf(two),
  });
  const images = trials.flatMap(({ anchor, same, other }) => [anchor, same, other]);
  return scoped(
    loadFaces(folder, { detector }),
    (expert) =>
      pipe(
        expert.embed(images),
        RTE.map((vectors) => ({
          trials: trials.length,
          found: Math.round(1000 * vectors.filter((vector) => vector !== null).length / vectors.length) /
            1000,
          ...rankQuality(compareIdentities(trials, vectors)),
        })),
      ),
    (expert) => expert.dispose(),
  );
}
