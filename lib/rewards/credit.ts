/**
 * Which reward moves which tokens: one advantage for a whole trajectory, or one for its answer and one for its image.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import type { Checked } from "../core/stage.ts";
import { groupAdvantages, rewardSpread, type ScaleRewards, SPREAD_FLOOR } from "../rl/advantages.ts";
import { totalReward } from "./ensemble.ts";

/**
 * `shared`: every token gets the advantage of its trajectory (the paper) · `by_part`: image tokens get that of the rewards that
 * look at the image, among trajectories with the same prompt.
 */
export type Credit = "shared" | "by_part";

/** `none`: rewards are added up as they are (the paper) · `per_reward`: each is centred and divided by its spread first (GDPO). */
export type RewardNormalization = "none" | "per_reward";

/** The scores of one expert for the trajectories of a group. */
export interface ExpertScores {
  /** One score a trajectory; NaN = does not apply. */
  readonly scores: ArrayLike<number>;
  /** ≥ 0. */
  readonly weight: number;
  /** Whether it reads the answer and never the image: then image tokens earn nothing by it. */
  readonly readsAnswerAlone: boolean;
  /** Whether it compares the image with the concept's photos. */
  readonly comparesIdentity: boolean;
}

/** A group with the scores of all experts. */
export interface GroupScores {
  readonly experts: readonly ExpertScores[];
  /** The compound prompt of each trajectory, `[G]`. */
  readonly prompts: readonly string[];
}

/** The advantages of a trajectory's two parts. */
export interface PartAdvantages {
  readonly understanding: number;
  readonly generation: number;
}

/** What {@link creditedAdvantages} needs to know beside the scores. */
export interface CreditOptions {
  readonly credit: Credit;
  readonly rewardNormalization: RewardNormalization;
  readonly scaleRewards: ScaleRewards;
  /** The least identity that earns a reward, in [0, 1]; `null` = no gate. */
  readonly identityGate: number | null;
}

/** An advantage up to this size comes from rounding; rewards lie in [0, 1] and are kept in 32 bits. */
const ROUNDING = 1e-6;

/**
 * Centres each reward and divides it by its spread within the group, so that all weigh as their weights say.
 *
 * @param scores One score a trajectory; NaN stays NaN.
 * @returns `(s − mean) / (std + 1e-4)` with the n − 1 standard deviation.
 *
 * Source: GDPO (Liu et al. 2026): normalisation of each reward before the sum.
 */
export function standardised(scores: ArrayLike<number>): Float64Array {
  const { mean, std } = rewardSpread(scores);
  return Float64Array.from(scores, (score) => (score - mean) / (std + SPREAD_FLOOR));
}

/** What the experts that look at the image add to a total reward: `Σ_image w s / Σ_all w`. */
const imageShare = (experts: readonly ExpertScores[], trajectory: number): number => {
  const defined = experts.filter(({ scores, weight }) => weight > 0 && !Number.isNaN(scores[trajectory]));
  const weights = defined.reduce((sum, { weight }) => sum + weight, 0);
  const looking = defined.filter(({ readsAnswerAlone }) => !readsAnswerAlone);
  if (looking.length === 0) return NaN;
  return looking.reduce((sum, { weight, scores }) => sum + weight * (scores[trajectory] as number), 0) /
    weights;
};

/** Each value minus the mean of those with the same prompt; NaN stays NaN. */
function centredByPrompt(values: readonly number[], prompts: readonly string[]): readonly number[] {
  const means = new Map(
    [...new Set(prompts)].map((prompt) =>
      [prompt, rewardSpread(values.filter((_, index) => prompts[index] === prompt)).mean] as const
    ),
  );
  return values.map((value, index) => value - (means.get(prompts[index] as string) as number));
}

const withoutRounding = (advantages: readonly number[]): readonly number[] =>
  advantages.every((advantage) => Math.abs(advantage) <= ROUNDING) ? advantages.map(() => 0) : advantages;

/** Whether an image is enough like the concept to earn anything; one that nobody could compare is. */
const passesGate = (experts: readonly ExpertScores[], gate: number | null) => (trajectory: number): boolean =>
  gate === null ||
  experts.every(({ comparesIdentity, scores }) =>
    !comparesIdentity || !((scores[trajectory] as number) < gate)
  );

/** Total rewards of a group, and what its images earn beside others of the same prompt. */
const rewardsOf = (
  { experts, prompts }: GroupScores,
  { rewardNormalization, identityGate }: CreditOptions,
): { readonly totals: readonly number[]; readonly images: readonly number[] } => {
  const columns = rewardNormalization === "none"
    ? experts
    : experts.map((expert) => ({ ...expert, scores: standardised(expert.scores) }));
  const weights = columns.map(({ weight }) => weight);
  const scoresOf = (row: number): readonly number[] => columns.map(({ scores }) => scores[row] as number);
  const passes = passesGate(experts, identityGate);
  return {
    totals: prompts.map((_, row) => passes(row) ? Math.fround(totalReward(scoresOf(row), weights)) : 0),
    images: centredByPrompt(prompts.map((_, row) => passes(row) ? imageShare(columns, row) : 0), prompts),
  };
};

/**
 * Turns the scores of the groups of an update into the advantages of answer and image tokens.
 *
 * Under `by_part` image tokens are weighted by what depends on them. Given its prompt, an image says nothing about its answer:
 * the text reward has expectation 0 on image tokens and only adds variance, and so does the difference between prompts. Left
 * out, the gradient keeps its expectation.
 *
 * @param groups The groups, each of G trajectories.
 * @param options Credit, normalisation, scaling.
 * @returns Advantages of both parts, `[G]` for each group; a part of a group whose advantages all lie within rounding (1e-6)
 * gets zeros. Left as in `groupAdvantages`.
 *
 * @example Two prompts: between images of one prompt the image reward decides, whatever the answers earned
 * ```ts
 * import { creditedAdvantages } from "./credit.ts";
 * import * as E from "fp-ts/lib/Either.js";
 * import assert from "node:assert/strict";
 * const experts = [
 *   { scores: [1, 1, 0, 0], weight: 0.5, readsAnswerAlone: true, comparesIdentity: false },
 *   { scores: [1, 0.5, 0.25, 0.25], weight: 0.5, readsAnswerAlone: false, comparesIdentity: true },
 * ];
 * const advantages = creditedAdvantages([{ experts, prompts: ["hat", "hat", "cup", "cup"] }], {
 *   credit: "by_part",
 *   rewardNormalization: "none",
 *   scaleRewards: "none",
 *   identityGate: null,
 * });
 * assert.deepEqual(E.toUnion(advantages), [[
 *   { understanding: 0.5, generation: 0.125 },
 *   { understanding: 0.25, generation: -0.125 },
 *   { understanding: -0.375, generation: 0 },
 *   { understanding: -0.375, generation: 0 },
 * ]]);
 * ```
 *
 * With an identity gate, a trajectory whose image is less like the concept earns 0 in all, whatever else is right about it.
 *
 * Source: `shared` is the paper's; `by_part`, `per_reward` (GDPO) and the gate (DivRL) are not in it.
 */
export function creditedAdvantages(
  groups: readonly GroupScores[],
  options: CreditOptions,
): Checked<readonly (readonly PartAdvantages[])[]> {
  const rewards = groups.map((group) => rewardsOf(group, options));
  const numGenerations = groups[0]?.prompts.length ?? 1;
  const centred = (values: readonly number[]): Checked<readonly (readonly number[])[]> =>
    pipe(
      groupAdvantages(values, { numGenerations, scaleRewards: options.scaleRewards }),
      E.map((all) => RA.chunksOf(numGenerations)([...all]).map(withoutRounding)),
    );
  return pipe(
    E.Do,
    E.bind("understanding", () => centred(rewards.flatMap(({ totals }) => totals))),
    E.bind(
      "generation",
      ({ understanding }) =>
        options.credit === "shared"
          ? E.right(understanding)
          : centred(rewards.flatMap(({ images }) => images)),
    ),
    E.map(({ understanding, generation }) =>
      understanding.map((group, at) =>
        group.map((each, index) => ({ understanding: each, generation: generation[at]?.[index] as number }))
      )
    ),
  );
}
