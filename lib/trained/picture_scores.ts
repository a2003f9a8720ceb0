/**
 * What each expert thinks of one picture.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { RgbImage } from "../image/image.ts";
import { type Checked, scoped, type Stage } from "../core/stage.ts";
import { type RewardWeights, totalReward, weightOf } from "../rewards/ensemble.ts";
import { type RewardConcept, type RewardRow, scoreAll } from "../rewards/expert.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import type { Profile } from "../method/profile.ts";
import { type ExpertLoading, expertLoadings, rewardConcept } from "../method/rewarding.ts";
import type { TrainingSettings } from "../method/settings.ts";

/** A picture and what it is to be judged by. */
export interface Judged {
  readonly concept: Concept;
  /** Of any size that the experts take; training gives them the profile's. */
  readonly image: RgbImage;
  /** The prompt that the picture should show, with the concept as its token. */
  readonly text: string;
  /** What the model said before it drew; empty: nothing. */
  readonly answer: string;
  /** Position of the fact that the answer should tell, from 0; `null`: the one whose prompt the text is. */
  readonly fact: number | null;
}

/** A line of the result. */
export interface PictureScore {
  readonly name: string;
  /** NaN: the expert has no opinion. */
  readonly score: number;
  /** Its weight for this category. */
  readonly weight: number;
  /** Why there is no score; else empty. */
  readonly note: string;
}

/** Scores of a picture. */
export interface PictureScores {
  readonly experts: readonly PictureScore[];
  /** The reward as in training: weights of experts without a score are shared out among the others. */
  readonly total: number;
}

/** The fact that is asked for; −1 if there is none. */
function wantedFact({ concept, text, fact }: Judged): Checked<number> {
  const { facts } = concept;
  if (fact === null) return E.right(facts.findIndex(({ reasoningPrompt }) => reasoningPrompt === text));
  return fact < facts.length ? E.right(fact) : E.left({
    _tag: "InputInvalid",
    where: `fact ${fact + 1}`,
    problem: `${concept.token} has ${facts.length} facts`,
    remedy: `choose one of ${facts.map(({ text }, index) => `${index + 1}: ${text}`).join(" ")}`,
  });
}

function rowOf(judged: Judged, concept: RewardConcept, truthIndex: number): RewardRow {
  const { image, text, answer, concept: { facts } } = judged;
  return {
    concept,
    image,
    mode: "textual",
    question: "",
    prompt: text,
    compoundPrompt: text,
    reasoning: answer,
    candidates: facts.map((each) => each.text),
    truthIndex,
  };
}

function reasonAgainst({ name, folder }: ExpertLoading, { reasoning, truthIndex }: RewardRow): string {
  if (folder === null) return "the profile has no folder for it";
  if (name !== "tier") return "";
  if (reasoning === "") return "needs --answer";
  return truthIndex < 0 ? "the text is no prompt of a fact; name the fact with --fact" : "";
}

/** Loads one expert, asks it, frees it. */
function scoreOne(
  loading: ExpertLoading,
  row: RewardRow,
  settings: Pick<TrainingSettings, "rewards">,
): Stage<HasFiles & HasBlobs, PictureScore> {
  const { name } = loading;
  const weight = weightOf({ [name]: settings.rewards[name] } as RewardWeights, name, row.concept.category);
  const note = reasonAgainst(loading, row);
  if (note !== "") return RTE.right({ name, score: NaN, weight, note });
  return scoped(
    loading.load,
    ({ expert }) =>
      pipe(
        scoreAll([expert], { [name]: weight })([row]),
        RTE.map(({ experts }) => experts[name]?.[0] ?? NaN),
        RTE.map((score) => ({ name, score, weight, note: Number.isNaN(score) ? "has no opinion" : "" })),
      ),
    ({ dispose }) => dispose(),
  );
}

/**
 * Asks the experts of a profile about a picture, one after the other, so that only one is in memory.
 *
 * @param profile Where the experts are; one that it lacks is noted.
 * @param settings Weights and options.
 * @returns The scores; Left `InputInvalid` for a fact that there isn't, or naming a damaged file.
 */
export function pictureScores(
  judged: Judged,
  profile: Profile,
  settings: Pick<TrainingSettings, "rewards" | "dsog">,
): Stage<HasFiles & HasLog & HasBlobs, PictureScores> {
  return pipe(
    RTE.Do,
    RTE.bindW("truthIndex", () => RTE.fromEither(wantedFact(judged))),
    RTE.bindW("concept", () => rewardConcept(judged.concept, profile.imageSize)),
    RTE.map(({ concept, truthIndex }) => rowOf(judged, concept, truthIndex)),
    RTE.flatMap((row): Stage<HasFiles & HasLog & HasBlobs, readonly PictureScore[]> =>
      pipe(
        expertLoadings(profile, settings, judged.concept),
        RTE.traverseSeqArray((loading) => scoreOne(loading, row, settings)),
      )
    ),
    RTE.map((experts) => ({
      experts,
      total: totalReward(experts.map(({ score }) => score), experts.map(({ weight }) => weight)),
    })),
  );
}

/**
 * Writes scores as a small table.
 *
 * @returns A line for the head, each expert and the total.
 *
 * @example
 * ```ts
 * import { scoreTable } from "./picture_scores.ts";
 * import assert from "node:assert/strict";
 * const der = { name: "der", score: 0.75, weight: 0.3, note: "" };
 * const tier = { name: "tier", score: NaN, weight: 0.4, note: "needs --answer" };
 * assert.deepEqual(scoreTable({ experts: [der, tier], total: 0.75 }), [
 *   "expert  score  weight",
 *   "der     0.750    0.30",
 *   "tier        -    0.40  needs --answer",
 *   "total   0.750",
 * ]);
 * ```
 */
export function scoreTable({ experts, total }: PictureScores): readonly string[] {
  const number = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(3)).padStart(7);
  const line = ({ name, score, weight, note }: PictureScore): string =>
    `${name.padEnd(6)}${number(score)}${weight.toFixed(2).padStart(8)}  ${note}`.trimEnd();
  return ["expert  score  weight", ...experts.map(line), `total ${number(total)}`];
}
