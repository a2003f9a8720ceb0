/**
 * One cell from where it is to its end: started, continued, or left alone.
 *
 * @module
 */
import { join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../../core/capability.ts";
import type { Stage } from "../../core/stage.ts";
import { stepName } from "../../run/checkpoint_folder.ts";
import type { RunFolder } from "../../run/folder.ts";
import type { TrainingSettings } from "../../stages/settings.ts";
import { type CellState, evaluatedSteps, evaluationFile, findCell } from "./cell.ts";

/** How a run is done: `personalise`, and the evaluation of a checkpoint. */
export interface CellWork<R> {
  /** Starts a run, or continues the one in the folder. */
  readonly personalise: (settings: TrainingSettings, resume: string) => Stage<R, void>;
  /** Evaluates a checkpoint into its run folder, as the run itself does. */
  readonly evaluate: (checkpoint: string, settings: TrainingSettings) => Stage<R, void>;
}

const exists = (path: string): Stage<HasFiles, boolean> => ({ files }) => files.exists(path);

const say = (line: string): Stage<HasLog, void> => RTE.asks(({ log }: HasLog) => log.info(line));

/** What a run that was killed before its first evaluation needs. */
type Start = "there" | "checkpoint" | "lost";

function startOf(folder: RunFolder, settings: TrainingSettings): Stage<HasFiles, Start> {
  if (evaluatedSteps(settings).length === 0) return RTE.right("there");
  return pipe(
    RTE.Do,
    RTE.bind("evaluated", () => exists(evaluationFile(folder, 0))),
    RTE.bind("saved", () => exists(join(folder.checkpoints, stepName(0)))),
    RTE.map(({ evaluated, saved }) => evaluated ? "there" : saved ? "checkpoint" : "lost"),
  );
}

function resume<R>(
  settings: TrainingSettings,
  folder: RunFolder,
  work: CellWork<R>,
): Stage<R & HasFiles & HasLog, void> {
  const goOn = work.personalise(settings, folder.path) as Stage<R & HasFiles & HasLog, void>;
  return pipe(
    startOf(folder, settings) as Stage<R & HasFiles & HasLog, Start>,
    RTE.flatMap((start) => {
      if (start === "there") return goOn;
      if (start === "lost") {
        return pipe(
          say(`${folder.path} lacks the evaluation of its start and its first checkpoint; it is done again`),
          RTE.flatMap(() => work.personalise(settings, "")),
        ) as Stage<R & HasFiles & HasLog, void>;
      }
      const checkpoint = join(folder.checkpoints, stepName(0));
      const evaluated = work.evaluate(checkpoint, settings) as Stage<R & HasFiles & HasLog, void>;
      return pipe(evaluated, RTE.flatMap(() => settings.rl.maxSteps === 0 ? RTE.right(undefined) : goOn));
    }),
  );
}

/**
 * Brings a cell to its end. A finished one is left alone, an unfinished one goes on from its newest checkpoint.
 *
 * @param settings The cell's settings.
 * @param work How runs and evaluations are done.
 * @returns A stage that ends when the run is finished.
 */
export function runCell<R>(
  settings: TrainingSettings,
  work: CellWork<R>,
): Stage<R & HasFiles & HasLog, void> {
  type Needs = R & HasFiles & HasLog;
  return pipe(
    findCell(settings) as Stage<Needs, CellState>,
    RTE.flatMap((state): Stage<Needs, void> => {
      if (state._tag === "Finished") return RTE.right(undefined);
      if (state._tag === "Unfinished") return resume(settings, state.folder, work);
      return work.personalise(settings, "") as Stage<Needs, void>;
    }),
  );
}
