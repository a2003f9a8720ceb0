/**
 * Evaluation of a state in the middle of a run, and which state is best.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { listCheckpoints, markBest, removeOld, stepName } from "../run/checkpoint_folder.ts";
import { bestStep, readEvaluations } from "../run/evaluation.ts";
import type { RunFolder } from "../run/folder.ts";
import { localAssistant } from "../trained/local_assistant.ts";
import type { TrainingRun } from "./run_training.ts";
import { policyOf, type PolicyState } from "../method/policy.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { runSubject, runSystem } from "../evaluation/run_system.ts";
import { evaluateSystem, type HasEvaluation, type SessionContext } from "../evaluation/session.ts";

/**
 * Evaluates a state of a run and writes the outcome into the run folder.
 *
 * @param state The state; stays the caller's.
 * @param context Settings of the evaluation and the environment.
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
    RTE.tap((evaluation) => run.tracker.evaluation(evaluation)),
  );
}

/**
 * Points `best` to the saved state with the highest score; one that was best before goes unless it is among the newest.
 *
 * @param options.metric The score, `rea_train_exact`; empty changes nothing.
 * @param options.keep How many of the newest states stay.
 * @returns A stage; it warns with the scores there are if none of that name was measured.
 */
export function chooseBest(
  { checkpoints, evaluations }: Pick<RunFolder, "checkpoints" | "evaluations">,
  { metric, keep }: { readonly metric: string; readonly keep: number },
): Stage<HasFiles & HasLog, void> {
  if (metric === "") return DONE;
  return pipe(
    RTE.Do,
    RTE.bindW("saved", () => listCheckpoints(checkpoints)),
    RTE.bindW("all", () => readEvaluations(evaluations)),
    RTE.flatMap(({ saved, all }): Stage<HasFiles & HasLog, void> => {
      const step = bestStep(all.filter((each) => saved.includes(stepName(each.step))), metric);
      if (step !== undefined) {
        return pipe(markBest(checkpoints, step), RTE.flatMap(() => removeOld(checkpoints, keep)));
      }
      const names = Object.keys(all[all.length - 1]?.scores ?? {}).join(", ");
      return RTE.asks(({ log }: HasLog) =>
        log.warn(
          `no evaluation has the score ${metric} (evaluation.best), so no checkpoint is best; there are ${names}`,
        )
      );
    }),
  );
}
