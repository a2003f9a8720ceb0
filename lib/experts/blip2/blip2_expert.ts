/**
 * BLIP-2 as a judge of pictures and texts: from a published folder to contrastive and matching scores.
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import { attemptAsync, type Stage } from "../../core/stage.ts";
import { disposeTree, type Tree } from "../../tensor/tree.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { IMAGE_BATCHES, inBatches, TEXT_BATCHES } from "../shared/batches.ts";
import type { Blip2Config } from "./blip2_config.ts";
import { type Blip2Network, blip2Network, type Blip2Weights } from "./blip2_network.ts";
import { onPictures, pictureBatch } from "../shared/picture_batches.ts";
import type { Preprocess } from "../shared/preprocess.ts";

/** What a BLIP-2 expert is made of. */
export interface Blip2Parts extends Blip2Weights {
  readonly tokenizer: Tokenizer;
  readonly preprocess: Preprocess;
  /** Frees the layers or closes their file. */
  readonly release: () => void;
}

/** Which of its two scores a BLIP-2 gives: the contrastive cosine, or the probability of a match. */
export type Blip2Mode = "itc" | "itm";

/** A BLIP-2 that is ready for use. */
export interface Blip2Expert {
  readonly config: Blip2Config;
  readonly tokenizer: Tokenizer;
  readonly preprocess: Preprocess;
  /** Contrastive score of each pair: the best cosine among the queries, in [−1, 1]. */
  readonly itc: (images: readonly RgbImage[], texts: readonly string[]) => Stage<unknown, Float32Array>;
  /** Probability that each text fits its picture, in [0, 1]. */
  readonly itm: (images: readonly RgbImage[], texts: readonly string[]) => Stage<unknown, Float32Array>;
  /** `itc` or `itm`, as the expert was made. */
  readonly score: (images: readonly RgbImage[], texts: readonly string[]) => Stage<unknown, Float32Array>;
  /** Vectors of length 1 of the queries of each picture, `[queries · projection]`. */
  readonly embedImages: (images: readonly RgbImage[]) => Stage<unknown, readonly Float32Array[]>;
  /** One vector of length 1 a text. */
  readonly embedTexts: (texts: readonly string[]) => Stage<unknown, readonly Float32Array[]>;
  /** The numbers behind the scores, from normalised pixels and token ids. */
  readonly network: Blip2Network;
  /** Frees the weights. */
  readonly dispose: () => void;
}

/**
 * Compares a picture with a text: the best cosine among the queries.
 *
 * @param queries Vectors of length 1, `[queries · projection]`.
 * @param text A vector of length 1, `[projection]`.
 * @returns The cosine in [−1, 1].
 */
export function bestCosine(queries: Float32Array, text: Float32Array): number {
  let best = -Infinity;
  for (let start = 0; start < queries.length; start += text.length) {
    let cosine = 0;
    for (let index = 0; index < text.length; index++) {
      cosine += (queries[start + index] as number) * (text[index] as number);
    }
    best = Math.max(best, cosine);
  }
  return best;
}

const matchProbability = (logits: Float32Array): number =>
  1 / (1 + Math.exp((logits[0] as number) - (logits[1] as number)));

const LARGEST_BATCH = Math.max(...IMAGE_BATCHES);

type Pair = { readonly image: RgbImage; readonly text: string };

const pairsOf = (images: readonly RgbImage[], texts: readonly string[]): readonly Pair[] => {
  if (images.length !== texts.length) throw new Error(`${images.length} pictures for ${texts.length} texts`);
  return images.map((image, index) => ({ image, text: texts[index] as string }));
};

type PairScore = (images: readonly RgbImage[], texts: readonly string[]) => Stage<unknown, Float32Array>;

/** Scores pairs in batches, one after the other. */
const pairwise =
  (operation: string, score: (pairs: readonly Pair[]) => Promise<readonly number[]>): PairScore =>
  (images, texts) =>
  () =>
    attemptAsync((problem) => ({ _tag: "TensorFailure", operation, problem }), async () => {
      const pairs = pairsOf(images, texts);
      const scores: number[] = [];
      for (let start = 0; start < pairs.length; start += LARGEST_BATCH) {
        scores.push(...await score(pairs.slice(start, start + LARGEST_BATCH)));
      }
      return Float32Array.from(scores);
    });

/**
 * Makes an expert from loaded parts.
 *
 * @param parts Weights, tokenizer, preprocessing; the expert owns the weights.
 * @param options.mode What `score` gives; default `itc`, the one whose features can be computed apart.
 */
export function blip2Expert(parts: Blip2Parts, options: { readonly mode?: Blip2Mode } = {}): Blip2Expert {
  const { config, preprocess, tokenizer } = parts;
  const network = blip2Network(parts);
  const imageVectors = onPictures(preprocess, network.embedPixels);
  const textVectors = (texts: readonly string[]): Promise<readonly Float32Array[]> =>
    network.embedIds(texts.map(tokenizer.encode));
  const itc = pairwise("blip2 itc", async (pairs) => {
    const images = await imageVectors(pairs.map(({ image }) => image));
    const texts = await textVectors(pairs.map(({ text }) => text));
    return images.map((queries, index) => bestCosine(queries, texts[index] as Float32Array));
  });
  const itm = pairwise("blip2 itm", async (pairs) => {
    const ids = pairs.map(({ text }) => tokenizer.encode(text));
    const pixels = pictureBatch(pairs.map(({ image }) => image), preprocess);
    return (await network.match(pixels, ids)).map(matchProbability);
  });
  const release = (): void => {
    disposeTree([parts.entrance as Tree, parts.qformer as Tree]);
    parts.release();
  };
  return {
    config,
    tokenizer,
    preprocess,
    itc,
    itm,
    score: options.mode === "itm" ? itm : itc,
    embedImages: inBatches("blip2 pictures", LARGEST_BATCH, imageVectors),
    embedTexts: inBatches("blip2 texts", Math.max(...TEXT_BATCHES), textVectors),
    network,
    dispose: release,
  };
}
