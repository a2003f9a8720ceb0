/**
 * A cell of an experiment: one personalisation run with fixed settings, found again by them.
 *
 * @module
 */
import { basename, join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { configHash } from "../../lib/config/stringify.ts";
import type { PositiveInt } from "../../lib/config/numbers.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { latestCheckpoint, stepName } from "../../lib/run/checkpoint_folder.ts";
import { type RunFolder, runFolder } from "../../lib/run/folder.ts";
import { withCompat } from "../../lib/method/compat.ts";
import { TRAINING, type TrainingSettings } from "../../lib/method/settings.ts";
import { comparedWeights } from "../../lib/trained/weights_used.ts";

/** One run of an experiment. */
export interface Cell {
  /** `nano-mip-s1`: the name of the run, unique in an experiment. */
  readonly id: string;
  /** What is compared: the name of the settings. */
  readonly variant: string;
  readonly concept: string;
  readonly seed: number;
  readonly settings: TrainingSettings;
}

/** What an experiment repeats its settings over. */
export interface CellPlan {
  /** Concept folders or ids. */
  readonly concepts: readonly string[];
  readonly seeds: readonly number[];
  /** Folder of the run folders. */
  readonly runs: string;
  /** Tasks of the evaluations before and after. */
  readonly tasks: readonly string[];
  /** Lists in which each fact is asked for; as the settings say if left out. */
  readonly orders?: PositiveInt;
}

/**
 * Lists the runs that settings need: every concept with every seed.
 *
 * @param base The settings; their name names the variant.
 * @param plan Concepts, seeds, folder, tasks.
 * @returns One cell each, seeds of a concept next to one another.
 */
export function cellsOf(base: TrainingSettings, plan: CellPlan): readonly Cell[] {
  const { runs, tasks, orders } = plan;
  return plan.concepts.flatMap((reference) =>
    plan.seeds.map((seed): Cell => {
      const concept = basename(reference).replace(/^<(.+)>$/, "$1");
      const id = `${base.name}-${concept}-s${seed}`;
      const evaluation = { ...base.evaluation, tasks, orders: orders ?? base.evaluation.orders };
      return {
        id,
        variant: base.name,
        concept,
        seed,
        settings: { ...base, name: id, concept: reference, seed, runs, evaluation },
      };
    })
  );
}

/** How far a cell is. */
export type CellState =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "Unfinished"; readonly folder: RunFolder }
  | { readonly _tag: "Finished"; readonly folder: RunFolder };

/** Steps at which a finished run of these settings has been evaluated: before and after the updates. */
export function evaluatedSteps({ rl, evaluation }: TrainingSettings): readonly number[] {
  if (evaluation.tasks.length === 0) return [];
  return rl.maxSteps === 0 ? [0] : [0, rl.maxSteps];
}

/**
 * Names the file of an evaluation.
 *
 * @param step The update after which it was made.
 * @returns The path, whether it exists or not.
 */
export function evaluationFile(folder: RunFolder, step: number): string {
  return join(folder.evaluations, `${stepName(step)}.json`);
}

/** Files that a finished run has. */
const proofs = (folder: RunFolder, settings: TrainingSettings): readonly string[] => [
  join(folder.checkpoints, stepName(settings.rl.maxSteps)),
  ...evaluatedSteps(settings).map((step) => evaluationFile(folder, step)),
];

const allExist = (paths: readonly string[]): Stage<HasFiles, boolean> => ({ files }) =>
  pipe(TE.traverseSeqArray(files.exists)(paths), TE.map((found) => found.every((each) => each)));

const stateOfFolder = (path: string, settings: TrainingSettings): Stage<HasFiles, CellState> => {
  const folder = runFolder(path);
  return pipe(
    allExist(proofs(folder, settings)),
    RTE.flatMap((finished): Stage<HasFiles, CellState> =>
      finished ? RTE.right({ _tag: "Finished", folder }) : pipe(
        latestCheckpoint(folder.checkpoints),
        RTE.map((checkpoint): CellState =>
          checkpoint === undefined ? { _tag: "Absent" } : { _tag: "Unfinished", folder }
        ),
      )
    ),
  );
};

/** A run from weights that the profile no longer holds is none of this experiment. */
const stateOfSameWeights = (path: string, settings: TrainingSettings): Stage<HasFiles, CellState> =>
  pipe(
    comparedWeights(runFolder(path), settings),
    RTE.flatMap((weights) =>
      weights === "other"
        ? RTE.right<HasFiles, never, CellState>({ _tag: "Absent" })
        : stateOfFolder(path, settings)
    ),
  );

const RANK = { Finished: 2, Unfinished: 1, Absent: 0 } as const;

/**
 * Finds the run of a cell among the run folders: the one whose name holds the cell's name and the hash of its settings, made
 * from the weights that the profile holds now.
 *
 * @param settings The cell's settings.
 * @returns A finished run if there is one, else the newest with a checkpoint, else `Absent`.
 */
export function findCell(settings: TrainingSettings): Stage<HasFiles, CellState> {
  const hash = configHash(TRAINING, withCompat(settings));
  const isOurs = (name: string): boolean =>
    name.startsWith(`${settings.name}-`) &&
    /^-\d{8}-\d{6}-[0-9a-f]{8}(-\d+)?$/.test(name.slice(settings.name.length)) &&
    name.includes(`-${hash}`);
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.list(settings.runs)),
    RTE.map((names) => names.filter(isOurs).map((name) => join(settings.runs, name))),
    RTE.flatMap((paths) => RTE.traverseSeqArray((path: string) => stateOfSameWeights(path, settings))(paths)),
    RTE.map((states) =>
      states.reduce<CellState>((best, state) => RANK[state._tag] >= RANK[best._tag] ? state : best, {
        _tag: "Absent",
      })
    ),
  );
}
