/**
 * Sizes, vocabulary and starting values of a unified model that is pretrained from scratch.
 *
 * @module
 */
import { fold, type Key } from "../../lib/core/key.ts";
import type { ShowoConfig } from "../../lib/showo/config.ts";
import { type ShowoModel, showoModel } from "../../lib/showo/model.ts";
import { makeVocabulary, SPECIAL_TOKENS, withConceptRows } from "../../lib/showo/vocabulary.ts";
import { initialShowoWeights, type ShowoWeights } from "../../lib/showo/weights.ts";
import { initialise } from "../../lib/tensor/nest.ts";
import type { tf } from "../../lib/tensor/tf.ts";
import { END_OF_TEXT, type PhiTokenizer } from "../../lib/text/phi_tokenizer.ts";
import type { Pretraining } from "./config.ts";

/** Name rows of the training characters: embeddings per character, head rows shared by all. */
export type NameTables = {
  /** `[characters · (1 + K + M), D]`. */
  readonly embed: tf.Tensor;
  /** `[1 + K + M, D]`. */
  readonly headWeight: tf.Tensor;
  /** `[1 + K + M]`. */
  readonly headBias: tf.Tensor;
};

/** What pretraining learns. */
export type UnifiedParameters = { readonly base: ShowoWeights; readonly names: NameTables };

/**
 * Counts the rows of a name block.
 *
 * @param part The section of the unified model.
 * @returns `1 + K + M`.
 */
export function blockRows(part: Pretraining["unified"]): number {
  return 1 + part.semanticTokens + part.generationTokens;
}

/**
 * Sizes of the model, without a concept.
 *
 * @param tokenizer The tokenizer with Show-o's markers.
 */
export function unifiedConfig(config: Pretraining, tokenizer: PhiTokenizer): ShowoConfig {
  const { unified, tokenizer: codes, imageSize } = config;
  const grid = imageSize / 2 ** (codes.channelMultipliers.length - 1);
  return {
    width: unified.width,
    layers: unified.layers,
    heads: unified.heads,
    mlpWidth: unified.mlpWidth,
    rotaryDims: unified.width / unified.heads / 2,
    ropeTheta: 10000,
    normEpsilon: 1e-5,
    numVqTokens: grid * grid,
    textBlock: unified.textBlock,
    vocabulary: makeVocabulary({
      textSize: tokenizer.vocabularySize - SPECIAL_TOKENS.length,
      endOfText: tokenizer.idOf(END_OF_TEXT) as number,
      codebookSize: 2 ** codes.codeBits,
    }),
  };
}

/**
 * The model as pretraining runs it: every training character has rows of its own in the vocabulary.
 *
 * @param config Sizes without a concept.
 * @param rows Rows of all characters together.
 */
export function pretrainingModel(config: ShowoConfig, rows: number): ShowoModel {
  return showoModel({ ...config, vocabulary: withConceptRows(config.vocabulary, rows) });
}

/**
 * Draws starting values.
 *
 * @param config Sizes without a concept.
 * @param names.characters How many training characters.
 * @param names.rows Rows of a name block.
 * @returns Fresh tensors.
 */
export function initialUnified(
  key: Key,
  config: ShowoConfig,
  names: { readonly characters: number; readonly rows: number },
): UnifiedParameters {
  const fill = { normal: 0.02 };
  const tables = initialise(
    fold(key, "names"),
    new Map([
      ["embed", { shape: [names.characters * names.rows, config.width], fill }],
      ["headWeight", { shape: [names.rows, config.width], fill }],
      ["headBias", { shape: [names.rows], fill: { constant: 0 } }],
    ]),
  ) as NameTables;
  return { base: initialShowoWeights(fold(key, "base"), config), names: tables };
}
