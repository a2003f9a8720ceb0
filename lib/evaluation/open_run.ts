/**
 * Opening the model of a run: the one place where evaluation meets checkpoints.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { refuse } from "../concept/refuse.ts";
import { fromChecked, type Stage } from "../core/stage.ts";
import { resolvePath } from "../run/folder.ts";
import type { RunAssistant } from "./run_system.ts";
import type { HasEvaluation } from "./session.ts";

/**
 * Opens a run.
 *
 * @param path `runs/latest`, a run folder or one of its checkpoints.
 * @returns The run; Left `FileMissing` if there is none.
 */
export function openRun(path: string): Stage<HasEvaluation, RunAssistant> {
  return pipe(
    resolvePath(path),
    RTE.flatMap((folder) =>
      fromChecked(refuse(folder, "checkpoints of runs cannot be opened yet", "evaluate predictions instead"))
    ),
  );
}
