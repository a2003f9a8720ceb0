/**
 * Deleting a run with a way back: it is moved into a folder beside the runs.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, join } from "node:path";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { findRun, runNames } from "./run_card.ts";

const trashOf = (root: string): string => join(root, ".trash");

const taken = (name: string): PipelineError => ({
  ...{ _tag: "InputInvalid", where: name, problem: "is there already" },
  remedy: "remove or rename the one in the way",
});

const move = (from: string, to: string): Stage<HasFiles, void> => ({ files }) =>
  pipe(
    files.exists(to),
    TE.flatMap((exists) => exists ? TE.left(taken(basename(to))) : files.rename(from, to)),
  );

/**
 * Lists the runs in the trash.
 *
 * @param root The folder of all runs.
 * @returns A stage with their names.
 */
export function trashedRuns(root: string): Stage<HasFiles, readonly string[]> {
  return runNames(trashOf(root));
}

/**
 * Moves a run into the trash.
 *
 * @param root The folder of all runs.
 * @returns A stage; left `FileMissing` if no run is called so.
 */
export function trashRun(root: string, name: string): Stage<HasFiles, void> {
  return pipe(
    findRun(root, name),
    RTE.tap(() => ({ files }: HasFiles) => files.makeFolder(trashOf(root))),
    RTE.flatMap(({ path }) => move(path, join(trashOf(root), basename(path)))),
  );
}

/**
 * Moves a run out of the trash.
 *
 * @param root The folder of all runs.
 * @returns A stage; left `FileMissing` if it is not in the trash, `InputInvalid` if another one took its name.
 */
export function restoreRun(root: string, name: string): Stage<HasFiles, void> {
  return pipe(
    findRun(trashOf(root), name),
    RTE.flatMap(({ path }) => move(path, join(root, basename(path)))),
  );
}
