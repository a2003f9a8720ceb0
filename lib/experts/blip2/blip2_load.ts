/**
 * Loading a published BLIP-2 retrieval folder, whole or layer by layer.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import { describe } from "../../core/error.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import type { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import { checkWeights } from "../../tensor/weight_names.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../../tensor/weight_source.ts";
import {
  BLIP2_EXTRAS,
  type Blip2Config,
  blip2Config,
  blip2Parameters,
  blip2VisionLayer,
  blip2VisionParameters,
  blip2Words,
  qformerParameters,
} from "./blip2_config.ts";
import { type Blip2Expert, blip2Expert, type Blip2Mode, type Blip2Parts } from "./blip2_expert.ts";
import type { BlockOptions, PreNormBlockOf } from "../shared/blocks.ts";
import { readPart } from "../shared/checkpoint.ts";
import { type LayerSupply, resident } from "../shared/layers.ts";
import { type ModelFolder, readModelSettings, withDownload } from "../shared/model_folder.ts";
import {
  blockOptions,
  TransformerSettings,
  transformerSettings,
  visionSettings,
} from "../shared/model_settings.ts";
import { listParameters } from "../shared/parameters.ts";
import { CLIP_COLOURS, type Preprocess, readPreprocess, squareWhole } from "../shared/preprocess.ts";
import { readWordTable } from "../shared/token_batch.ts";
import { readWordPiece } from "../shared/tokenizer_files.ts";

/** How a BLIP-2 is loaded. */
export interface Blip2Options {
  /** What `score` gives; default `itc`. */
  readonly mode?: Blip2Mode;
  /** Reads each layer of the picture tower from disk for every batch: 4 GB less memory, slower; default false. */
  readonly stream?: boolean;
  /** Longest text in tokens; default 32, as in training. */
  readonly maxLength?: number;
}

const Settings = t.intersection([
  t.partial({ model_type: t.string }),
  t.type({
    vision_config: TransformerSettings,
    qformer_config: t.intersection([TransformerSettings, t.partial({ cross_attention_frequency: t.number })]),
  }),
]);
const VISION_DEFAULTS: BlockOptions = { heads: 16, epsilon: 1e-6, activation: "gelu" };
const QFORMER_DEFAULTS: BlockOptions = { heads: 12, epsilon: 1e-12, activation: "gelu" };

const preprocessOf = ({ vision }: Blip2Config): Preprocess =>
  squareWhole(vision.gridSide * vision.patchSize, CLIP_COLOURS);

/**
 * Writes the settings of a BLIP-2 as {@link loadBlip2} reads them.
 *
 * @param config Sizes.
 * @returns The content of `config.json`.
 */
export function blip2Settings(config: Blip2Config): Readonly<Record<string, unknown>> {
  const { vision, qformer, projection } = config;
  return {
    model_type: "blip-2",
    image_text_hidden_size: projection,
    num_query_tokens: qformer.queries,
    vision_config: visionSettings(vision),
    qformer_config: {
      ...transformerSettings(qformer),
      cross_attention_frequency: qformer.crossFrequency,
      encoder_hidden_size: vision.width,
      hidden_size: qformer.width,
      intermediate_size: qformer.mlpWidth,
      max_position_embeddings: qformer.positions,
      num_hidden_layers: qformer.layers,
      use_qformer_text_input: true,
      vocab_size: qformer.vocabularySize,
    },
  };
}

type Layers = Pick<Blip2Parts, "layers" | "release">;

function residentLayers(source: WeightSource, config: Blip2Config): Checked<Layers> {
  return pipe(
    readPart(source, blip2VisionParameters(config).layers),
    E.map((layers) => {
      source.close();
      return { layers: resident(layers), release: () => disposeTree(layers as Tree) };
    }),
  );
}

function streamedLayers(source: WeightSource, config: Blip2Config): Layers {
  const layers: LayerSupply<PreNormBlockOf<tf.Tensor>> = {
    count: config.vision.layers,
    use: (index, body) => {
      const layer = readPart(source, blip2VisionLayer(index, config));
      if (E.isLeft(layer)) throw new Error(describe(layer.left));
      try {
        return body(layer.right);
      } finally {
        disposeTree(layer.right as Tree);
      }
    },
  };
  return { layers, release: source.close };
}

type Weights = Omit<Blip2Parts, "tokenizer" | "preprocess">;

function readBlip2(
  source: WeightSource,
  settings: Parameters<typeof blip2Config>[1] & { readonly stream: boolean },
): Checked<Weights> {
  return pipe(
    E.Do,
    E.bind("config", () => blip2Config(source, settings)),
    E.tap(({ config }) => {
      const places = listParameters(blip2Parameters(config));
      const expected = new Map(places.map(({ name, shape }) => [name, shape]));
      return checkWeights(source, expected, { ignore: BLIP2_EXTRAS });
    }),
    E.bind("words", ({ config }) => readWordTable(source, blip2Words(config))),
    E.bind("entrance", ({ config }) => {
      const { layers: _, ...entrance } = blip2VisionParameters(config);
      return readPart(source, entrance);
    }),
    E.bind("qformer", ({ config }) => readPart(source, qformerParameters(config))),
    E.bind(
      "layers",
      ({ config }) =>
        settings.stream ? E.right(streamedLayers(source, config)) : residentLayers(source, config),
    ),
    E.map(({ layers, ...parts }) => ({ ...parts, ...layers })),
  );
}

const openOrClose = (
  source: WeightSource,
  settings: Parameters<typeof readBlip2>[1],
): Checked<Weights> =>
  pipe(
    readBlip2(source, settings),
    E.mapLeft((error) => {
      source.close();
      return error;
    }),
  );

/**
 * Loads a published BLIP-2 retrieval folder: `config.json`, `model.safetensors`, a tokenizer, `preprocessor_config.json`.
 *
 * @param options Which score, and whether layers stay on disk.
 * @returns The expert; its `dispose` frees the weights. Left with one line that names the file and the repository if
 * something is missing, damaged or of another kind.
 */
export function loadBlip2(
  folder: string,
  options: Blip2Options = {},
): Stage<HasFiles & HasBlobs, Blip2Expert> {
  const model: ModelFolder = { path: folder, repository: "Salesforce/blip2-itm-vit-g" };
  const where = `${folder}/config.json`;
  return pipe(
    RTE.Do,
    RTE.bindW("settings", () => readModelSettings(model, Settings, ["blip-2", "blip_2"])),
    RTE.bindW(
      "vision",
      ({ settings }) => RTE.fromEither(blockOptions(settings.vision_config, VISION_DEFAULTS, where)),
    ),
    RTE.bindW(
      "qformer",
      ({ settings }) => RTE.fromEither(blockOptions(settings.qformer_config, QFORMER_DEFAULTS, where)),
    ),
    RTE.bindW("tokenizer", () => readWordPiece(model, { maxLength: options.maxLength ?? 32 })),
    RTE.bindW("source", () => pipe(openWeights(model.path), RTE.mapLeft(withDownload(model)))),
    RTE.bindW("parts", ({ source, vision, qformer, settings }) => {
      const crossFrequency = settings.qformer_config.cross_attention_frequency ?? 2;
      const all = { vision, qformer: { ...qformer, crossFrequency }, stream: options.stream ?? false };
      return RTE.fromEither(pipe(openOrClose(source, all), E.mapLeft(withDownload(model))));
    }),
    RTE.bindW("preprocess", ({ parts }) => readPreprocess(model, preprocessOf(parts.config))),
    RTE.map(({ tokenizer, parts, preprocess }) => blip2Expert({ ...parts, tokenizer, preprocess }, options)),
  );
}
