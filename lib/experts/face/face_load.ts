/**
 * Loading the face detector and the face embedder.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import { fileURLToPath } from "node:url";
import type { HasFiles } from "../../core/capability.ts";
import { scoped, type Stage } from "../../core/stage.ts";
import type { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import { type HasBlobs, openWeights } from "../../tensor/weight_source.ts";
import { readWeights } from "../shared/checkpoint.ts";
import { type FaceExpert, faceExpert, type FaceParts } from "./face_expert.ts";
import {
  INCEPTION_EXTRAS,
  type InceptionConfig,
  inceptionConfig,
  inceptionParameters,
} from "./inception_config.ts";
import { type ModelFolder, readOptionalSettings, withDownload, withWeights } from "../shared/model_folder.ts";
import { detectFaces, DETECTOR_DEFAULTS, type DetectorOptions } from "./mtcnn.ts";
import {
  type FaceNetwork,
  type FaceNetworkOf,
  type MtcnnWeights,
  readFaceNetwork,
} from "./mtcnn_networks.ts";

/** How faces are found and cut out. */
export interface FaceOptions {
  /** Folder with the three networks, `pnet`, `rnet` and `onet`, as `.safetensors` or `.pt`; the bundled ones by default. */
  readonly detector?: string;
  readonly detection?: Partial<DetectorOptions>;
  /** Pixels of surroundings in the crop; default 32, as the published code uses. */
  readonly margin?: number;
  /** Which face of a picture counts; default the largest. */
  readonly select?: "largest" | "surest";
}

/** Finds the detector that comes with the project. */
export function bundledDetector(): string {
  return fileURLToPath(new URL("../../../assets/mtcnn", import.meta.url));
}

const readNetwork =
  (folder: string) => (network: FaceNetwork): Stage<HasFiles & HasBlobs, FaceNetworkOf<tf.Tensor>> => {
    const model: ModelFolder = {
      path: `${folder}/${network}.pt`,
      repository: "timesler/facenet-pytorch (data)",
    };
    return pipe(
      RTE.asks(({ files }: HasFiles) => files),
      RTE.flatMapTaskEither((files) => files.exists(`${folder}/${network}.safetensors`)),
      RTE.flatMap((exists) =>
        scoped(
          openWeights(exists ? `${folder}/${network}.safetensors` : model.path),
          (source) => RTE.fromEither(readFaceNetwork(network, source)),
          (source) => source.close(),
        )
      ),
      RTE.mapLeft(withDownload(model)),
    );
  };

/**
 * Loads the three networks of MTCNN.
 *
 * @param folder Where they are; the bundled ones by default.
 * @returns Weights that the caller owns. Left with one line that names the file if one is missing or damaged.
 */
export function loadMtcnn(folder: string = bundledDetector()): Stage<HasFiles & HasBlobs, MtcnnWeights> {
  const read = readNetwork(folder);
  return (needs) => async () => {
    const loaded: Partial<Record<FaceNetwork, FaceNetworkOf<tf.Tensor>>> = {};
    for (const network of ["pnet", "rnet", "onet"] as const) {
      const weights = await read(network)(needs)();
      if (E.isLeft(weights)) {
        disposeTree(loaded as Tree);
        return weights;
      }
      loaded[network] = weights.right;
    }
    return E.right(loaded as MtcnnWeights);
  };
}

const Settings = t.partial({ image_size: t.number });
const isFile = (path: string): boolean => /\.(safetensors|pt|pth|bin)$/.test(path);

/** The embedder without its detector. */
type Embedder = Pick<FaceParts, "weights" | "width"> & { readonly side: number };

/**
 * Writes the settings of a face embedder as {@link loadFaces} reads them.
 *
 * @param config Sizes.
 * @param side Pixels a side of its crops.
 * @returns The content of `config.json`.
 */
export function inceptionSettings(config: InceptionConfig, side: number): Readonly<Record<string, unknown>> {
  return { model_type: "inception_resnet_v1", image_size: side, hidden_size: config.embedding };
}

function loadEmbedder(path: string): Stage<HasFiles & HasBlobs, Embedder> {
  const model: ModelFolder = { path, repository: "timesler/facenet-pytorch (20180402-114759-vggface2.pt)" };
  return pipe(
    RTE.Do,
    RTE.bindW(
      "settings",
      () => isFile(path) ? RTE.right(undefined) : readOptionalSettings(model, "config.json", Settings),
    ),
    RTE.bindW("parts", () =>
      withWeights(model, (source) =>
        pipe(
          E.Do,
          E.bind("config", () => inceptionConfig(source)),
          E.bind(
            "weights",
            ({ config }) => readWeights(source, inceptionParameters(config), { ignore: INCEPTION_EXTRAS }),
          ),
        ))),
    RTE.map(({ settings, parts }) => ({
      weights: parts.weights,
      width: parts.config.embedding,
      side: settings?.image_size ?? 160,
    })),
  );
}

/**
 * Loads a face embedder and the detector in front of it.
 *
 * @param path The embedder: a file such as `20180402-114759-vggface2.pt`, or a folder with its weights.
 * @param options How faces are found and cut out.
 * @returns The expert; its `dispose` frees the weights of both. Left with one line that names the file and where to get
 * it if something is missing, damaged or of another kind.
 */
export function loadFaces(path: string, options: FaceOptions = {}): Stage<HasFiles & HasBlobs, FaceExpert> {
  const detection = { ...DETECTOR_DEFAULTS, ...options.detection };
  return pipe(
    RTE.Do,
    RTE.bindW("mtcnn", () => loadMtcnn(options.detector)),
    RTE.bindW("embedder", ({ mtcnn }) =>
      pipe(
        loadEmbedder(path),
        RTE.mapLeft((error) => {
          disposeTree(mtcnn as Tree);
          return error;
        }),
      )),
    RTE.map(({ embedder, mtcnn }) =>
      faceExpert({
        weights: embedder.weights,
        width: embedder.width,
        crop: { side: embedder.side, margin: options.margin ?? 32 },
        detect: async (image) => (await detectFaces(mtcnn, image, detection)).faces,
        select: options.select ?? "largest",
        release: () => disposeTree(mtcnn as Tree),
      })
    ),
  );
}
