/**
 * What a person asked to evaluate: a run, predictions, the output of the public scripts, a server, the bare backbone, or a
 * baseline that is trained first.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { refuse } from "../core/refuse.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { type Checked, DONE, scoped, type Stage } from "../core/stage.ts";
import { stepName } from "../run/checkpoint_folder.ts";
import type { BaselineName } from "../baselines/settings.ts";
import { loadProfile, type Profile } from "../method/profile.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import { checkRun } from "../trained/checkpointed.ts";
import { weightsUsed } from "../trained/weights_used.ts";
import { BASELINE_TITLES, trainedBaseline } from "./baselines.ts";
import type { Evaluation } from "./evaluation.ts";
import { DRAW_TASKS, type DrawTask, type EvalTask } from "./item.ts";
import { readPredictionFolder } from "./manifest.ts";
import { namedConcepts } from "./named_concepts.ts";
import { type OfficialRun, readOfficialRun } from "./official_layout.ts";
import { openRun } from "./open_run.ts";
import type { Benchmark } from "./other_benchmarks.ts";
import type { PredictionRow } from "./prediction_rows.ts";
import { type RunAssistant, runSubject, runSystem } from "./run_system.ts";
import {
  evaluatePredictions,
  evaluateSystem,
  type HasEvaluation,
  type SessionContext,
  type Subject,
} from "./session.ts";
import type { EvaluationSettings } from "./settings.ts";
import { endpointConfig, endpointSystem, textPromptedBackbone } from "./systems.ts";

/** What can be evaluated. */
export type Target =
  | { readonly kind: "run"; readonly path: string }
  | { readonly kind: "predictions"; readonly folder: string }
  | { readonly kind: "official"; readonly place: string }
  | { readonly kind: "endpoint"; readonly baseUrl: string }
  | { readonly kind: "backbone" }
  | { readonly kind: "baseline"; readonly name: BaselineName };

/** A request. */
export interface EvaluationRequest {
  readonly target: Target;
  readonly settings: EvaluationSettings;
  /** What tables call the system; empty = its own name. */
  readonly model: string;
  /** Concept or data set, where the target does not bring its own. */
  readonly concept: string;
  /** Profile, where the target does not bring its own. */
  readonly profile: string;
  /** Folder of the results, where the target has none; empty = by name. */
  readonly out: string;
  /** Reads an environment variable. */
  readonly variable: (name: string) => string | undefined;
}

/** How a chat model is asked for the fact that a prompt needs. */
const CHAT_TEMPLATE =
  "Facts:\n{facts}\nPrompt: {prompt}\nReturn exactly the one fact that the prompt needs, word by word. " +
  "Return nothing if no fact fits.";

const slug = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, "-").toLowerCase();

const named = (request: EvaluationRequest, fallback: string): string =>
  request.model === "" ? fallback : request.model;

/** The settings that change what a system predicts. */
function ownSettings({ target, settings }: EvaluationRequest): unknown {
  const { textPrompt, baseline, endpoint: { prompt, references, pictures, style, maxTokens, size } } =
    settings;
  if (target.kind === "baseline") return baseline;
  return target.kind === "endpoint" ? { prompt, references, pictures, style, maxTokens, size } : textPrompt;
}

function subjectOf(
  request: EvaluationRequest,
  model: string,
  { bench, profile, weights }: Prepared,
): Subject {
  const out = request.out === "" ? join("runs", `eval-${slug(model)}`) : request.out;
  return {
    bench,
    model,
    fingerprint: fingerprintOf([request.target, ownSettings(request), model, profile, weights]),
    step: 0,
    folder: join(out, "eval"),
    imageSize: profile.imageSize,
    maxWords: 20,
  };
}

interface Prepared {
  readonly bench: Benchmark;
  readonly concepts: readonly Concept[];
  readonly profile: Profile;
  /** Fingerprint of the backbone. */
  readonly weights: string;
  readonly context: SessionContext;
}

const prepare = (request: EvaluationRequest): Stage<HasEvaluation, Prepared> =>
  pipe(
    RTE.Do,
    RTE.bindW("profile", () => loadProfile(request.profile)),
    RTE.bindW("named", () => namedConcepts(request.concept)),
    RTE.bindW("weights", ({ profile }) => weightsUsed(profile)),
    RTE.map(({ profile, weights, named: { bench, concepts } }) => ({
      bench,
      profile,
      weights,
      concepts,
      context: { settings: request.settings, profile, variable: request.variable },
    })),
  );

const withModel = (rows: readonly PredictionRow[], request: EvaluationRequest, fallback: string): string =>
  named(request, rows[0]?.model ?? fallback);

const scoreFolder = (request: EvaluationRequest, folder: string): Stage<HasEvaluation, Evaluation> =>
  pipe(
    prepare(request),
    RTE.bindTo("prepared"),
    RTE.bindW("rows", () => readPredictionFolder(folder)),
    RTE.flatMap(({ prepared, rows }): Stage<HasEvaluation, Evaluation> => {
      const { concepts, context } = prepared;
      const covered = concepts.filter(({ id }) => rows.some(({ concept }) => concept === id));
      const unknown = rows.find(({ concept }) => !concepts.some(({ id }) => id === concept));
      if (unknown !== undefined) {
        const ids = concepts.map(({ id }) => id).join(", ");
        return RTE.fromEither(
          refuse(
            folder,
            `predicts for ${unknown.concept}, which is not among ${ids}`,
            "name its data set by --concept",
          ),
        );
      }
      const subject = subjectOf(request, withModel(rows, request, "predictions"), prepared);
      return evaluatePredictions(covered, subject, () => RTE.right(rows), context);
    }),
  );

/** Reads `<folder>:<checkpoint>:<epoch>`. */
function officialRun(request: EvaluationRequest, place: string): Checked<OfficialRun> {
  const [folder = "", checkpoint = "", epoch = ""] = place.split(":");
  return checkpoint === "" || epoch === ""
    ? refuse("--official", `cannot read "${place}"`, "write <folder>:<checkpoint>:<epoch>")
    : E.right({ folder, checkpoint, epoch, model: named(request, `${checkpoint}, epoch ${epoch}`) });
}

/** Sees that the place can be read and that its folder is there. */
const checkOfficial = (request: EvaluationRequest, place: string): Stage<HasEvaluation, void> =>
  pipe(
    RTE.fromEither(officialRun(request, place)),
    RTE.flatMap(({ folder }) => ({ files }: HasEvaluation) =>
      pipe(
        files.list(folder),
        TE.flatMapEither((names) =>
          names.length > 0 ? E.right(undefined) : refuse(
            "--official",
            `${folder} is empty or no folder`,
            "name the folder above logs and t2i_saved",
          )
        ),
      )
    ),
  );

const scoreOfficial = (request: EvaluationRequest, place: string): Stage<HasEvaluation, Evaluation> =>
  pipe(
    RTE.Do,
    RTE.bindW("run", () => RTE.fromEither(officialRun(request, place))),
    RTE.bindW("prepared", () => prepare(request)),
    RTE.flatMap(({ run, prepared }) =>
      evaluatePredictions(
        prepared.concepts,
        subjectOf(request, run.model, prepared),
        (concept, items) => readOfficialRun(run, concept, items),
        prepared.context,
      )
    ),
  );

/** Batches of as many items as are in flight, so that no answer that was paid for is lost when the server goes away. */
const inFlight = (context: SessionContext): SessionContext => {
  const { concurrency } = context.settings.endpoint;
  return { ...context, settings: { ...context.settings, answerBatch: concurrency, drawBatch: concurrency } };
};

const askServer = (request: EvaluationRequest, baseUrl: string): Stage<HasEvaluation, Evaluation> => {
  const { endpoint } = request.settings;
  return pipe(
    RTE.fromEither(endpointConfig({ baseUrl, model: request.model }, endpoint, request.variable)),
    RTE.bindTo("config"),
    RTE.bindW("prepared", () => prepare(request)),
    RTE.flatMap(({ config, prepared }) => {
      const subject = {
        ...subjectOf(request, config.model, prepared),
        imageSize: 512,
        textTemplate: CHAT_TEMPLATE,
      };
      return evaluateSystem(
        prepared.concepts,
        subject,
        endpointSystem(config, endpoint),
        inFlight(prepared.context),
      );
    }),
  );
};

const askBackbone = (request: EvaluationRequest): Stage<HasEvaluation, Evaluation> =>
  pipe(
    prepare(request),
    RTE.flatMap((prepared) => {
      const { concepts, profile, context } = prepared;
      const settings = TRAINING.fallback?.() as TrainingSettings;
      const subject = {
        ...subjectOf(request, named(request, "backbone + text prompt"), prepared),
        textTemplate: settings.reasoning.textTemplate,
      };
      const open = textPromptedBackbone(profile, settings, request.settings.textPrompt);
      return evaluateSystem(concepts, subject, open, context);
    }),
  );

const isDrawn = (task: EvalTask): task is DrawTask => (DRAW_TASKS as readonly string[]).includes(task);

/** Baselines that only learn pictures draw, from the bare prompts. */
const askBaseline = (request: EvaluationRequest, name: BaselineName): Stage<HasEvaluation, Evaluation> => {
  const tasks = request.settings.tasks.filter(isDrawn);
  if (tasks.length === 0) {
    return RTE.fromEither(
      refuse("--baseline", "only draws, but no task is drawn", `choose among ${DRAW_TASKS.join(", ")}`),
    );
  }
  const settings = { ...request.settings, tasks, reasoning: "none" as const };
  return pipe(
    prepare({ ...request, settings }),
    RTE.flatMap((prepared) => {
      const { concepts, profile, context } = prepared;
      const subject = subjectOf(request, named(request, BASELINE_TITLES[name]), prepared);
      const fileOf = ({ id }: Concept): string =>
        join(subject.folder, stepName(subject.step), "weights", `${id}-${name}.safetensors`);
      const open = trainedBaseline(name, settings.baseline, { profile, weights: prepared.weights, fileOf });
      return evaluateSystem(concepts, subject, open, context);
    }),
  );
};

const askRun = (request: EvaluationRequest, path: string): Stage<HasEvaluation, Evaluation> =>
  scoped(
    openRun(path),
    (run: RunAssistant) =>
      pipe(
        weightsUsed(run.profile),
        RTE.flatMap((weights) =>
          evaluateSystem([run.concept], runSubject(run, request.model, weights), runSystem(run), {
            settings: request.settings,
            profile: run.profile,
            variable: request.variable,
          })
        ),
      ),
    (run) => run.dispose(),
  );

/** Without warnings: what is read again later is named then. */
const unspoken = <A>(stage: Stage<HasEvaluation, A>): Stage<HasEvaluation, A> =>
  RTE.local((needs: HasEvaluation) => ({ ...needs, log: { ...needs.log, warn: () => {} } }))(stage);

/**
 * Checks what was asked for, by everything that needs no backend.
 *
 * @returns Nothing; Left with one line on what is missing or wrong.
 */
export function checkRequest(request: EvaluationRequest): Stage<HasEvaluation, void> {
  const { target, settings, variable, model } = request;
  if (target.kind === "run") return pipe(checkRun(target.path), RTE.asUnit);
  const own: Stage<HasEvaluation, unknown> = target.kind === "predictions"
    ? unspoken(readPredictionFolder(target.folder))
    : target.kind === "official"
    ? checkOfficial(request, target.place)
    : target.kind === "endpoint"
    ? RTE.fromEither(endpointConfig({ baseUrl: target.baseUrl, model }, settings.endpoint, variable))
    : DONE;
  return pipe(
    loadProfile(request.profile),
    RTE.flatMap((): Stage<HasEvaluation, unknown> => namedConcepts(request.concept)),
    RTE.flatMap(() => own),
    RTE.asUnit,
  );
}

/**
 * Does what was asked.
 *
 * @param request The target, the settings, and what the target does not bring itself.
 * @returns The evaluation, whose files are written; Left with one line on what is missing or wrong.
 */
export function evaluateRequest(request: EvaluationRequest): Stage<HasEvaluation, Evaluation> {
  const { target } = request;
  switch (target.kind) {
    case "run":
      return askRun(request, target.path);
    case "predictions":
      return scoreFolder(request, target.folder);
    case "official":
      return scoreOfficial(request, target.place);
    case "endpoint":
      return askServer(request, target.baseUrl);
    case "backbone":
      return askBackbone(request);
    case "baseline":
      return askBaseline(request, target.name);
  }
}
