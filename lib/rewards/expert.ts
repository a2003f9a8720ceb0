/**
 * The extension point of rewards: an expert is a name and a function from rows to scores.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Category } from "../concept/concept.ts";
import type { PipelineError } from "../core/error.ts";
import type { RgbImage } from "../image/image.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { checkWeights, type RewardWeights, totalReward, weightOf } from "./ensemble.ts";

/** What experts know of a concept. */
export interface RewardConcept {
  readonly id: string;
  /** As written in prompts, `<sks>`. */
  readonly token: string;
  /** The class noun, `dog`. */
  readonly className: string;
  readonly category: Category;
  /** Photos of the concept. One array per concept: experts compute its features once. */
  readonly references: readonly RgbImage[];
}

/** One finished trajectory as experts see it. */
export interface RewardRow {
  readonly concept: RewardConcept;
  /** `visual`: a question about a photo was answered; `textual`: the fact that a prompt needs was picked. */
  readonly mode: "visual" | "textual";
  readonly question: string;
  /** The prompt before reasoning. */
  readonly prompt: string;
  /** The prompt with the reasoning, from which the picture was generated. */
  readonly compoundPrompt: string;
  /** The prompt with the needed detail written out by hand, where the data has it. */
  readonly explicitPrompt?: string;
  /** The raw answer. */
  readonly reasoning: string;
  readonly image: RgbImage;
  /** All facts the answer could be; in `visual` mode the right answer alone. */
  readonly candidates: readonly string[];
  /** Index of the right candidate; −1 if there is none. */
  readonly truthIndex: number;
}

/**
 * A reward: scores for a batch of rows, higher is better, NaN = does not apply to the row.
 *
 * @example An expert of your own: it likes bright pictures
 * ```ts
 * import { type RewardExpert, scoreAll } from "./expert.ts";
 * import { solidImage } from "../image/image.ts";
 * import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
 * import assert from "node:assert/strict";
 * const bright: RewardExpert<unknown> = {
 *   name: "bright",
 *   score: (rows) =>
 *     RTE.right(Float32Array.from(rows, ({ image }) =>
 *       image.data.reduce((sum, value) => sum + value, 0) / image.data.length / 255)),
 * };
 * const row = {
 *   concept: { id: "bo", token: "<bo>", className: "dog", category: "animal", references: [] },
 *   mode: "textual", question: "", prompt: "", compoundPrompt: "", reasoning: "", candidates: [], truthIndex: -1,
 *   image: solidImage(2, 2, [255, 255, 255]),
 * } as const;
 * const outcome = await scoreAll([bright], { bright: 1 })([row])({})();
 * assert.ok(outcome._tag === "Right" && outcome.right.total[0] === 1);
 * ```
 */
export interface RewardExpert<R = unknown> {
  /** Lower-case, names the weight and the metrics `rewards/<name>/mean`. */
  readonly name: string;
  /** Whether it reads the answer and never the image; under `rl.credit: by_part` image tokens then earn nothing by it. */
  readonly readsAnswerAlone?: boolean;
  /** Whether it compares the image with the concept's photos; `rewards.identity_gate` asks these. */
  readonly comparesIdentity?: boolean;
  readonly score: (rows: readonly RewardRow[]) => Stage<R, Float32Array>;
}

/** All scores of a batch of rows. */
export interface RewardScores {
  /** One array per expert, `[rows]`; NaN = did not apply. */
  readonly experts: Readonly<Record<string, Float32Array>>;
  /** The reward, `[rows]`; NaN if no expert with a weight applied. */
  readonly total: Float32Array;
}

const checkLength = (expert: string, scores: Float32Array, rows: number): Checked<Float32Array> => {
  if (scores.length !== rows) {
    return E.left({
      _tag: "RewardFailed",
      expert,
      problem: `returned ${scores.length} scores for ${rows} rows`,
    });
  }
  const infinite = scores.findIndex((score) => Math.abs(score) === Infinity);
  if (infinite < 0) return E.right(scores);
  return E.left({ _tag: "RewardFailed", expert, problem: `scored row ${infinite} ${scores[infinite]}` });
};

const runExpert = <R>(rows: readonly RewardRow[]) => (expert: RewardExpert<R>): Stage<R, Float32Array> =>
  pipe(expert.score(rows), RTE.flatMapEither((scores) => checkLength(expert.name, scores, rows.length)));

const combine = (
  rows: readonly RewardRow[],
  names: readonly string[],
  columns: readonly Float32Array[],
  weights: RewardWeights,
): RewardScores => ({
  experts: Object.fromEntries(names.map((name, index) => [name, columns[index] as Float32Array])),
  total: Float32Array.from(rows, ({ concept }, row) =>
    totalReward(
      columns.map((column) => column[row] as number),
      names.map((name) => weightOf(weights, name, concept.category)),
    )),
});

/**
 * Runs experts one after the other and adds up their scores.
 *
 * @param experts The experts; their names differ.
 * @param weights One weight per expert; 0 = the expert is run and logged, but does not count.
 * @returns A stage from rows to scores. Left `RewardFailed` if an expert fails, returns another number of scores than rows
 * or an infinite score; if names repeat; or if experts and weights do not match.
 */
export function scoreAll<R>(
  experts: readonly RewardExpert<R>[],
  weights: RewardWeights,
): (rows: readonly RewardRow[]) => Stage<R, RewardScores> {
  const names = experts.map((expert) => expert.name);
  return (rows) =>
    pipe(
      RTE.fromEither<PipelineError, void, R>(checkWeights(names, weights)),
      RTE.flatMap(() => RTE.traverseSeqArray(runExpert<R>(rows))(experts)),
      RTE.map((columns) => combine(rows, names, columns, weights)),
    );
}
