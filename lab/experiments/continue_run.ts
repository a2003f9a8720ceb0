/**
 * A cell from where it is to its end, by the same code as `deno task train`.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import { DONE, type Stage } from "../../lib/core/stage.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import { findCell } from "./cell.ts";

/** Starts a run, or continues the one in the folder `resume`; as `personalise` does. */
export type RunOnce<R> = (settings: TrainingSettings, resume: string) => Stage<R, void>;

/**
 * Brings the run of a cell to its end: a finished one is left alone, an unfinished one goes on from its newest checkpoint.
 *
 * @param settings The cell's settings.
 * @param personalise Does a run; evaluations that a kill cut short are its business.
 * @returns A stage that ends when the run is finished; Left `Interrupted` after Ctrl-C, and the next call goes on.
 */
export function continueRun<R>(
  settings: TrainingSettings,
  personalise: RunOnce<R>,
): Stage<R & HasFiles, void> {
  return pipe(
    findCell(settings),
    RTE.flatMap((state): Stage<R & HasFiles, void> => {
      if (state._tag === "Finished") return DONE;
      return personalise(settings, state._tag === "Unfinished" ? state.folder.path : "");
    }),
  );
}
