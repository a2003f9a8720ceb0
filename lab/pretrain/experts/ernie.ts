/**
 * The small ERNIE: sentences that say the same fact lie close, sentences that share a part of it in between.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../../lib/core/capability.ts";
import { cosine } from "../../../lib/core/cosine.ts";
import { fold } from "../../../lib/core/key.ts";
import { scoped, type Stage } from "../../../lib/core/stage.ts";
import { ernieEmbedding } from "../../../lib/experts/ernie/ernie.ts";
import { type ErnieConfig, type ErnieOf, ernieParameters } from "../../../lib/experts/ernie/ernie_config.ts";
import { ernieSettings, loadErnie } from "../../../lib/experts/ernie/ernie_expert.ts";
import type { Parameter } from "../../../lib/experts/shared/parameters.ts";
import { tierScore } from "../../../lib/rewards/tier.ts";
import type { Loss } from "../../../lib/tensor/grad.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import type { Tree } from "../../../lib/tensor/tree.ts";
import type { HasBlobs } from "../../../lib/tensor/weight_source.ts";
import { wordPieceTokenizer } from "../../../lib/text/wordpiece_tokenizer.ts";
import type { Pretraining } from "../config.ts";
import { type FolderFiles, publishedFiles, type Quality } from "../export_experts.ts";
import type { PartContext } from "../parts.ts";
import type { Training } from "../trainer.ts";
import { gradedLoss, topOne, twoViewLoss } from "./contrast.ts";
import { factTrials, sampleMeanings, statementOf, statementSimilarity } from "./fact_wordings.ts";
import { expertTraining, type TokenTensors, tokenTensors } from "./part.ts";
import { QUALITY_KEY, rankQuality } from "./quality.ts";
import { worldPieces, worldVocabulary } from "./vocabulary.ts";

type Section = Pretraining["ernie"];

type Weights<P> = { readonly model: ErnieOf<P> };

type Batch = {
  /** First wordings of all meanings, then second ones. */
  readonly text: TokenTensors;
  readonly similarities: tf.Tensor;
};

/** Sizes of the small ERNIE. */
export function smallErnie(section: Section): ErnieConfig {
  const { width, heads, layers, positions } = section;
  return {
    width,
    heads,
    layers,
    positions,
    mlpWidth: 2 * width,
    vocabularySize: worldPieces().length,
    tokenTypes: 4,
    taskTypes: 3,
    hasPooler: false,
    epsilon: 1e-5,
    activation: "gelu",
  };
}

const schemaOf = (config: ErnieConfig): Weights<Parameter> => ({ model: ernieParameters(config) });

/**
 * What the small ERNIE is trained for: contrast of wordings + graded similarity of meanings.
 *
 * @param batch Two wordings of each meaning.
 * @param context Sizes and weights of the terms.
 * @returns The loss and its terms.
 */
export function ernieLoss(
  weights: Weights<tf.Tensor>,
  batch: Batch,
  context: { readonly config: ErnieConfig; readonly section: Section },
): Loss<{ readonly [metric: string]: tf.Tensor }> {
  const { config, section } = context;
  const vectors = ernieEmbedding(weights.model, batch.text, { ...config, pooling: "mean" });
  const contrast = twoViewLoss(vectors, section.temperature);
  const graded = gradedLoss(vectors, batch.similarities);
  const [first, second] = tf.split(vectors, 2, 0) as [tf.Tensor2D, tf.Tensor2D];
  const loss = tf.add(contrast, tf.mul(graded, section.graded)) as tf.Scalar;
  return { loss, aux: { contrast, graded, top1: topOne(tf.matMul(first, second, false, true)) } };
}

/** Trains the small ERNIE. */
export function ernieTraining(context: PartContext): Training {
  const { ernie: section } = context.config;
  const config = smallErnie(section);
  const { encode } = wordPieceTokenizer(worldVocabulary(), { maxLength: section.length });
  return expertTraining<Weights<Parameter>, Batch>(context, {
    name: "ernie",
    section,
    schema: schemaOf(config),
    batch: (key) => {
      const meanings = sampleMeanings(fold(key, "meanings"), section.batchSize / 2);
      const both = [...meanings, ...meanings];
      const texts = both.map((meaning, index) =>
        encode(statementOf(fold(fold(key, "words"), index), meaning))
      );
      const similarities = both.flatMap((one) => both.map((other) => statementSimilarity(one, other)));
      return {
        text: tokenTensors(texts, section.length),
        similarities: tf.tensor2d(similarities, [both.length, both.length]),
      };
    },
    loss: (weights, batch) => ernieLoss(weights, batch, { config, section }),
  });
}

/**
 * Lays the trained model out as a published folder.
 *
 * @param parameters The final parameters of the training.
 * @param config The settings of pretraining.
 */
export function ernieFiles(parameters: Tree, config: Pretraining): FolderFiles {
  const sizes = smallErnie(config.ernie);
  return publishedFiles({
    schema: ernieParameters(sizes),
    weights: (parameters as Weights<tf.Tensor>).model as Tree,
    settings: ernieSettings(sizes),
    texts: { "vocab.txt": `${worldPieces().join("\n")}\n` },
  });
}

const TRIALS = 200;

const average = (values: readonly number[]): number =>
  Math.round(1000 * values.reduce((sum, value) => sum + value, 0) / values.length) / 1000;

/**
 * Measures an ERNIE folder: does an answer in other words lie closest to its own fact among the five of a concept?
 *
 * @returns How often the right fact is the closest, how often it is closer than each wrong one, mean cosines, and the
 * mean TIER of right, half-right (another colour) and wrong answers.
 */
export function ernieQuality(folder: string): Stage<HasFiles & HasBlobs, Quality> {
  const trials = factTrials(fold(QUALITY_KEY, "facts"), TRIALS);
  const texts = trials.flatMap(({ answer, halfRight, wrong, facts }) => [answer, halfRight, wrong, ...facts]);
  return scoped(
    loadErnie(folder),
    (expert) =>
      pipe(
        expert.embed(texts),
        RTE.map((vectors) => {
          const step = texts.length / trials.length;
          const rows = trials.map(({ truth }, index) => {
            const [answer, half, wrong, ...facts] = vectors.slice(index * step, (index + 1) * step);
            const near = (text: Float32Array | undefined) =>
              facts.map((fact) => cosine(text as Float32Array, fact));
            return { truth, answer: near(answer), half: near(half), wrong: near(wrong) };
          });
          const tier = (name: "answer" | "half" | "wrong") =>
            average(rows.map((row) => tierScore(row[name], row.truth)));
          const comparisons = rows.flatMap(({ truth, answer }) =>
            answer.flatMap((value, index) =>
              index === truth ? [] : [{ group: "fact", right: answer[truth] as number, wrong: value }]
            )
          );
          const closest = rows.map(({ truth, answer }) => answer[truth] === Math.max(...answer) ? 1 : 0);
          return {
            trials: trials.length,
            closest: average(closest),
            ...rankQuality(comparisons),
            tier_right: tier("answer"),
            tier_half_right: tier("half"),
            tier_wrong: tier("wrong"),
          };
        }),
      ),
    (expert) => expert.dispose(),
  );
}
