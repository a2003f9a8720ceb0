/**
 * How far the judge of an evaluation can be trusted: a second one beside it, and itself asked in other ways.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { fold, keyFromSeed } from "../core/key.ts";
import { refuse } from "../core/refuse.ts";
import type { Stage } from "../core/stage.ts";
import { agreement, type GradePair } from "../metrics/agreement.ts";
import { judgeBias } from "../metrics/judge/bias.ts";
import type { Interval } from "../metrics/bootstrap.ts";
import { sampling } from "../metrics/judge/case_sample.ts";
import type { Judge } from "../metrics/judge/judge.ts";
import { withSecondJudge } from "../metrics/judge/second_judge.ts";
import type { Judges } from "../run/judges.ts";
import { type HasJudging, type JudgeContext, type OpenJudge, openJudge } from "./choose_judge.ts";
import type { EvaluationSettings } from "./settings.ts";

/**
 * Opens the second judge.
 *
 * @param settings Which; none is the default.
 * @param context Concept, folder of the attribute reader, environment.
 * @param first The judge whose grades count.
 * @returns The judge; Left `InputInvalid` if there is no first one to compare it with.
 */
export function openSecondJudge(
  settings: EvaluationSettings["secondJudge"],
  context: JudgeContext,
  first: Pick<OpenJudge, "judge">,
): Stage<HasJudging, OpenJudge> {
  return settings.kind !== "none" && first.judge === null
    ? RTE.fromEither(
      refuse("second_judge.kind", "there is no first judge to compare with", "set judge.kind as well"),
    )
    : openJudge(settings, context);
}

/** A judge that is watched. */
export interface WatchedJudge {
  /** `null` without a first judge. */
  readonly judge: Judge<unknown> | null;
  /** To be run once all is graded; `null` if nothing was to be measured. */
  readonly found: Stage<unknown, Judges | null>;
}

const bounds = (interval: Interval | null): Partial<Interval> => interval ?? {};

function compared(
  pairs: readonly GradePair[],
  names: { readonly first: string; readonly second: string; readonly what: "answers" | "clauses" },
  seed: number,
): Judges["agreement"] {
  if (pairs.length === 0) return [];
  const { interval, same, ...numbers } = agreement(pairs, fold(keyFromSeed(seed), names.what));
  return [{ ...names, ...numbers, same: Number.isNaN(same) ? null : same, ...bounds(interval) }];
}

/**
 * Watches a judge while it grades.
 *
 * @param first The judge, with the ways in which it can be asked otherwise.
 * @param second Another judge for the same; `null` = none.
 * @param options.biasCases Answers, and pictures, that are judged again; 0 = none. Judges without other ways have no bias of form.
 * @param options.seed Draws the resamples of the intervals.
 * @returns The judge to use, and what was found.
 */
export function watchJudge(
  first: Pick<OpenJudge, "judge" | "probes">,
  second: Judge<unknown> | null,
  options: { readonly biasCases: number; readonly seed: number },
): WatchedJudge {
  const { judge, probes } = first;
  const { biasCases, seed } = options;
  const probed = biasCases === 0 ? null : probes;
  if (judge === null || (second === null && probed === null)) return { judge, found: RTE.right(null) };
  const twice = second === null ? null : withSecondJudge(judge, second);
  const sampled = probed === null ? null : sampling(twice?.judge ?? judge, biasCases);
  const agreed = (): Judges["agreement"] => {
    if (twice === null || second === null) return [];
    const { answers, clauses } = twice.pairs();
    const names = { first: judge.id, second: second.id };
    return [
      ...compared(answers, { ...names, what: "answers" }, seed),
      ...compared(clauses, { ...names, what: "clauses" }, seed),
    ];
  };
  const biased: Stage<unknown, Judges["bias"]> = probed === null || sampled === null ? RTE.right([]) : pipe(
    RTE.fromIO(() => sampled.sample()),
    RTE.flatMap((sample) => judgeBias(probed, sample, keyFromSeed(seed))),
    RTE.map((found) => found.map(({ interval, ...numbers }) => ({ ...numbers, ...bounds(interval) }))),
  );
  return {
    judge: sampled?.judge ?? twice?.judge ?? judge,
    found: pipe(biased, RTE.map((bias) => ({ agreement: agreed(), bias }))),
  };
}
