/**
 * The folder of checkpoints: names, order, and which to keep.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RA from "fp-ts/lib/ReadonlyArray.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { readPointer, writePointer } from "./folder.ts";

const FOLDER_PATTERN = /^step-\d{6,}$/;
const UNFINISHED_PATTERN = /^step-\d{6,}\.(?:tmp|old)$/;

/**
 * Names the folder of a step.
 *
 * @param step The update after which the state was taken.
 * @returns `step-000040`.
 */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/**
 * Runs a stage for each item, one after the other, and stops at the first failure.
 *
 * @param each The stage for one.
 */
export function inOrder<A>(
  items: readonly A[],
  each: (item: A) => Stage<HasFiles, void>,
): Stage<HasFiles, void> {
  return pipe(items, RA.map(each), RTE.sequenceSeqArray, RTE.map(() => undefined));
}

const removePath = (path: string): Stage<HasFiles, void> => ({ files }) => files.remove(path);
const listFolder = (path: string): Stage<HasFiles, readonly string[]> => ({ files }) => files.list(path);

const restoreOrRemove = (folder: string, name: string): Stage<HasFiles, void> => ({ files }) => {
  const leftover = join(folder, name);
  const place = leftover.replace(/\.old$/, "");
  if (place === leftover) return files.remove(leftover);
  return pipe(
    files.exists(place),
    TE.flatMap((replaced) => replaced ? files.remove(leftover) : files.rename(leftover, place)),
  );
};

/**
 * Clears up after an interrupted save: half-written folders go, a checkpoint that was about to be replaced comes back.
 *
 * @param folder The run's `checkpoints` folder.
 * @returns A stage; call it before resuming.
 */
export function recoverCheckpoints(folder: string): Stage<HasFiles, void> {
  return pipe(
    listFolder(folder),
    RTE.map((names) => names.filter((name) => UNFINISHED_PATTERN.test(name) || name.endsWith(".tmp"))),
    RTE.flatMap((names) => inOrder(names, (name) => restoreOrRemove(folder, name))),
  );
}

/**
 * Removes all but the newest checkpoints, and the best.
 *
 * @param folder The run's `checkpoints` folder.
 * @param keep How many stay, ≥ 1.
 */
export function removeOld(folder: string, keep: number): Stage<HasFiles, void> {
  const kept = pipe(
    RTE.Do,
    RTE.bindW("latest", () => readPointer(join(folder, "latest"))),
    RTE.bindW("best", () => readPointer(join(folder, "best"))),
    RTE.map(({ latest, best }) => [latest, best].map((path) => path === undefined ? "" : basename(path))),
  );
  return pipe(
    RTE.Do,
    RTE.bindW("kept", () => kept),
    RTE.bindW("steps", () => listCheckpoints(folder)),
    RTE.flatMap(({ kept, steps }) =>
      inOrder(
        steps.slice(0, Math.max(0, steps.length - Math.max(1, keep))).filter((name) => !kept.includes(name)),
        (name) => removePath(join(folder, name)),
      )
    ),
  );
}

/**
 * Points `best` to a checkpoint.
 *
 * @param folder The run's `checkpoints` folder.
 * @param step A saved step.
 */
export function markBest(folder: string, step: number): Stage<HasFiles, void> {
  return writePointer(join(folder, "best"), stepName(step));
}

/**
 * Lists finished checkpoints.
 *
 * @param folder The run's `checkpoints` folder.
 * @returns A stage with their names, oldest step first.
 */
export function listCheckpoints(folder: string): Stage<HasFiles, readonly string[]> {
  return pipe(
    listFolder(folder),
    RTE.map((names) =>
      names.filter((name) => FOLDER_PATTERN.test(name)).sort((a, b) =>
        Number(a.slice(5)) - Number(b.slice(5))
      )
    ),
  );
}

/**
 * Finds the newest checkpoint: the target of `latest`, or the highest step where the pointer is missing.
 *
 * @param folder The run's `checkpoints` folder.
 * @returns A stage with its path, or `undefined` if there is none.
 */
export function latestCheckpoint(folder: string): Stage<HasFiles, string | undefined> {
  return pipe(
    RTE.Do,
    RTE.bindW("pointed", () => readPointer(join(folder, "latest"))),
    RTE.bindW("steps", () => listCheckpoints(folder)),
    RTE.map(({ pointed, steps }) => {
      const newest = steps[steps.length - 1];
      return pointed ?? (newest === undefined ? undefined : join(folder, newest));
    }),
  );
}

/**
 * Finds the best checkpoint by evaluation, or the newest where none was marked.
 *
 * @param folder The run's `checkpoints` folder.
 * @returns A stage with its path, or `undefined` if there is none.
 */
export function bestCheckpoint(folder: string): Stage<HasFiles, string | undefined> {
  return pipe(
    readPointer(join(folder, "best")),
    RTE.flatMap((best) => best === undefined ? latestCheckpoint(folder) : RTE.right(best)),
  );
}
