/**
 * The model of a run as something to evaluate.
 *
 * @module
 */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Concept } from "../concept/concept.ts";
import type { Stage } from "../core/stage.ts";
import { runFolder } from "../run/folder.ts";
import type { Assistant } from "../trained/assistant.ts";
import type { Profile } from "../method/profile.ts";
import type { TrainingSettings } from "../method/settings.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import type { HasEvaluation, OpenAssistant, Subject } from "./session.ts";

/** A run that was opened: its model at one step, and all that it was trained with. */
export interface RunAssistant {
  /** The run's folder. */
  readonly folder: string;
  readonly concept: Concept;
  readonly assistant: Assistant;
  readonly settings: TrainingSettings;
  readonly profile: Profile;
  /** The update after which the state was taken. */
  readonly step: number;
  /** Frees the model. */
  readonly dispose: () => void;
}

/**
 * Names the model of a run and the files of its evaluation.
 *
 * @param model What tables call it; empty: name and step.
 * @param weights Fingerprint of the frozen weights, from `weightsUsed`; empty where they cannot have changed.
 * @returns The subject; predictions lie in the run's folder and belong to its settings, step and weights.
 */
export function runSubject(run: RunAssistant, model = "", weights = ""): Subject {
  const { settings, step, profile, folder } = run;
  return {
    model: model === "" ? `${settings.name}, step ${step}` : model,
    fingerprint: fingerprintOf([settings, step, ...(weights === "" ? [] : [weights])]),
    step,
    folder: runFolder(folder).evaluations,
    imageSize: profile.imageSize,
    maxWords: settings.reasoning.maxWords,
    textTemplate: settings.reasoning.textTemplate,
    shownFacts: settings.reasoning.shownFacts,
  };
}

/**
 * Hands out the model of a run; it stays open until the run is closed.
 *
 * @returns Opens the model for the run's own concept.
 */
export function runSystem(run: RunAssistant): (concept: Concept) => Stage<HasEvaluation, OpenAssistant> {
  return () => RTE.right({ assistant: run.assistant, dispose: () => {} });
}
