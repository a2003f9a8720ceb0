/**
 * DINOv2 as an embedder of pictures: from a published folder to class and patch features.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import type { RgbImage } from "../../image/image.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import type { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import type { HasBlobs, WeightSource } from "../../tensor/weight_source.ts";
import { IMAGE_BATCHES, inBatches } from "../shared/batches.ts";
import type { BlockOptions } from "../shared/blocks.ts";
import { readWeights } from "../shared/checkpoint.ts";
import { dinov2Embed } from "./dinov2.ts";
import {
  DINOV2_EXTRAS,
  type Dinov2Config,
  dinov2Config,
  type Dinov2Of,
  dinov2Parameters,
  dinov2Source,
} from "./dinov2_config.ts";
import { numbersOf } from "../shared/host.ts";
import { resident } from "../shared/layers.ts";
import { type ModelFolder, readModelSettings, withWeights } from "../shared/model_folder.ts";
import { blockOptions, TransformerSettings, transformerSettings } from "../shared/model_settings.ts";
import { onPictures } from "../shared/picture_batches.ts";
import { IMAGENET_COLOURS, type Pixels, type Preprocess, readPreprocess } from "../shared/preprocess.ts";
import { compiledTower } from "../shared/vision_tower.ts";

/** Features of one picture after the last norm. */
export interface PatchFeatures {
  /** The class token, `[width]`. */
  readonly cls: Float32Array;
  /** The patch tokens, `[patches · width]`, row by row. */
  readonly patches: Float32Array;
}

/** What a DINOv2 expert is made of. */
export interface Dinov2Parts {
  readonly config: Dinov2Config;
  readonly weights: Dinov2Of<tf.Tensor>;
  readonly preprocess: Preprocess;
}

/** A DINOv2 that is ready for use. */
export interface Dinov2Expert {
  readonly config: Dinov2Config;
  readonly preprocess: Preprocess;
  /** Class and patch features of each picture. */
  readonly embed: (images: readonly RgbImage[]) => Stage<unknown, readonly PatchFeatures[]>;
  /** The same for pictures that are normalised already, all of one size. */
  readonly embedPixels: (pixels: Pixels) => Promise<readonly PatchFeatures[]>;
  /** Frees the weights. */
  readonly dispose: () => void;
}

function compiledForward(config: Dinov2Config) {
  const tower = compiledTower(
    "dinov2",
    (weights: Omit<Dinov2Of<tf.Tensor>, "layers" | "norm">, pixels: tf.Tensor) =>
      dinov2Embed(weights, pixels, config),
    config,
  );
  return ({ layers, norm, ...entrance }: Dinov2Of<tf.Tensor>, pixels: Pixels): tf.Tensor =>
    tower({ entrance, layers: resident(layers), norm }, pixels);
}

/**
 * Makes an expert from loaded parts.
 *
 * @param parts Weights and preprocessing; the expert owns the weights.
 */
export function dinov2Expert({ config, weights, preprocess }: Dinov2Parts): Dinov2Expert {
  const forward = compiledForward(config);
  const embedPixels = async (pixels: Pixels): Promise<readonly PatchFeatures[]> => {
    const { hidden } = await numbersOf(() => ({
      hidden: forward(weights, pixels),
    }));
    const size = hidden.length / pixels.shape[0];
    return Array.from({ length: pixels.shape[0] }, (_, row) => ({
      cls: hidden.slice(row * size, row * size + config.width),
      patches: hidden.slice(row * size + (1 + config.registers) * config.width, (row + 1) * size),
    }));
  };
  return {
    config,
    preprocess,
    embed: inBatches("dinov2", Math.max(...IMAGE_BATCHES), onPictures(preprocess, embedPixels)),
    embedPixels,
    dispose: () => disposeTree(weights as Tree),
  };
}

const MODEL_TYPES = ["dinov2", "dinov2_with_registers", "dinov2-with-registers"];
const Settings = t.intersection([TransformerSettings, t.partial({ model_type: t.string })]);
const DEFAULTS: BlockOptions = { heads: 12, epsilon: 1e-6, activation: "gelu" };
const PREPROCESS: Preprocess = {
  resize: { shortestEdge: 256 },
  rule: "bicubic",
  crop: { width: 224, height: 224 },
  scale: 1 / 255,
  ...IMAGENET_COLOURS,
};

/**
 * Writes the settings of a DINOv2 as {@link loadDinov2} reads them.
 *
 * @param config Sizes.
 * @returns The content of `config.json`.
 */
export function dinov2Settings(config: Dinov2Config): Readonly<Record<string, unknown>> {
  return {
    model_type: config.registers > 0 ? "dinov2_with_registers" : "dinov2",
    ...transformerSettings(config),
    hidden_size: config.width,
    image_size: config.gridSide * config.patchSize,
    mlp_ratio: config.mlpWidth / config.width,
    num_hidden_layers: config.layers,
    num_register_tokens: config.registers,
    patch_size: config.patchSize,
    use_swiglu_ffn: config.activation === "swiglu",
  };
}

/** How a DINOv2 is loaded. */
export interface Dinov2Options {
  /** Shrinks the whole picture to the square instead of cutting out its middle; default false. */
  readonly fullFrame?: boolean;
}

const wholeFrame = (steps: Preprocess): Preprocess =>
  steps.crop === null ? steps : { ...steps, resize: steps.crop, crop: null };

function readParts(
  stored: WeightSource,
  options: BlockOptions,
): Checked<Pick<Dinov2Parts, "config" | "weights">> {
  const source = dinov2Source(stored);
  return pipe(
    E.Do,
    E.bind("config", () => dinov2Config(source, options)),
    E.bind(
      "weights",
      ({ config }) => readWeights(source, dinov2Parameters(config), { ignore: DINOV2_EXTRAS }),
    ),
  );
}

/**
 * Loads a published DINOv2 folder, plain or with registers: `config.json`, the weights, `preprocessor_config.json`.
 *
 * @param options How pictures are framed.
 * @returns Weights that the caller owns, and how pictures are prepared. Left with one line that names the file and the
 * repository if something is missing, damaged or of another kind.
 */
export function loadDinov2Parts(
  folder: string,
  options: Dinov2Options = {},
): Stage<HasFiles & HasBlobs, Dinov2Parts> {
  const model: ModelFolder = { path: folder, repository: "facebook/dinov2-base" };
  const where = `${folder}/config.json`;
  return pipe(
    RTE.Do,
    RTE.bindW("settings", () => readModelSettings(model, Settings, MODEL_TYPES)),
    RTE.bindW("block", ({ settings }) => RTE.fromEither(blockOptions(settings, DEFAULTS, where))),
    RTE.bindW("steps", () => readPreprocess(model, PREPROCESS)),
    RTE.bindW("parts", ({ block }) => withWeights(model, (source) => readParts(source, block))),
    RTE.map(({ parts, steps }) => ({
      ...parts,
      preprocess: options.fullFrame === true ? wholeFrame(steps) : steps,
    })),
  );
}

/**
 * Loads a DINOv2 as an expert; see {@link loadDinov2Parts}.
 *
 * @param options How pictures are framed.
 * @returns The expert; its `dispose` frees the weights.
 */
export function loadDinov2(
  folder: string,
  options: Dinov2Options = {},
): Stage<HasFiles & HasBlobs, Dinov2Expert> {
  return pipe(loadDinov2Parts(folder, options), RTE.map(dinov2Expert));
}
