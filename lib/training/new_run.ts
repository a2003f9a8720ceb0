/**
 * The folder of a new run: settings, and what the manifest says about it.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { RunFolder } from "../run/folder.ts";
import { liveMachine } from "../run/live.ts";
import { startRun } from "../run/session.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import { weightsNamed } from "../trained/weights_used.ts";

/** What the manifest says besides the settings. */
export interface RunPlace {
  /** The task that makes the run, e.g. `train`. */
  readonly command: string;
  /** The backend's description. */
  readonly backend: string;
  /** The folder that holds `.git`. */
  readonly project: string;
}

/**
 * Makes the folder of a new run under `settings.runs`, with its config and manifest.
 *
 * @param place Command, backend and project.
 * @returns The run's paths; `latest` points to it.
 */
export function newRun(
  settings: TrainingSettings,
  { command, backend, project }: RunPlace,
): Stage<HasFiles & HasClock, RunFolder> {
  const facts = {
    name: settings.name,
    command,
    seeds: { run: settings.seed },
    backend,
    machine: liveMachine(),
  };
  const places = { root: settings.runs, project };
  return pipe(
    weightsNamed(settings),
    RTE.flatMap((weights) =>
      startRun({ schema: TRAINING, config: settings }, weights === "" ? facts : { ...facts, weights }, places)
    ),
  );
}
