/**
 * The small BLIP-2: contrast between pictures and captions, and matching of pairs against near misses.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { type Blip2Config, type Blip2Of, blip2Parameters } from "../../../lib/experts/blip2/blip2_config.ts";
import type { Blip2Expert } from "../../../lib/experts/blip2/blip2_expert.ts";
import { blip2Settings, loadBlip2 } from "../../../lib/experts/blip2/blip2_load.ts";
import { blip2VisionHidden } from "../../../lib/experts/blip2/blip2_vision.ts";
import type { Parameter } from "../../../lib/experts/shared/parameters.ts";
import { CLIP_COLOURS, squareWhole } from "../../../lib/experts/shared/preprocess.ts";
import {
  contrastiveSimilarity,
  matchLogits,
  queryEmbeddings,
  textEmbeddings,
} from "../../../lib/experts/blip2/qformer.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { crossEntropy, embed } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { wordPieceTokenizer } from "../../../lib/text/wordpiece_tokenizer.ts";
import { charactersOf } from "../../../lib/world/scene.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publishedFiles, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import type { Training } from "../trainer.ts";
import { type CaptionBatch, captionBatch, swapPairs } from "./caption_batches.ts";
import { attributeLoss, contrastiveLoss, headParameters, type HeadsOf, topOne } from "./contrast.ts";
import { expertTraining, type TokenTensors, tokenTensors } from "./part.ts";
import { type CaptionTrial, captionTrials, rankQuality } from "./quality.ts";
import { worldPieces, worldVocabulary } from "./vocabulary.ts";

type Section = Pretraining["blip2"];

/** Longest text in tokens: what the loader takes by default. */
const LENGTH = 32;

type Weights<P> = {
  readonly model: Blip2Of<P>;
  readonly pictureHeads: HeadsOf<P>;
  readonly textHeads: HeadsOf<P>;
};

type Batch = CaptionBatch & {
  readonly text: TokenTensors;
  /** The captions of the other member of each pair. */
  readonly wrong: TokenTensors;
};

/**
 * Sizes of the small BLIP-2.
 *
 * @param imageSize Picture side in pixels.
 * @returns The sizes; every layer of the querying transformer looks at the picture.
 */
export function smallBlip2(section: Section, imageSize: number): Blip2Config {
  const { width, heads, layers, patchSize, qformerLayers, queries, projection } = section;
  const block = { width, heads, mlpWidth: 4 * width, epsilon: 1e-6, activation: "gelu" } as const;
  return {
    vision: { ...block, layers, patchSize, gridSide: imageSize / patchSize },
    qformer: {
      ...block,
      mlpWidth: 2 * width,
      epsilon: 1e-12,
      layers: qformerLayers,
      crossFrequency: 1,
      queries,
      vocabularySize: worldPieces().length,
      positions: LENGTH,
    },
    projection,
  };
}

const schemaOf = (config: Blip2Config): Weights<Parameter> => ({
  model: blip2Parameters(config),
  pictureHeads: headParameters("picture_heads", config.vision.width),
  textHeads: headParameters("text_heads", config.projection),
});

const wordsOf = (model: Blip2Of<tf.Tensor>, text: TokenTensors) => ({
  words: embed(model.words, text.ids),
  mask: text.mask,
});

/** Binary loss over right pairs, then pairs with the caption of the near miss. */
function matchingLoss(model: Blip2Of<tf.Tensor>, batch: Batch, context: {
  readonly hidden: tf.Tensor;
  readonly config: Blip2Config;
}): { readonly loss: tf.Tensor; readonly accuracy: tf.Tensor } {
  const { hidden, config } = context;
  const [right, wrong] = [wordsOf(model, batch.text), wordsOf(model, batch.wrong)];
  const text = {
    words: tf.concat([right.words, wrong.words], 0),
    mask: tf.concat([right.mask, wrong.mask], 0),
  };
  const logits = matchLogits(model.qformer, { image: tf.concat([hidden, hidden], 0), text }, config.qformer);
  const count = hidden.shape[0] as number;
  const labels = tf.concat([tf.ones([count], "int32"), tf.zeros([count], "int32")], 0);
  const margin = tf.sub(tf.slice(logits, [0, 1], [-1, 1]), tf.slice(logits, [0, 0], [-1, 1]));
  const signs = tf.sub(tf.mul(tf.cast(labels, "float32"), 2), 1);
  const accuracy = tf.mean(tf.cast(tf.greater(tf.mul(tf.reshape(margin, [-1]), signs), 0), "float32"));
  return { loss: crossEntropy(logits, labels), accuracy };
}

/**
 * What the small BLIP-2 is trained for: contrast + matching + attributes of both sides.
 *
 * @param weights Model and heads.
 * @param batch Pictures and captions in pairs.
 * @param context Sizes and weights of the terms.
 * @returns The loss and its terms.
 */
export function blip2Loss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
  context: { readonly config: Blip2Config; readonly section: Section },
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const { config, section } = context;
  const { model } = weights;
  const hidden = blip2VisionHidden(model.vision, batch.pixels, config.vision);
  const texts = textEmbeddings(model.qformer, wordsOf(model, batch.text), config.qformer);
  const similarities = contrastiveSimilarity(queryEmbeddings(model.qformer, hidden, config.qformer), texts);
  const itc = contrastiveLoss(similarities, section.temperature);
  const matching = matchingLoss(model, batch, { hidden, config });
  const seen = attributeLoss(weights.pictureHeads, tf.mean(hidden, 1), batch.pictureLabels);
  const said = attributeLoss(weights.textHeads, tf.mul(texts, 8), batch.textLabels);
  const loss = tf.addN([
    itc,
    tf.mul(matching.loss, section.matching),
    tf.mul(tf.add(seen, said), section.attributes),
  ]) as tf.Scalar;
  const aux = {
    itc,
    itm: matching.loss,
    itm_accuracy: matching.accuracy,
    seen,
    said,
    top1: topOne(similarities),
  };
  return { loss, aux };
}

/** Trains the small BLIP-2. */
export function blip2Training(context: PartContext): Training {
  const { blip2: section, imageSize } = context.config;
  const config = smallBlip2(section, imageSize);
  const tokenizer = wordPieceTokenizer(worldVocabulary(), { maxLength: 512 });
  const characters = charactersOf("pretrain");
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "blip2",
    section,
    schema: schemaOf(config),
    batch: (key) => {
      const { tensors, captions } = captionBatch(key, {
        count: section.batchSize,
        size: imageSize,
        characters,
        preprocess: squareWhole(imageSize, CLIP_COLOURS),
        fits: (text) => tokenizer.encode(text).length <= LENGTH,
      });
      const ids = captions.map(tokenizer.encode);
      return { ...tensors, text: tokenTensors(ids, LENGTH), wrong: tokenTensors(swapPairs(ids), LENGTH) };
    },
    loss: (weights, batch) => blip2Loss(weights, batch, { config, section }),
  });
}

/**
 * Lays the trained model out as a published folder.
 *
 * @param parameters The final parameters of the training.
 * @param config The settings of pretraining.
 */
export function blip2Files(parameters: Tree, config: Pretraining): FolderFiles {
  const sizes = smallBlip2(config.blip2, config.imageSize);
  return publishedFiles({
    schema: blip2Parameters(sizes),
    weights: (parameters as Weights<tf.Tensor>).model as Tree,
    settings: blip2Settings(sizes),
    preprocess: squareWhole(config.imageSize, CLIP_COLOURS),
    texts: { "vocab.txt": `${worldPieces().join("\n")}\n` },
  });
}

const TRIALS = 420;

function scored(
  expert: Blip2Expert,
  trials: readonly CaptionTrial[],
  score: "itc" | "itm",
): Stage<unknown, Quality> {
  const images = trials.map(({ image }) => image);
  return pipe(
    RTE.Do,
    RTE.bindW("right", () => expert[score](images, trials.map((trial) => trial.right))),
    RTE.bindW("wrong", () => expert[score](images, trials.map((trial) => trial.wrong))),
    RTE.map(({ right, wrong }) =>
      rankQuality(
        trials.map(({ change }, index) => ({
          group: change,
          right: right[index] as number,
          wrong: wrong[index] as number,
        })),
        `${score}_`,
      )
    ),
  );
}

/**
 * Measures a BLIP-2 folder on held-out characters: right captions against near misses.
 *
 * @param imageSize Picture side in pixels.
 * @returns How often the right caption scores higher, by kind of change, for both scores.
 */
export function blip2Quality(folder: string, imageSize: number): Stage<HasFiles & HasBlobs, Quality> {
  return scoped(
    loadBlip2(folder),
    (expert) => {
      const fits = (text: string) => expert.tokenizer.encode(text).length < LENGTH;
      const trials = captionTrials(TRIALS, { fits, size: imageSize });
      return pipe(
        RTE.Do,
        RTE.bindW("itc", () => scored(expert, trials, "itc")),
        RTE.bindW("itm", () => scored(expert, trials, "itm")),
        RTE.map(({ itc, itm }) => ({ trials: trials.length, ...itc, ...itm })),
      );
    },
    (expert) => expert.dispose(),
  );
}
