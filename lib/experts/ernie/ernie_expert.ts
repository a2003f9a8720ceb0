/**
 * ERNIE as a text embedder: from a published folder to vectors.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as t from "io-ts";
import type { HasFiles } from "../../core/capability.ts";
import type { Checked, Stage } from "../../core/stage.ts";
import { jit } from "../../tensor/jit.ts";
import { unit } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import type { HasBlobs, WeightSource } from "../../tensor/weight_source.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { inBatches, rowsOf, TEXT_BATCHES } from "../shared/batches.ts";
import { type BlockOptions, keyMask } from "../shared/blocks.ts";
import { readWeights } from "../shared/checkpoint.ts";
import { ernieEmbed, ernieLayer, poolText, type TextPooling } from "./ernie.ts";
import {
  ERNIE_EXTRAS,
  type ErnieBodyOf,
  ernieBodyParameters,
  type ErnieConfig,
  ernieConfig,
  type ErnieLayerOf,
  ernieSource,
  ernieWords,
} from "./ernie_config.ts";
import { numbersOf } from "../shared/host.ts";
import { resident, runLayers } from "../shared/layers.ts";
import { type ModelFolder, readModelSettings, withWeights } from "../shared/model_folder.ts";
import { blockOptions, TransformerSettings, transformerSettings } from "../shared/model_settings.ts";
import { padTokens, readWordTable, type WordTable, wordVectors } from "../shared/token_batch.ts";
import { readWordPiece } from "../shared/tokenizer_files.ts";

/** What an ERNIE expert is made of. */
export interface ErnieParts {
  readonly config: ErnieConfig;
  readonly body: ErnieBodyOf<tf.Tensor>;
  readonly words: WordTable;
  readonly tokenizer: Tokenizer;
}

/** How texts are embedded. */
export interface ErnieOptions {
  /** Default `mean`: ERNIE was never trained so that its first token means the sentence. */
  readonly pooling?: TextPooling;
  /** Longest text in tokens; default 128, at most what the model has positions for. */
  readonly maxLength?: number;
  /** The file of the weights, if it is not the usual one of the folder. */
  readonly weights?: string;
}

/** An ERNIE that is ready for use. */
export interface ErnieExpert {
  readonly config: ErnieConfig;
  readonly tokenizer: Tokenizer;
  /** One vector of length 1 a text. */
  readonly embed: (texts: readonly string[]) => Stage<unknown, readonly Float32Array[]>;
  /** The same for texts that are token ids already. */
  readonly embedIds: (texts: readonly (readonly number[])[]) => Stage<unknown, readonly Float32Array[]>;
  /** Frees the weights. */
  readonly dispose: () => void;
}

type Inputs = { readonly words: tf.Tensor; readonly mask: tf.Tensor };

function compiledForward(config: ErnieConfig, pooling: TextPooling) {
  const { epsilon } = config;
  const enter = jit(
    "ernie embed",
    (body: Omit<ErnieBodyOf<tf.Tensor>, "layers" | "pooler">, words: tf.Tensor) =>
      ernieEmbed(body, words, { epsilon }),
  );
  const layer = jit(
    "ernie layer",
    (x: tf.Tensor, weights: ErnieLayerOf<tf.Tensor>, mask: tf.Tensor) =>
      ernieLayer(x, weights, { ...config, mask: keyMask(mask) }),
  );
  const leave = jit(
    "ernie pool",
    (hidden: tf.Tensor, mask: tf.Tensor, rest: Pick<ErnieBodyOf<tf.Tensor>, "pooler">) =>
      unit(poolText(hidden, mask, { pooling, pooler: rest.pooler })),
  );
  return (body: ErnieBodyOf<tf.Tensor>, { words, mask }: Inputs): tf.Tensor => {
    const { layers, pooler, ...rest } = body;
    const embedded = enter(rest, words);
    const hidden = runLayers(embedded, resident(layers), (x, weights) => layer(x, weights, mask));
    return leave(hidden, mask, pooling === "pooler" && pooler !== undefined ? { pooler } : {});
  };
}

/**
 * Makes an expert from loaded parts.
 *
 * @param parts Weights and tokenizer; the expert owns the weights.
 * @param options How texts are embedded.
 */
export function ernieExpert(parts: ErnieParts, options: ErnieOptions = {}): ErnieExpert {
  const { config, body, words, tokenizer } = parts;
  const forward = compiledForward(config, options.pooling ?? "mean");
  const run = async (texts: readonly (readonly number[])[]): Promise<readonly Float32Array[]> => {
    const batch = padTokens(texts, { limit: config.positions });
    const shape = [batch.ids.length, batch.length] as const;
    const { vectors } = await numbersOf(() => ({
      vectors: forward(body, {
        words: tf.tensor3d(wordVectors(words, batch), [...shape, config.width]),
        mask: tf.tensor2d(batch.mask, [...shape]),
      }),
    }));
    return rowsOf(vectors, texts.length, config.width);
  };
  const embedIds = inBatches("ernie", Math.max(...TEXT_BATCHES), run);
  return {
    config,
    tokenizer,
    embed: (texts) => embedIds(texts.map(tokenizer.encode)),
    embedIds,
    dispose: () => disposeTree(body as Tree),
  };
}

const Settings = t.intersection([
  TransformerSettings,
  t.partial({ model_type: t.string, use_task_id: t.boolean }),
]);

const DEFAULTS: BlockOptions = { heads: 12, epsilon: 1e-5, activation: "gelu" };

/**
 * Writes the settings of an ERNIE as {@link loadErnie} reads them.
 *
 * @param config Sizes.
 * @returns The content of `config.json`.
 */
export function ernieSettings(config: ErnieConfig): Readonly<Record<string, unknown>> {
  return {
    model_type: "ernie",
    ...transformerSettings(config),
    hidden_size: config.width,
    intermediate_size: config.mlpWidth,
    max_position_embeddings: config.positions,
    num_hidden_layers: config.layers,
    task_type_vocab_size: config.taskTypes,
    type_vocab_size: config.tokenTypes,
    use_task_id: config.taskTypes > 0,
    vocab_size: config.vocabularySize,
  };
}

function readParts(
  stored: WeightSource,
  options: BlockOptions & { readonly useTaskId: boolean },
): Checked<Omit<ErnieParts, "tokenizer">> {
  const source = ernieSource(stored);
  return pipe(
    E.Do,
    E.bind("config", () => ernieConfig(source, options)),
    E.bind("words", ({ config }) => readWordTable(source, ernieWords(config))),
    E.bind("body", ({ config }) =>
      readWeights(source, ernieBodyParameters(config), {
        ignore: [...ERNIE_EXTRAS, /^embeddings\.word_embeddings\.weight$/],
      })),
  );
}

/**
 * Loads a published ERNIE folder: `config.json`, `vocab.txt`, and the weights as `.safetensors` or `.bin`.
 *
 * @param options Longest text, and the file of the weights if it is not the usual one.
 * @returns Weights that the caller owns, and the tokenizer. Left with one line that names the file and the repository if
 * something is missing, damaged or of another kind.
 */
export function loadErnieParts(
  folder: string,
  options: Pick<ErnieOptions, "maxLength" | "weights"> = {},
): Stage<HasFiles & HasBlobs, ErnieParts> {
  const repository = "nghuyong/ernie-3.0-base-zh";
  const model: ModelFolder = { path: folder, repository, weights: options.weights };
  const where = `${folder}/config.json`;
  return pipe(
    RTE.Do,
    RTE.bindW("settings", () => readModelSettings(model, Settings, ["ernie", "bert"])),
    RTE.bindW("block", ({ settings }) => RTE.fromEither(blockOptions(settings, DEFAULTS, where))),
    RTE.bindW("tokenizer", () => readWordPiece(model, { maxLength: options.maxLength ?? 128 })),
    RTE.bindW(
      "parts",
      ({ settings, block }) =>
        withWeights(
          model,
          (source) => readParts(source, { ...block, useTaskId: settings.use_task_id ?? false }),
        ),
    ),
    RTE.map(({ tokenizer, parts }) => ({ ...parts, tokenizer })),
  );
}

/**
 * Loads an ERNIE as an expert; see {@link loadErnieParts}.
 *
 * @param options How texts are embedded.
 * @returns The expert; its `dispose` frees the weights.
 */
export function loadErnie(
  folder: string,
  options: ErnieOptions = {},
): Stage<HasFiles & HasBlobs, ErnieExpert> {
  return pipe(loadErnieParts(folder, options), RTE.map((parts) => ernieExpert(parts, options)));
}
