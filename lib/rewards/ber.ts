/**
 * BER, the image–text expert: does the picture show what the prompt says?
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { withClassNoun } from "../concept/class_noun.ts";
import type { RewardExpert, RewardRow } from "./expert.ts";
import { answeredAll, type ImageTextScorer } from "./features.ts";
import { type SimilarityOptions, similarityScore } from "./similarity.ts";

/** Options of {@link berExpert}. */
export interface BerOptions extends SimilarityOptions {
  /** `compound` (default): the prompt with the model's own reasoning; `explicit`: the one written out by hand. */
  readonly text?: "compound" | "explicit";
}

/**
 * Chooses the text that a picture is compared with.
 *
 * @param text Which prompt; without an explicit one `explicit` is the compound prompt.
 * @returns The prompt with the class noun in place of the token: the scorer never saw the concept.
 */
export function berText(row: RewardRow, text: "compound" | "explicit" = "compound"): string {
  const chosen = text === "explicit" ? row.explicitPrompt ?? row.compoundPrompt : row.compoundPrompt;
  return withClassNoun(chosen, row.concept);
}

/**
 * Makes the live BER from an image–text scorer.
 *
 * With a scorer that returns matching probabilities choose the range `raw`.
 *
 * @param scorer The scorer, BLIP-2 in the paper.
 * @param options Which prompt, orientation and range.
 * @returns The expert `ber`.
 *
 * Source: UniCTokens-R1, eq 18–19.
 */
export function berExpert<R>(scorer: ImageTextScorer<R>, options: BerOptions = {}): RewardExpert<R> {
  return {
    name: "ber",
    score: (rows) =>
      pipe(
        scorer.score(rows.map((row) => row.image), rows.map((row) => berText(row, options.text))),
        RTE.flatMapEither(answeredAll("ber", rows.length)),
        RTE.map((similarities) => similarities.map((value) => similarityScore(value, options))),
      ),
  };
}
