/** Encoders without networks: equal inputs give equal features, similar ones similar features. */
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import assert from "node:assert/strict";
import { type RgbImage, solidImage } from "../../lib/image/image.ts";
import type { Stage } from "../../lib/core/stage.ts";
import type { RewardConcept, RewardRow } from "../../lib/rewards/expert.ts";
import type { FaceEncoder, ImageEncoder, ImageTextScorer, TextEncoder } from "../../lib/rewards/features.ts";

/** An encoder that counts its calls and inputs. */
export interface Counted<T> {
  readonly encoder: T;
  readonly batches: number[];
}

const counted =
  <I, A>(batches: number[], encode: (input: I) => A) => (inputs: readonly I[]): Stage<unknown, A[]> =>
    RTE.fromIO(() => {
      batches.push(inputs.length);
      return inputs.map(encode);
    });

/** Letter counts as a vector. */
export function letterEncoder(): Counted<TextEncoder> {
  const batches: number[] = [];
  const embed = counted(batches, (text: string) => {
    const vector = new Float32Array(27);
    for (const letter of text.toLowerCase()) {
      const index = letter.charCodeAt(0) - 96;
      const place = index >= 1 && index <= 26 ? index : 0;
      vector[place] = (vector[place] as number) + 1;
    }
    return vector;
  });
  return { encoder: { embed }, batches };
}

const pixel = (image: RgbImage): Float32Array =>
  Float32Array.from(image.data.subarray(0, 3), (value) => value - 100);

/** The colour of the first pixel as the class token and as four equal patches. */
export function colourEncoder(): Counted<ImageEncoder> {
  const batches: number[] = [];
  const embed = counted(batches, (image: RgbImage) => {
    const cls = pixel(image);
    return { cls, patches: Float32Array.from([...cls, ...cls, ...cls, ...cls]) };
  });
  return { encoder: { embed }, batches };
}

/** A face wherever the first pixel is not black. */
export function faceEncoder(): Counted<FaceEncoder> {
  const batches: number[] = [];
  const embed = counted(batches, (image: RgbImage) => image.data[0] === 0 ? null : pixel(image));
  return { encoder: { embed }, batches };
}

/** Red in [0, 1] if the text says red, else its complement; remembers the texts. */
export function redScorer(): { readonly scorer: ImageTextScorer; readonly texts: string[] } {
  const texts: string[] = [];
  const score: ImageTextScorer["score"] = (images, asked) =>
    RTE.fromIO(() => {
      texts.push(...asked);
      return Float32Array.from(images, (image, index) => {
        const red = (image.data[0] as number) / 255;
        return asked[index]?.includes("red") ? red : 1 - red;
      });
    });
  return { scorer: { score }, texts };
}

/** A dog with one green photo. */
export const DOG: RewardConcept = {
  id: "bo",
  token: "<bo>",
  className: "dog",
  category: "animal",
  references: [solidImage(2, 2, [50, 200, 50])],
};

/** A woman with one photo. */
export const WOMAN: RewardConcept = {
  id: "ann",
  token: "<ann>",
  className: "woman",
  category: "human",
  references: [solidImage(2, 2, [200, 120, 90]), solidImage(2, 2, [0, 0, 0])],
};

/** A row to vary. */
export function rewardRow(changes: Partial<RewardRow> = {}): RewardRow {
  return {
    concept: DOG,
    mode: "textual",
    question: "A photo of <bo> at a party.",
    prompt: "A photo of <bo> at a party.",
    compoundPrompt: "A photo of <bo> at a party. <bo> wears a red hat.",
    reasoning: "<bo> wears a red hat.",
    image: solidImage(2, 2, [50, 200, 50]),
    candidates: ["<bo> wears a red hat.", "<bo> sleeps on a sofa.", "<bo> likes the beach."],
    truthIndex: 0,
    ...changes,
  };
}

/** Runs a stage that needs nothing and must succeed. */
export async function succeed<A>(stage: Stage<unknown, A>): Promise<A> {
  const outcome = await stage({})();
  assert.ok(E.isRight(outcome), JSON.stringify(outcome));
  return outcome.right;
}

/** Runs a stage that needs nothing and must fail with `RewardFailed`. */
export async function failWith(stage: Stage<unknown, unknown>): Promise<{ expert: string; problem: string }> {
  const outcome = await stage({})();
  assert.ok(E.isLeft(outcome) && outcome.left._tag === "RewardFailed", JSON.stringify(outcome));
  return outcome.left;
}
