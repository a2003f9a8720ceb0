/**
 * An evaluation from settings to table: experts and judge are opened, systems asked or predictions read, all is closed again.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname } from "node:path";
import type { Concept } from "../concept/concept.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { scoped, type Stage } from "../core/stage.ts";
import type { HasNetwork } from "../metrics/judge/network.ts";
import type { Assistant } from "../trained/assistant.ts";
import type { Profile } from "../method/profile.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import type { HardCases } from "../run/hard_cases.ts";
import type { Judges } from "../run/judges.ts";
import { type JudgeContext, type OpenJudge, openJudge, withCapabilities } from "./choose_judge.ts";
import {
  type ConceptResult,
  conclude,
  type EvaluateOptions,
  predictAndScore,
  protocolOf,
  scoreConcept,
} from "./evaluate.ts";
import type { Evaluation, Protocol } from "./evaluation.ts";
import type { HasGeneration } from "./generate.ts";
import { hardCaseSummary, type HardScore, measureHardCases } from "./hard_case_scores.ts";
import { EVAL_TASKS, type Item } from "./item.ts";
import { evalItems, itemLine } from "./items.ts";
import { judgedCases, withProgress } from "./judge_progress.ts";
import { openSecondJudge, watchJudge } from "./judge_quality.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import { openExperts } from "./open_experts.ts";
import { readablePictures } from "./readable_pictures.ts";
import type { PredictionRow } from "./prediction_rows.ts";
import { readPurePrompts } from "./pure_prompts.ts";
import type { EvaluationExperts } from "./scored.ts";
import { type EvaluationSettings, itemOptions, scoreOptions } from "./settings.ts";
import { identityClauses } from "../world/identity.ts";

/** Everything that an evaluation needs. */
export type HasEvaluation = HasGeneration & HasBlobs & HasNetwork;

/** A model that is ready for a concept; `dispose` frees it. */
export interface OpenAssistant {
  readonly assistant: Assistant<unknown>;
  readonly dispose: () => void;
}

/** What is evaluated, and where the outcome goes. */
export interface Subject {
  /** The data set; default UnifyBench++. */
  readonly bench?: Benchmark;
  /** What tables call it. */
  readonly model: string;
  /** Names weights and settings. */
  readonly fingerprint: string;
  readonly step: number;
  /** Folder of `step-000040.json`. */
  readonly folder: string;
  /** Side of the photos that questions are about, pixels. */
  readonly imageSize: number;
  /** Words of an answer that reach a prompt. */
  readonly maxWords: number;
  /** Turn of text-only reasoning that the model was trained with. */
  readonly textTemplate?: string;
  /** Facts that this turn listed in training; default all. */
  readonly shownFacts?: number;
}

/** How it is evaluated. */
export interface SessionContext {
  readonly settings: EvaluationSettings;
  /** Where experts and attribute reader lie. */
  readonly profile: Profile;
  /** Reads an environment variable. */
  readonly variable: JudgeContext["variable"];
}

const optionsFor = (
  concept: Concept,
  subject: Subject,
  { settings }: SessionContext,
): Stage<HasFiles, EvaluateOptions> =>
  pipe(
    readPurePrompts(concept, settings.purePrompts),
    RTE.map((purePrompts): EvaluateOptions => {
      const { seed, imagesPerPrompt, answerBatch, drawBatch, reasoning } = settings;
      return {
        ...subject,
        ...{ seed, imagesPerPrompt, answerBatch, drawBatch, reasoning },
        items: itemOptions(settings, {
          ...(subject.textTemplate === undefined ? {} : { textTemplate: subject.textTemplate }),
          ...(subject.shownFacts === undefined ? {} : { shownFacts: subject.shownFacts }),
          ...(purePrompts === undefined ? {} : { purePrompts }),
        }),
        scoring: scoreOptions(settings, subject.maxWords),
      };
    }),
  );

const printBill = (bill: string | null): Stage<HasLog, void> => ({ log }) => () => {
  if (bill !== null) log.info(bill);
  return Promise.resolve(E.right(undefined));
};

/** The experts, and what there is to say of the judge once all is scored. */
interface Session {
  readonly experts: EvaluationExperts;
  readonly judges: Stage<unknown, Judges | null>;
}

/** Opens experts and judges, uses them, prints what the judges cost, closes everything. */
function withExperts<A>(
  concept: Concept,
  { settings, profile, variable }: SessionContext,
  use: (session: Session) => Stage<HasEvaluation, A>,
): Stage<HasEvaluation, A> {
  const context = { concept, reader: profile.judge, variable };
  const first: Stage<HasEvaluation, OpenJudge> = openJudge(settings.judge, context);
  const second = (judge: OpenJudge): Stage<HasEvaluation, OpenJudge> =>
    openSecondJudge(settings.secondJudge, context, judge);
  const closing = ({ close }: OpenJudge): void => close();
  const { seed, judge: { biasCases } } = settings;
  return scoped(
    openExperts(profile, settings.experts),
    (experts) =>
      scoped(
        first,
        (judge) =>
          scoped(
            second(judge),
            (other) => {
              const watched = watchJudge(judge, other.judge, { biasCases, seed });
              return pipe(
                use({ experts: { ...experts, judge: watched.judge }, judges: watched.found }),
                RTE.tap(() => printBill(judge.bill())),
                RTE.tap(() => printBill(other.bill())),
              );
            },
            closing,
          ),
        closing,
      ),
    ({ dispose }) => dispose(),
  );
}

type ScoreOne = (
  concept: Concept,
  experts: EvaluationExperts,
  options: EvaluateOptions,
) => Stage<HasEvaluation, ConceptResult>;

/** Absent where they were not asked. */
const hardCasesOf = (
  results: readonly ConceptResult[],
  { lookAlikes, seed }: EvaluationSettings,
): { readonly hardCases?: HardCases } => {
  const asked = results.flatMap(({ hard }) => hard ?? []);
  return asked.length === 0
    ? {}
    : { hardCases: hardCaseSummary(asked, { lookAlikes: lookAlikes === "" ? "drawn" : lookAlikes, seed }) };
};

/** Scores concept after concept and summarises them. */
function inSession(
  concepts: readonly Concept[],
  subject: Subject,
  context: SessionContext,
  how: { readonly score: ScoreOne; readonly reasoning: Protocol["reasoning"] },
): Stage<HasEvaluation, Evaluation> {
  const { settings, settings: { seed, imagesPerPrompt } } = context;
  const items = itemOptions(settings);
  const scoring = scoreOptions(settings, subject.maxWords);
  const one = (experts: EvaluationExperts) => (concept: Concept): Stage<HasEvaluation, ConceptResult> =>
    pipe(
      optionsFor(concept, subject, context),
      RTE.flatMap((options): Stage<HasEvaluation, ConceptResult> => (needs) => {
        const { judge } = experts;
        if (judge === null) return how.score(concept, experts, options)(needs);
        const total = judgedCases(evalItems(concept, options.items), {
          imagesPerPrompt,
          identity: identityClauses(concept.info).length > 0,
        });
        const counted = withCapabilities(withProgress(judge, total), needs);
        return how.score(concept, { ...experts, judge: counted }, options)(needs);
      }),
    );
  return withExperts(concepts[0] as Concept, context, ({ experts, judges }) => {
    const judge = experts.judge?.id ?? null;
    const protocol = protocolOf({ seed, imagesPerPrompt, items, scoring, reasoning: how.reasoning }, judge);
    return pipe(
      RTE.traverseSeqArray(one(experts))(concepts),
      RTE.bindTo("results"),
      RTE.bindW("found", () => judges),
      RTE.flatMap(({ results, found }) =>
        conclude(results, {
          ...{ ...subject, protocol },
          ...(found === null ? {} : { judges: found }),
          ...hardCasesOf(results, settings),
        })
      ),
    );
  });
}

/** Hard cases are asked of systems alone: no predictions of others have them. */
const hardScores = (
  concept: Concept,
  assistant: Assistant<unknown>,
  { imageSize }: Subject,
  { hardCases: asked, lookAlikes, lookAlikePhotos: count, answerBatch: batch, seed }: EvaluationSettings,
): Stage<HasEvaluation, readonly HardScore[] | null> =>
  asked
    ? measureHardCases(concept, assistant, { source: lookAlikes, count, batch, seed, imageSize })
    : RTE.right(null);

/**
 * Evaluates a system that can be asked.
 *
 * @param concepts At least one.
 * @param subject Its name and folder.
 * @param open Makes the model ready for a concept.
 * @param context Settings, profile, environment.
 * @returns The evaluation of all concepts, also written into the folder.
 */
export function evaluateSystem(
  concepts: readonly Concept[],
  subject: Subject,
  open: (concept: Concept) => Stage<HasEvaluation, OpenAssistant>,
  context: SessionContext,
): Stage<HasEvaluation, Evaluation> {
  const score: ScoreOne = (concept, experts, options) =>
    scoped(
      open(concept),
      ({ assistant }) =>
        pipe(
          predictAndScore(concept, assistant, experts, options),
          RTE.bindTo("result"),
          RTE.bindW("hard", () => hardScores(concept, assistant, subject, context.settings)),
          RTE.map(({ result, hard }) => hard === null ? result : { ...result, hard }),
        ),
      ({ dispose }) => dispose(),
    );
  return inSession(concepts, subject, context, { score, reasoning: context.settings.reasoning });
}

/** Gives the predictions of a concept whose items are known. */
export type PredictionSource = (
  concept: Concept,
  items: readonly Item[],
) => Stage<HasEvaluation, readonly PredictionRow[]>;

/**
 * Scores predictions that were made elsewhere; no model is needed.
 *
 * @param concepts At least one.
 * @param subject Name and folder.
 * @param context Settings, profile, environment.
 * @returns The evaluation, also written into the folder; Left `InputInvalid` for a prediction that belongs to no item.
 */
export function evaluatePredictions(
  concepts: readonly Concept[],
  subject: Subject,
  source: PredictionSource,
  context: SessionContext,
): Stage<HasEvaluation, Evaluation> {
  const score: ScoreOne = (concept, experts, { items = {}, scoring = {} }) => {
    const { tasks: _, ...wording } = items;
    return pipe(
      source(concept, evalItems(concept, { ...wording, tasks: EVAL_TASKS })),
      RTE.flatMap(readablePictures),
      RTE.flatMap((rows) => scoreConcept(concept, rows, { experts, items, scoring })),
    );
  };
  return inSession(concepts, subject, context, { score, reasoning: "given" });
}

/**
 * Writes `items.jsonl`, so that other programs can make predictions without reading the data set.
 *
 * @param concepts Whose items.
 * @param settings Tasks and wording.
 * @returns How many items were written.
 */
export function writeItems(
  concepts: readonly Concept[],
  path: string,
  settings: EvaluationSettings,
): Stage<HasFiles, number> {
  const lines = (concept: Concept): Stage<HasFiles, readonly string[]> =>
    pipe(
      readPurePrompts(concept, settings.purePrompts),
      RTE.map((purePrompts) =>
        evalItems(concept, itemOptions(settings, purePrompts === undefined ? {} : { purePrompts }))
          .map((item) => itemLine(concept, item))
      ),
    );
  return pipe(
    RTE.traverseSeqArray(lines)(concepts),
    RTE.map((lists) => lists.flat()),
    RTE.flatMap((all): Stage<HasFiles, number> => ({ files }) =>
      pipe(
        files.makeFolder(dirname(path)),
        TE.flatMap(() => files.writeAtomic(path, all.join(""))),
        TE.map(() => all.length),
      )
    ),
  );
}
