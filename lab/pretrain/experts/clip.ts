/**
 * The small CLIP: contrast between pictures and captions.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { cosine } from "../../../lib/core/cosine.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { clipImageEmbedding, clipTextEmbedding, textEnds } from "../../../lib/experts/clip/clip.ts";
import { type ClipConfig, type ClipOf, clipParameters } from "../../../lib/experts/clip/clip_config.ts";
import { clipSettings, loadClip } from "../../../lib/experts/clip/clip_expert.ts";
import type { Parameter } from "../../../lib/experts/shared/parameters.ts";
import { CLIP_COLOURS, squareMiddle } from "../../../lib/experts/shared/preprocess.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { clipTokenizer } from "../../../lib/text/clip_tokenizer.ts";
import { charactersOf } from "../../../lib/world/scene.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publishedFiles, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import type { Training } from "../trainer.ts";
import { type CaptionBatch, captionBatch } from "./caption_batches.ts";
import { attributeLoss, contrastiveLoss, headParameters, type HeadsOf, topOne } from "./contrast.ts";
import { expertTraining } from "./part.ts";
import { captionTrials, rankQuality } from "./quality.ts";
import { mergesText, worldClipVocabulary } from "./vocabulary.ts";

type Section = Pretraining["clip"];

/** Both towers are read by the same heads, so that they tell attributes in the same directions. */
type Weights<P> = { readonly model: ClipOf<P>; readonly heads: HeadsOf<P> };

type Batch = CaptionBatch & { readonly ids: tf.Tensor; readonly ends: tf.Tensor };

const vocabularySize = (): number => Object.keys(worldClipVocabulary().vocab).length;

/**
 * Sizes of the small CLIP.
 *
 * @param imageSize Picture side in pixels.
 */
export function smallClip(section: Section, imageSize: number): ClipConfig {
  const { width, heads, layers, patchSize, textLayers, context, projection } = section;
  const block = { width, heads, mlpWidth: 4 * width, epsilon: 1e-5, activation: "quick_gelu" } as const;
  return {
    vision: { ...block, layers, patchSize, gridSide: imageSize / patchSize },
    text: { ...block, layers: textLayers, vocabularySize: vocabularySize(), positions: context },
    projection,
  };
}

const schemaOf = (config: ClipConfig): Weights<Parameter> => ({
  model: clipParameters(config),
  heads: headParameters("heads", config.projection),
});

/**
 * What the small CLIP is trained for: contrast + attributes of both sides.
 *
 * @param weights Model and heads.
 * @param batch Pictures and captions.
 * @param context Sizes and weights of the terms.
 * @returns The loss and its terms.
 */
export function clipLoss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
  context: { readonly config: ClipConfig; readonly section: Section },
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const { config, section } = context;
  const images = clipImageEmbedding(weights.model.vision, batch.pixels, config);
  const texts = clipTextEmbedding(weights.model, { ids: batch.ids, ends: batch.ends }, config);
  const similarities = tf.matMul(images as tf.Tensor2D, texts as tf.Tensor2D, false, true);
  const contrast = contrastiveLoss(similarities, section.temperature);
  const seen = attributeLoss(weights.heads, tf.mul(images, 8), batch.pictureLabels);
  const said = attributeLoss(weights.heads, tf.mul(texts, 8), batch.textLabels);
  const loss = tf.add(contrast, tf.mul(tf.add(seen, said), section.attributes)) as tf.Scalar;
  return { loss, aux: { contrast, seen, said, top1: topOne(similarities) } };
}

/** Trains the small CLIP. */
export function clipTraining(context: PartContext): Training {
  const { clip: section, imageSize } = context.config;
  const config = smallClip(section, imageSize);
  const vocabulary = worldClipVocabulary();
  const tokenizer = clipTokenizer(vocabulary, { maxLength: 512 });
  const end = vocabulary.vocab["<|endoftext|>"] as number;
  const length = section.context;
  const characters = charactersOf("pretrain");
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "clip",
    section,
    schema: schemaOf(config),
    batch: (key) => {
      const { tensors, captions } = captionBatch(key, {
        count: section.batchSize,
        size: imageSize,
        characters,
        preprocess: squareMiddle(imageSize, CLIP_COLOURS),
        fits: (text) => tokenizer.encode(text).length <= length,
      });
      const rows = captions.map((text) => {
        const ids = tokenizer.encode(text);
        const kept = ids.length <= length ? ids : [...ids.slice(0, length - 1), end];
        return [...kept, ...new Array<number>(length - kept.length).fill(0)];
      });
      const shape: [number, number] = [rows.length, length];
      return {
        ...tensors,
        ids: tf.tensor2d(rows.flat(), shape, "int32"),
        ends: tf.tensor2d(textEnds(rows, end), shape),
      };
    },
    loss: (weights, batch) => clipLoss(weights, batch, { config, section }),
  });
}

/**
 * Lays the trained model out as a published folder.
 *
 * @param parameters The final parameters of the training.
 * @param config The settings of pretraining.
 */
export function clipFiles(parameters: Tree, config: Pretraining): FolderFiles {
  const sizes = smallClip(config.clip, config.imageSize);
  const { vocab, merges } = worldClipVocabulary();
  return publishedFiles({
    schema: clipParameters(sizes),
    weights: (parameters as Weights<tf.Tensor>).model as Tree,
    settings: clipSettings(sizes, vocab["<|endoftext|>"] as number),
    preprocess: squareMiddle(config.imageSize, CLIP_COLOURS),
    texts: { "vocab.json": `${JSON.stringify(vocab)}\n`, "merges.txt": mergesText(merges) },
  });
}

const TRIALS = 420;

/**
 * Measures a CLIP folder on held-out characters: right captions against near misses.
 *
 * @param imageSize Picture side in pixels.
 * @returns How often the right caption scores higher, by kind of change.
 */
export function clipQuality(folder: string, imageSize: number): Stage<HasFiles & HasBlobs, Quality> {
  return scoped(
    loadClip(folder),
    (expert) => {
      const fits = (text: string) => expert.tokenizer.encode(text).length < expert.config.text.positions;
      const trials = captionTrials(TRIALS, { fits, size: imageSize });
      return pipe(
        RTE.Do,
        RTE.bindW("images", () => expert.embedImages(trials.map(({ image }) => image))),
        RTE.bindW("right", () => expert.embedTexts(trials.map(({ right }) => right))),
        RTE.bindW("wrong", () => expert.embedTexts(trials.map(({ wrong }) => wrong))),
        RTE.map(({ images, right, wrong }) => ({
          trials: trials.length,
          ...rankQuality(trials.map(({ change }, index) => ({
            group: change,
            right: cosine(images[index] as Float32Array, right[index] as Float32Array),
            wrong: cosine(images[index] as Float32Array, wrong[index] as Float32Array),
          }))),
        })),
      );
    },
    (expert) => expert.dispose(),
  );
}
