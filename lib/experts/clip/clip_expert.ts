/**
 * CLIP as an embedder of pictures and texts: from a published folder to vectors.
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
import { jit } from "../../tensor/jit.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import type { HasBlobs, WeightSource } from "../../tensor/weight_source.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { IMAGE_BATCHES, inBatches, rowsOf, TEXT_BATCHES } from "../shared/batches.ts";
import { type BlockOptions, preNormBlock, type PreNormBlockOf } from "../shared/blocks.ts";
import { readWeights } from "../shared/checkpoint.ts";
import {
  clipTextEmbed,
  clipTextHead,
  clipTextLayer,
  clipVisionEmbed,
  clipVisionHead,
  textEnds,
} from "./clip.ts";
import {
  CLIP_EXTRAS,
  type ClipConfig,
  clipConfig,
  type ClipTextOf,
  clipTextParameters,
  clipTokens,
  type ClipVisionOf,
  clipVisionParameters,
} from "./clip_config.ts";
import { numbersOf } from "../shared/host.ts";
import { resident, runLayers } from "../shared/layers.ts";
import { type ModelFolder, readModelSettings, withWeights } from "../shared/model_folder.ts";
import {
  blockOptions,
  TransformerSettings,
  transformerSettings,
  visionSettings,
} from "../shared/model_settings.ts";
import { onPictures } from "../shared/picture_batches.ts";
import {
  CLIP_COLOURS,
  type Pixels,
  type Preprocess,
  readPreprocess,
  squareMiddle,
} from "../shared/preprocess.ts";
import { padTokens, readWordTable, type WordTable, wordVectors } from "../shared/token_batch.ts";
import { readClipTokenizer } from "../shared/tokenizer_files.ts";

/** What a CLIP expert is made of. */
export interface ClipParts {
  readonly config: ClipConfig;
  readonly weights: { readonly vision: ClipVisionOf<tf.Tensor>; readonly text: ClipTextOf<tf.Tensor> };
  readonly words: WordTable;
  readonly tokenizer: Tokenizer;
  readonly preprocess: Preprocess;
  /** Id at which a text ends; 2 stands for the highest id of the text. */
  readonly endOfText: number;
}

/** A CLIP that is ready for use. Vectors have any length; a cosine doesn't need more. */
export interface ClipExpert {
  readonly config: ClipConfig;
  readonly tokenizer: Tokenizer;
  readonly preprocess: Preprocess;
  readonly embedTexts: (texts: readonly string[]) => Stage<unknown, readonly Float32Array[]>;
  readonly embedImages: (images: readonly RgbImage[]) => Stage<unknown, readonly Float32Array[]>;
  /** For texts that are token ids already, start and end included. */
  readonly embedIds: (texts: readonly (readonly number[])[]) => Stage<unknown, readonly Float32Array[]>;
  /** For pictures that are normalised already, all of one size. */
  readonly embedPixels: (pixels: Pixels) => Promise<readonly Float32Array[]>;
  /** Frees the weights. */
  readonly dispose: () => void;
}

function compiledVision({ vision }: ClipConfig) {
  const enter = jit(
    "clip picture embed",
    (
      weights: Pick<ClipVisionOf<tf.Tensor>, "classToken" | "positions" | "patch" | "normBefore">,
      pixels: tf.Tensor,
    ) => clipVisionEmbed(weights, pixels, vision),
  );
  const layer = jit(
    "clip picture layer",
    (x: tf.Tensor, weights: PreNormBlockOf<tf.Tensor>) => preNormBlock(x, weights, vision),
  );
  const leave = jit(
    "clip picture head",
    (weights: Pick<ClipVisionOf<tf.Tensor>, "normAfter" | "projection">, hidden: tf.Tensor) =>
      clipVisionHead(weights, hidden, vision.epsilon),
  );
  return (weights: ClipVisionOf<tf.Tensor>, pixels: tf.Tensor): tf.Tensor => {
    const { layers, normAfter, projection, ...entrance } = weights;
    return leave({ normAfter, projection }, runLayers(enter(entrance, pixels), resident(layers), layer));
  };
}

function compiledText({ text }: ClipConfig) {
  const enter = jit(
    "clip text embed",
    (weights: Pick<ClipTextOf<tf.Tensor>, "positions">, words: tf.Tensor) => clipTextEmbed(weights, words),
  );
  const layer = jit(
    "clip text layer",
    (x: tf.Tensor, weights: PreNormBlockOf<tf.Tensor>) => clipTextLayer(x, weights, text),
  );
  const leave = jit(
    "clip text head",
    (weights: Pick<ClipTextOf<tf.Tensor>, "norm" | "projection">, hidden: tf.Tensor, ends: tf.Tensor) =>
      clipTextHead(weights, { hidden, ends }, text.epsilon),
  );
  return (weights: ClipTextOf<tf.Tensor>, words: tf.Tensor, ends: tf.Tensor): tf.Tensor => {
    const { layers, positions, ...exit } = weights;
    return leave(exit, runLayers(enter({ positions }, words), resident(layers), layer), ends);
  };
}

type Run<A, B> = (batch: A) => Promise<readonly B[]>;

function textRunner(parts: ClipParts): Run<readonly (readonly number[])[], Float32Array> {
  const { config, weights, words } = parts;
  const forward = compiledText(config);
  return async (texts) => {
    const batch = padTokens(texts, { limit: config.text.positions });
    const shape = [batch.ids.length, batch.length] as const;
    const { vectors } = await numbersOf(() => ({
      vectors: forward(
        weights.text,
        tf.tensor3d(wordVectors(words, batch), [...shape, config.text.width]),
        tf.tensor2d(textEnds(batch.ids, parts.endOfText), [...shape]),
      ),
    }));
    return rowsOf(vectors, texts.length, config.projection);
  };
}

function pixelRunner({ config, weights }: ClipParts): Run<Pixels, Float32Array> {
  const forward = compiledVision(config);
  return async (pixels) => {
    const { vectors } = await numbersOf(() => ({
      vectors: forward(weights.vision, tf.tensor4d(pixels.data, [...pixels.shape])),
    }));
    return rowsOf(vectors, pixels.shape[0], config.projection);
  };
}

/**
 * Makes an expert from loaded parts.
 *
 * @param parts Weights, tokenizer, preprocessing; the expert owns the weights.
 */
export function clipExpert(parts: ClipParts): ClipExpert {
  const { config, preprocess, tokenizer } = parts;
  const embedPixels = pixelRunner(parts);
  const embedIds = inBatches("clip", Math.max(...TEXT_BATCHES), textRunner(parts));
  return {
    config,
    tokenizer,
    preprocess,
    embedTexts: (texts) => embedIds(texts.map(tokenizer.encode)),
    embedImages: inBatches("clip", Math.max(...IMAGE_BATCHES), onPictures(preprocess, embedPixels)),
    embedIds,
    embedPixels,
    dispose: () => disposeTree(parts.weights as Tree),
  };
}

const Settings = t.intersection([
  t.partial({ model_type: t.string }),
  t.type({
    text_config: t.intersection([TransformerSettings, t.partial({ eos_token_id: t.number })]),
    vision_config: TransformerSettings,
  }),
]);
const TEXT_DEFAULTS: BlockOptions = { heads: 8, epsilon: 1e-5, activation: "quick_gelu" };
const VISION_DEFAULTS: BlockOptions = { heads: 12, epsilon: 1e-5, activation: "quick_gelu" };

const preprocessOf = ({ vision }: ClipConfig): Preprocess =>
  squareMiddle(vision.gridSide * vision.patchSize, CLIP_COLOURS);

/**
 * Writes the settings of a CLIP as {@link loadClip} reads them.
 *
 * @param config Sizes.
 * @param endOfText Id at which a text ends.
 * @returns The content of `config.json`.
 */
export function clipSettings(config: ClipConfig, endOfText: number): Readonly<Record<string, unknown>> {
  const { text, vision, projection } = config;
  return {
    model_type: "clip",
    projection_dim: projection,
    text_config: {
      ...transformerSettings(text),
      eos_token_id: endOfText,
      hidden_size: text.width,
      intermediate_size: text.mlpWidth,
      max_position_embeddings: text.positions,
      num_hidden_layers: text.layers,
      projection_dim: projection,
      vocab_size: text.vocabularySize,
    },
    vision_config: { ...visionSettings(vision), projection_dim: projection },
  };
}

function readParts(
  source: WeightSource,
  options: { readonly vision: BlockOptions; readonly text: BlockOptions },
): Checked<Pick<ClipParts, "config" | "weights" | "words">> {
  return pipe(
    E.Do,
    E.bind("config", () => clipConfig(source, options)),
    E.bind("words", ({ config }) => readWordTable(source, clipTokens(config))),
    E.bind(
      "weights",
      ({ config }) =>
        readWeights(source, { vision: clipVisionParameters(config), text: clipTextParameters(config) }, {
          ignore: [...CLIP_EXTRAS, /^text_model\.embeddings\.token_embedding\.weight$/],
        }),
    ),
  );
}

/**
 * Loads a published CLIP folder: `config.json`, the weights, `vocab.json` and `merges.txt`, `preprocessor_config.json`.
 *
 * @returns The expert; its `dispose` frees the weights. Left with one line that names the file and the repository if
 * something is missing, damaged or of another kind.
 */
export function loadClip(folder: string): Stage<HasFiles & HasBlobs, ClipExpert> {
  const model: ModelFolder = { path: folder, repository: "openai/clip-vit-base-patch32" };
  const where = `${folder}/config.json`;
  return pipe(
    RTE.Do,
    RTE.bindW("settings", () => readModelSettings(model, Settings, ["clip"])),
    RTE.bindW(
      "text",
      ({ settings }) => RTE.fromEither(blockOptions(settings.text_config, TEXT_DEFAULTS, where)),
    ),
    RTE.bindW(
      "vision",
      ({ settings }) => RTE.fromEither(blockOptions(settings.vision_config, VISION_DEFAULTS, where)),
    ),
    RTE.bindW(
      "parts",
      ({ text, vision }) => withWeights(model, (source) => readParts(source, { text, vision })),
    ),
    RTE.bindW(
      "tokenizer",
      ({ parts }) => readClipTokenizer(model, { maxLength: parts.config.text.positions }),
    ),
    RTE.bindW("preprocess", ({ parts }) => readPreprocess(model, preprocessOf(parts.config))),
    RTE.map(({ settings, parts, tokenizer, preprocess }) =>
      clipExpert({ ...parts, tokenizer, preprocess, endOfText: settings.text_config.eos_token_id ?? 49407 })
    ),
  );
}
