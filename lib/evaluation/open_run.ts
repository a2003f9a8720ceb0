/**
 * Opening the model of a run: the one place where evaluation meets checkpoints.
 *
 * @module
 */
import type { Stage } from "../core/stage.ts";
import { openRunAssistant } from "../trained/checkpointed.ts";
import type { RunAssistant } from "./run_system.ts";
import type { HasEvaluation } from "./session.ts";

/**
 * Opens a run.
 *
 * @param path `runs/latest`, a run folder or one of its checkpoints.
 * @returns The run; Left `FileMissing` if there is none.
 */
export function openRun(path: string): Stage<HasEvaluation, RunAssistant> {
  return openRunAssistant(path);
}
