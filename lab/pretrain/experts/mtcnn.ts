/**
 * The small MTCNN: three networks that find the faces of rendered people.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { fold, type Key } from "../../../lib/core/key.ts";
import { attemptAsync, scoped, type Stage } from "../../../lib/core/stage.ts";
import { loadMtcnn } from "../../../lib/experts/face/face_load.ts";
import { detectFaces } from "../../../lib/experts/face/mtcnn.ts";
import {
  type FaceNetwork,
  type FaceNetworkOf,
  faceNetworkParameters,
  type MtcnnWeights,
  runFaceNetwork,
} from "../../../lib/experts/face/mtcnn_networks.ts";
import { initialArrays, type Parameter, weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import {
  type Character,
  charactersOf,
  type CharacterSplit,
  isPerson,
  sampleScene,
  type Scene,
} from "../../../lib/world/scene.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, type Quality, weightsFile } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import { spoil } from "../scene_batches.ts";
import type { Training } from "../trainer.ts";
import { facePlace } from "./face_places.ts";
import { boxOverlap, type FacePicture, faceWindows, type WindowTensors } from "./face_windows.ts";
import { expertTraining } from "./part.ts";
import { QUALITY_KEY } from "./quality.ts";

type Weights<P> = Readonly<Record<FaceNetwork, FaceNetworkOf<P>>>;
type Batch = Readonly<Record<FaceNetwork, WindowTensors>>;

const NETWORKS = ["pnet", "rnet", "onet"] as const;

/** Outputs of the convolutions and the dense layer: the published ones for proposals, half of them behind. */
const WIDTHS: Readonly<Record<FaceNetwork, readonly number[]>> = {
  pnet: [10, 16, 32],
  rnet: [14, 24, 32, 64],
  onet: [16, 32, 32, 64, 128],
};

const schema: Weights<Parameter> = {
  pnet: faceNetworkParameters("pnet", WIDTHS.pnet),
  rnet: faceNetworkParameters("rnet", WIDTHS.rnet),
  onet: faceNetworkParameters("onet", WIDTHS.onet),
};

/** Each by itself: the three use the same names. */
const start = (key: Key): Weights<tf.Tensor> => {
  const network = (name: FaceNetwork) =>
    weightsFrom(schema[name], initialArrays(fold(key, name), schema[name]));
  return { pnet: network("pnet"), rnet: network("rnet"), onet: network("onet") };
};

/** Mean over the rows that count. */
const meanWhere = (values: tf.Tensor, counts: tf.Tensor): tf.Tensor =>
  tf.div(tf.sum(tf.mul(values, counts)), tf.maximum(tf.sum(counts), 1));

function networkLoss(
  network: FaceNetwork,
  weights: FaceNetworkOf<tf.Tensor>,
  windows: WindowTensors,
): { readonly loss: tf.Tensor; readonly accuracy: tf.Tensor } {
  const { scores, boxes, landmarks } = runFaceNetwork(network, weights, windows.pixels);
  const p = tf.clipByValue(tf.reshape(scores, [-1]), 1e-6, 1 - 1e-6);
  const likelihood = tf.add(
    tf.mul(windows.face, tf.log(p)),
    tf.mul(tf.sub(1, windows.face), tf.log(tf.sub(1, p))),
  );
  const squared = (found: tf.Tensor, wanted: tf.Tensor) =>
    meanWhere(tf.sum(tf.square(tf.sub(tf.reshape(found, wanted.shape), wanted)), -1), windows.near);
  const terms = [tf.neg(meanWhere(likelihood, windows.counts)), tf.mul(squared(boxes, windows.box), 4)];
  if (landmarks !== undefined) terms.push(squared(landmarks, windows.points));
  const right = tf.cast(tf.equal(tf.greater(p, 0.5), tf.greater(windows.face, 0.5)), "float32");
  return { loss: tf.addN(terms), accuracy: meanWhere(right, windows.counts) };
}

/**
 * What the networks are trained for: face or not, corrections of the box, and from the last one the points.
 *
 * @param batch Windows for each.
 * @returns The sum of their losses, and how often each is right.
 */
export function mtcnnLoss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const parts = NETWORKS.map((network) => networkLoss(network, weights[network], batch[network]));
  const aux = Object.fromEntries(
    NETWORKS.map((network, index) => [network, parts[index]?.accuracy as tf.Tensor] as const),
  );
  return { loss: tf.addN(parts.map(({ loss }) => loss)) as tf.Scalar, aux };
}

/** People and, every fourth, creatures: their heads are no faces. */
function picturesOf(
  key: Key,
  options: {
    readonly count: number;
    readonly size: number;
    readonly split: CharacterSplit;
  },
): readonly (FacePicture & { readonly scene: Scene })[] {
  const characters = charactersOf(options.split);
  const among = (person: boolean): readonly Character[] =>
    characters.filter((each) => isPerson(each) === person);
  const scenes = Array.from(
    { length: options.count },
    (_, index) => sampleScene(fold(key, index), { characters: among(index % 4 !== 3), combinations: "all" }),
  );
  const images = spoil(fold(key, "spoil"), scenes.map((scene) => renderScene(scene, { size: options.size })));
  return scenes.map((scene, index) => ({
    scene,
    image: images[index] as FacePicture["image"],
    face: isPerson(scene.character) ? facePlace(scene, options.size) : null,
  }));
}

const EACH = 8;

/** Trains the three networks together. */
export function mtcnnTraining(context: PartContext): Training {
  const { mtcnn: section, imageSize } = context.config;
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "mtcnn",
    section,
    schema,
    initial: start,
    batch: (key) => {
      const pictures = picturesOf(key, {
        count: Math.ceil(section.batchSize / EACH),
        size: imageSize,
        split: "pretrain",
      });
      const windows = (network: FaceNetwork) =>
        faceWindows(fold(key, network), pictures, { network, each: EACH });
      return { pnet: windows("pnet"), rnet: windows("rnet"), onet: windows("onet") };
    },
    loss: mtcnnLoss,
  });
}

/**
 * Lays the trained networks out as the published ones are: a file each.
 *
 * @param parameters The final parameters of the training.
 */
export function mtcnnFiles(parameters: Tree, _config: Pretraining): FolderFiles {
  const weights = parameters as Weights<tf.Tensor>;
  return new Map(
    NETWORKS.map((network) => [
      `${network}.safetensors`,
      weightsFile(schema[network], weights[network] as Tree),
    ]),
  );
}

const PICTURES = 240;
const HIT = 0.5;

async function detectionQuality(
  weights: MtcnnWeights,
  pictures: ReturnType<typeof picturesOf>,
): Promise<Quality> {
  const counts = { people: 0, hits: 0, boxes: 0, creatures: 0, alarms: 0 };
  for (const { image, face } of pictures) {
    const { faces } = await detectFaces(weights, image);
    counts.boxes += faces.length;
    if (face === null) {
      counts.creatures++;
      if (faces.length > 0) counts.alarms++;
    } else {
      counts.people++;
      if (faces.some(({ box }) => boxOverlap(box, face.box) >= HIT)) counts.hits++;
    }
  }
  const rate = (part: number, whole: number) => Math.round(1000 * part / Math.max(1, whole)) / 1000;
  return {
    people: counts.people,
    recall: rate(counts.hits, counts.people),
    precision: rate(counts.hits, counts.boxes),
    creatures_taken_for_people: rate(counts.alarms, counts.creatures),
  };
}

/**
 * Measures a detector folder on pictures of held-out characters, a quarter of them creatures.
 *
 * @param folder The folder; the bundled detector of real faces if left out.
 * @param imageSize Picture side in pixels.
 * @returns Recall and precision at an overlap of one half, and the share of creatures in which it finds a face.
 */
export function mtcnnQuality(
  folder: string | undefined,
  imageSize: number,
): Stage<HasFiles & HasBlobs, Quality> {
  return scoped(
    loadMtcnn(folder),
    (weights) => {
      const pictures = picturesOf(fold(QUALITY_KEY, "faces"), {
        count: PICTURES,
        size: imageSize,
        split: "heldout",
      });
      return pipe(
        RTE.fromTaskEither(attemptAsync(
          (problem) => ({ _tag: "TensorFailure", operation: "face detection", problem }),
          () => detectionQuality(weights, pictures),
        )),
      );
    },
    (weights) => disposeTree(weights as Tree),
  );
}
