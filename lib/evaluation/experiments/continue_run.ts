/**
 * The work of a cell, done by the same code as `deno task train` and `deno task eval`.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { decodeConfig, type Frozen } from "../../config/load.ts";
import { fromChecked, type Stage } from "../../core/stage.ts";
import type { Live } from "../../run/live.ts";
import type { TrainingSettings } from "../../stages/settings.ts";
import { openBackend } from "../../tensor/backend.ts";
import { personalise, type PersonaliseOptions } from "../personalise.ts";
import { evaluateRequest } from "../requested.ts";
import type { HasEvaluation } from "../session.ts";
import { EVALUATION, type EvaluationSettings } from "../settings.ts";
import { type CellWork, runCell } from "./run_cell.ts";

type Needs = Live & HasEvaluation;
type Environment = Pick<PersonaliseOptions, "project" | "variable">;

/** The evaluation that a run makes of itself. */
const evaluationOf = (settings: TrainingSettings) =>
  decodeConfig(EVALUATION, {
    images_per_prompt: settings.evaluation.imagesPerPrompt,
    tasks: settings.evaluation.tasks,
    seed: settings.seed,
    device: settings.device,
  });

function evaluateCheckpoint(
  path: string,
  settings: TrainingSettings,
  environment: Environment,
): Stage<Needs, void> {
  return pipe(
    openBackend({ device: settings.device }) as Stage<Needs, unknown>,
    RTE.flatMap(() => fromChecked(evaluationOf(settings)) as Stage<Needs, Frozen<EvaluationSettings>>),
    RTE.flatMap((evaluation) =>
      evaluateRequest({
        target: { kind: "run", path },
        settings: evaluation,
        ...{ model: "", concept: settings.concept, profile: settings.profile, out: "" },
        variable: environment.variable,
      })
    ),
    RTE.map(() => undefined),
  );
}

/**
 * Brings the run of a cell to its end.
 *
 * @param settings The cell's settings.
 * @param environment The project's folder and its variables.
 * @returns A stage that ends when the run is finished; Left `Interrupted` after Ctrl-C, and the next call goes on.
 */
export function continueRun(settings: TrainingSettings, environment: Environment): Stage<Needs, void> {
  const work: CellWork<Needs> = {
    personalise: (each, resume) => personalise(each, { resume, force: false, ...environment }),
    evaluate: (checkpoint, each) => evaluateCheckpoint(checkpoint, each, environment),
  };
  return runCell(settings, work);
}
