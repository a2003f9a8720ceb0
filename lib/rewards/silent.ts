/**
 * Rewards that have nothing to go by: found before training, so that nobody takes a missing reward for a bad one.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Checked, Stage } from "../core/stage.ts";
import { refuse } from "../core/refuse.ts";
import { type RewardWeights, weightOf } from "./ensemble.ts";
import { type RewardConcept, type RewardExpert, type RewardRow, scoreAll } from "./expert.ts";

/** Why an expert could have no opinion on the photos themselves. */
const REASONS: Readonly<Record<string, string>> = { fer: "no face is found in any training photo" };

/** A row that every expert can score if it can score anything: a training photo, drawn from its own name. */
const trialRow = (concept: RewardConcept, image: RewardRow["image"]): RewardRow => {
  const text = `a photo of ${concept.token} .`;
  return {
    ...{
      concept,
      image,
      mode: "visual",
      question: "",
      prompt: text,
      compoundPrompt: text,
      explicitPrompt: text,
    },
    ...{ reasoning: concept.className, candidates: [concept.className], truthIndex: 0 },
  };
};

const noteOf = (
  silent: readonly string[],
  counted: readonly { readonly name: string; readonly weight: number }[],
) => {
  const rest = counted.filter(({ name }) => !silent.includes(name));
  const sum = rest.reduce((total, { weight }) => total + weight, 0);
  const weights = rest.map(({ name, weight }) => `${name} ${(weight / sum).toFixed(2)}`).join(", ");
  return (name: string): string =>
    `reward ${name} has nothing to go by: ${REASONS[name] ?? "it has no opinion on the training photos"}; ` +
    `its weight falls to the others, which now count ${weights}`;
};

const nothingCounts = ({ category }: RewardConcept): Checked<never> =>
  refuse(
    "rewards",
    `every weight is 0 for the category ${category}, so there is nothing to learn from`,
    "give one a weight; 0 means that it is logged only",
  );

/**
 * Lets every expert with a weight look at a training photo.
 *
 * @param concept What rewards know of the concept.
 * @param options Experts, and their weights.
 * @returns A stage with one line per expert that has no opinion; none if all have one. Left `InputInvalid` if none has, and
 * if no expert has a weight.
 */
export function silentRewards<R>(
  concept: RewardConcept,
  { experts, weights }: { readonly experts: readonly RewardExpert<R>[]; readonly weights: RewardWeights },
): Stage<R, readonly string[]> {
  const [image] = concept.references;
  const counted = experts
    .map(({ name }) => ({ name, weight: weightOf(weights, name, concept.category) }))
    .filter(({ weight }) => weight > 0);
  if (counted.length === 0) return RTE.fromEither(nothingCounts(concept));
  if (image === undefined) return RTE.right([]);
  return pipe(
    scoreAll(experts, weights)([trialRow(concept, image)]),
    RTE.flatMapEither(({ experts: scores }): Checked<readonly string[]> => {
      const silent = counted.map(({ name }) => name).filter((name) => Number.isNaN(scores[name]?.[0]));
      return silent.length === counted.length
        ? refuse(
          "rewards",
          `none has anything to go by: ${silent.join(", ")}`,
          "give another expert a weight",
        )
        : E.right(silent.map(noteOf(silent, counted)));
    }),
  );
}
