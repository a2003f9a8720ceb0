/**
 * Evaluation of a state in the middle of a run.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Stage } from "../core/stage.ts";
import { localAssistant } from "../stages/local_assistant.ts";
import type { TrainingRun } from "../stages/run_training.ts";
import { policyOf, type PolicyState } from "../stages/policy.ts";
import type { Evaluation } from "./evaluation.ts";
import { runSubject, runSystem } from "./run_system.ts";
import { evaluateSystem, type HasEvaluation, type SessionContext } from "./session.ts";

/**
 * Evaluates a state of a run and writes the outcome into the run folder.
 *
 * @param run The run.
 * @param state The state; stays the caller's.
 * @param context Settings of the evaluation and the environment.
 * @returns The evaluation.
 */
export function evaluateState(
  run: TrainingRun,
  state: PolicyState,
  context: Omit<SessionContext, "profile">,
): Stage<HasEvaluation, Evaluation> {
  const { runtime, concept, settings, folder } = run;
  const assistant = localAssistant(runtime, policyOf(runtime.base, state.trainable), settings);
  const opened = {
    ...{ concept, assistant, settings, runtime, profile: runtime.profile },
    folder: folder.path,
    step: state.step,
    dispose: () => {},
  };
  return pipe(
    evaluateSystem([concept], runSubject(opened), runSystem(opened), {
      ...context,
      profile: runtime.profile,
    }),
    RTE.tap((evaluation) => run.tracker.evaluation(evaluation) as Stage<HasEvaluation, void>),
  );
}
