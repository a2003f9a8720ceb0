/**
 * What the experts ask of their networks: features of texts and pictures. Any model that offers them can be an expert.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { RgbImage } from "../image/image.ts";
import type { Checked, Stage } from "../core/stage.ts";

/** A network that turns sentences into vectors. */
export interface TextEncoder<R = unknown> {
  /** One vector per text, of one width. */
  readonly embed: (texts: readonly string[]) => Stage<R, readonly Float32Array[]>;
}

/** A network that compares a picture with a text. */
export interface ImageTextScorer<R = unknown> {
  /** One number per pair: a cosine in [−1, 1], or a matching probability in [0, 1]. Both lists have the same length. */
  readonly score: (images: readonly RgbImage[], texts: readonly string[]) => Stage<R, Float32Array>;
}

/** Features of one picture. */
export interface ImageFeatures {
  /** The class token, `[D]`. */
  readonly cls: Float32Array;
  /** The patch tokens, `[patches · D]`, row by row. */
  readonly patches: Float32Array;
}

/** A network that turns pictures into features. */
export interface ImageEncoder<R = unknown> {
  readonly embed: (images: readonly RgbImage[]) => Stage<R, readonly ImageFeatures[]>;
}

/** A network that finds the largest face of a picture and turns it into a vector. */
export interface FaceEncoder<R = unknown> {
  /** One vector per picture, `null` where no face was found. */
  readonly embed: (images: readonly RgbImage[]) => Stage<R, readonly (Float32Array | null)[]>;
}

/**
 * Checks that a network answered for every input.
 *
 * @param expert Who asked, for the message.
 * @param count How many inputs it was given.
 * @returns A function that passes the answers on; Left `RewardFailed` if their number differs.
 */
export function answeredAll(
  expert: string,
  count: number,
): <A extends ArrayLike<unknown>>(answers: A) => Checked<A> {
  return (answers) => {
    if (answers.length === count) return E.right(answers);
    return E.left({
      _tag: "RewardFailed",
      expert,
      problem: `the network gave ${answers.length} answers for ${count} inputs`,
    });
  };
}
