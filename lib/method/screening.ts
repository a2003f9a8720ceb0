/**
 * Filling a group: candidates in batches of G, previews scored, the best finished (DSOG, method §5).
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock } from "../core/capability.ts";
import { fold, type Key } from "../core/key.ts";
import { type Checked, iterate, type Stage } from "../core/stage.ts";
import type { RewardConcept, RewardExpert } from "../rewards/expert.ts";
import { planScreening, type Screened, SCREENING_RULES, type ScreeningStep } from "../rl/screening.ts";
import { calibrateThreshold, initialThreshold, type ThresholdState } from "../rl/threshold.ts";
import { previewRow } from "./rewarding.ts";
import {
  type AskedTask,
  complete,
  preview,
  type Previewed,
  type Prompted,
  reason,
  type RolloutContext,
  type Trajectory,
  unscreened,
  type Unseen,
  wordPrompt,
} from "./rollout.ts";
import type { TrainingSettings } from "./settings.ts";

/** What filling a group needs besides the model. */
export interface GroupContext extends RolloutContext {
  readonly concept: RewardConcept;
  /** Scores previews. */
  readonly previewExpert: RewardExpert;
}

/** A candidate that is not finished: its answer and the first steps of its picture. */
export type Reject = (Previewed | Unseen) & { readonly score: number };

/** A filled group and what it cost. */
export interface Group {
  readonly task: AskedTask;
  /** G finished trajectories. */
  readonly trajectories: readonly Trajectory[];
  /** Preview score of each kept trajectory; empty without DSOG. */
  readonly previewScores: readonly number[];
  /** The candidates that were left, with the scores of their previews, in the order of starting; empty without DSOG. */
  readonly rejects: readonly Reject[];
  readonly screened: Screened;
  readonly threshold: ThresholdState | null;
  readonly seconds: { readonly reason: number; readonly preview: number; readonly complete: number };
}

interface Filling {
  readonly candidates: readonly (Previewed | Unseen)[];
  readonly scores: readonly number[];
  readonly threshold: ThresholdState | null;
  readonly seconds: { readonly reason: number; readonly preview: number };
  readonly next: ScreeningStep;
}

/** Candidates that a group may cost. */
const boundOf = ({ rl, dsog }: TrainingSettings): number => {
  const { numGenerations } = rl;
  const needed = SCREENING_RULES[dsog.rule].candidates({
    numGenerations,
    targetPassRate: dsog.targetPassRate,
  });
  if (dsog.maxCandidates === 0) return needed;
  return SCREENING_RULES[dsog.rule].threshold === null
    ? Math.min(dsog.maxCandidates, needed)
    : dsog.maxCandidates;
};

const plan = (
  scores: readonly number[],
  threshold: ThresholdState | null,
  settings: TrainingSettings,
): ScreeningStep => {
  const { enabled, rule } = settings.dsog;
  const planned = enabled ? SCREENING_RULES[rule].plan : planScreening;
  return planned(scores, {
    numGenerations: settings.rl.numGenerations,
    maxCandidates: boundOf(settings),
    threshold: enabled && threshold !== null ? threshold.threshold : -Infinity,
  });
};

/** The threshold in force: after the first scores it is calibrated if no first value was given. */
function inForce(
  threshold: ThresholdState | null,
  scores: readonly number[],
  { dsog }: TrainingSettings,
): Checked<ThresholdState | null> {
  if (!dsog.enabled || SCREENING_RULES[dsog.rule].threshold === null) return E.right(null);
  if (threshold !== null) return E.right(threshold);
  if (dsog.initialThreshold !== null) return E.right(initialThreshold(dsog.initialThreshold));
  return pipe(calibrateThreshold(scores, dsog.targetPassRate), E.map(initialThreshold));
}

/** What the scores so far lead to. */
export interface ScreeningNow {
  /** In force; `null` under a rule that has none. */
  readonly threshold: ThresholdState | null;
  readonly next: ScreeningStep;
}

/**
 * Plans the next step of a group by the rule of the settings.
 *
 * @param scores Preview scores of the candidates started so far; at least one.
 * @param threshold Before the group; `null`: it is calibrated on these scores, or is the first one of the settings.
 * @returns Left `RewardFailed` if a threshold has to be calibrated and nothing has a score.
 */
export function screeningNow(
  scores: readonly number[],
  threshold: ThresholdState | null,
  settings: TrainingSettings,
): Checked<ScreeningNow> {
  return pipe(
    inForce(threshold, scores, settings),
    E.map((current) => ({ threshold: current, next: plan(scores, current, settings) })),
  );
}

const seconds = (clock: HasClock["clock"], since: number): number => (clock.now() - since) / 1000;

/** Candidates on their way, and what each preview scored. */
interface Scored {
  readonly batch: readonly (Previewed | Unseen)[];
  readonly found: readonly number[];
}

/** Without DSOG every candidate is kept: no preview is decoded, nothing is scored. */
function drawBatch(
  context: GroupContext,
  task: AskedTask,
  prompted: readonly Prompted[],
): Stage<unknown, Scored> {
  if (!context.settings.dsog.enabled) {
    return RTE.right({ batch: unscreened(context, prompted), found: prompted.map(() => 1) });
  }
  const { concept, previewExpert, settings } = context;
  return pipe(
    RTE.fromEither(preview(context, prompted)),
    RTE.flatMap((batch) =>
      pipe(
        previewExpert.score(
          batch.map((each) => previewRow(task, each, { concept, image: each.preview, settings })),
        ),
        RTE.map((scores) => ({ batch, found: [...scores] })),
      )
    ),
  );
}

function startBatch(context: GroupContext, task: AskedTask, options: { readonly key: Key }) {
  return (filling: Filling): Stage<HasClock, Filling> => ({ clock }) => {
    const indices = filling.next._tag === "Start" ? filling.next.candidates : [];
    const started = clock.now();
    const reasoned = reason(context, task, indices.map((index) => fold(options.key, index)));
    const reasonSeconds = filling.seconds.reason + seconds(clock, started);
    return pipe(
      RTE.fromEither(reasoned),
      RTE.map((answers) => answers.map((answer) => wordPrompt(context, task, answer))),
      RTE.flatMap((prompted) => drawBatch(context, task, prompted)),
      RTE.flatMapEither(({ batch, found }) => {
        const scores = [...filling.scores, ...found];
        const timing = {
          reason: reasonSeconds,
          preview: filling.seconds.preview + seconds(clock, started) -
            (reasonSeconds - filling.seconds.reason),
        };
        return pipe(
          screeningNow(scores, filling.threshold, context.settings),
          E.map((now): Filling => ({
            ...now,
            candidates: [...filling.candidates, ...batch],
            scores,
            seconds: timing,
          })),
        );
      }),
    )({});
  };
}

/**
 * Fills a group: starts candidates until enough previews pass or the bound is reached, then finishes the kept ones.
 *
 * @param context Model, experts, settings.
 * @param task The group's task; all trajectories share it.
 * @param options The key of the update, and the threshold so far (`null` before the first group).
 * @returns The group, with the threshold in force while it was filled.
 */
export function fillGroup(
  context: GroupContext,
  task: AskedTask,
  options: { readonly key: Key; readonly threshold: ThresholdState | null },
): Stage<HasClock, Group> {
  const first: Filling = {
    candidates: [],
    scores: [],
    threshold: options.threshold,
    seconds: { reason: 0, preview: 0 },
    next: plan([], options.threshold, context.settings),
  };
  return pipe(
    first,
    iterate<HasClock, Filling>(({ next }) => next._tag === "Keep", startBatch(context, task, options)),
    RTE.flatMap((filling) => (needs: HasClock) => finish(context, task, filling)(needs)),
  );
}

function finish(context: GroupContext, task: AskedTask, filling: Filling): Stage<HasClock, Group> {
  const screened = filling.next as Screened;
  return ({ clock }) => {
    const started = clock.now();
    const kept = screened.kept.map((index) => filling.candidates[index] as Previewed | Unseen);
    return RTE.fromEither(pipe(
      complete(context, kept),
      E.map((trajectories) => ({
        task,
        trajectories,
        previewScores: context.settings.dsog.enabled
          ? screened.kept.map((index) => filling.scores[index] as number)
          : [],
        rejects: filling.candidates.flatMap((candidate, index) =>
          screened.kept.includes(index) ? [] : [{ ...candidate, score: filling.scores[index] as number }]
        ),
        screened,
        threshold: filling.threshold,
        seconds: { ...filling.seconds, complete: seconds(clock, started) },
      })),
    ))({});
  };
}
