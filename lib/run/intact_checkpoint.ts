/**
 * The newest checkpoint that is whole, and setting later steps aside when a run goes on from an earlier one.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, join } from "node:path";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { describe, type PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import type { HasBlobs } from "../tensor/weight_source.ts";
import { loadCheckpoint, type StoredCheckpoint } from "./checkpoint.ts";
import { inOrder, latestCheckpoint, listCheckpoints } from "./checkpoint_folder.ts";
import type { RunFolder } from "./folder.ts";

type Needs = HasFiles & HasLog & Partial<HasBlobs>;

const isDamage = ({ _tag }: PipelineError): boolean => _tag === "CheckpointCorrupt" || _tag === "FileMissing";

/** Checkpoints in the order in which they are tried: the newest, then older ones. */
const candidates = (folder: string): Stage<HasFiles, readonly string[]> =>
  pipe(
    RTE.Do,
    RTE.bindW("latest", () => latestCheckpoint(folder)),
    RTE.bindW("steps", () => listCheckpoints(folder)),
    RTE.map(({ latest, steps }) => {
      if (latest === undefined) return [];
      const place = steps.indexOf(basename(latest));
      const older = steps.slice(0, Math.max(place, 0)).reverse();
      return [latest, ...older.map((name) => join(folder, name))];
    }),
  );

interface Search {
  readonly left: readonly string[];
  readonly damaged: readonly PipelineError[];
}

const noneIntact = (folder: string, damaged: readonly PipelineError[]): PipelineError => ({
  _tag: "CheckpointCorrupt",
  path: folder,
  problem: `no checkpoint is intact: ${damaged.map(describe).join("; ")}`,
});

function firstIntact(folder: string, { left, damaged }: Search): Stage<Needs, StoredCheckpoint | null> {
  const [path, ...others] = left;
  if (path === undefined) {
    return RTE.fromEither(damaged.length > 0 ? E.left(noneIntact(folder, damaged)) : E.right(null));
  }
  return pipe(
    loadCheckpoint(path),
    RTE.map((checkpoint): StoredCheckpoint | null => checkpoint),
    RTE.tap(() => ({ log }: Needs) => {
      damaged.forEach((error) =>
        log.warn(`${describe(error)}; skipped, the newest intact checkpoint is ${basename(path)}`)
      );
      return TE.right(undefined);
    }),
    RTE.orElse((error) =>
      isDamage(error) ? firstIntact(folder, { left: others, damaged: [...damaged, error] }) : RTE.left(error)
    ),
  );
}

/**
 * Loads the newest checkpoint that is whole; one that is damaged is skipped with a warning that names its bad file.
 *
 * @param folder The run's `checkpoints` folder.
 * @returns A stage with the checkpoint, `null` if there is none at all; `CheckpointCorrupt` if none is intact.
 */
export function loadIntactCheckpoint(folder: string): Stage<Needs, StoredCheckpoint | null> {
  return pipe(candidates(folder), RTE.flatMap((left) => firstIntact(folder, { left, damaged: [] })));
}

/** Where a run keeps one entry per step. */
const parts = ({ checkpoints, evaluations, samples }: RunFolder): readonly string[] => [
  checkpoints,
  evaluations,
  samples,
];

const stepOf = (name: string): number => Number(/^step-(\d{6,})/.exec(name)?.[1] ?? -1);

const listNames = (path: string): Stage<HasFiles, readonly string[]> => ({ files }) => files.list(path);

/**
 * Sets aside what a run has of later steps, so that nothing old is taken for new when it goes on from an earlier one.
 *
 * Does nothing unless a later checkpoint is there: what was not yet saved comes again bit by bit.
 *
 * @param step The step that the run goes on from.
 * @returns A stage with the folder in which the later checkpoints, evaluations and samples are now; `null` if nothing was moved.
 */
export function setAsideAfter(folder: RunFolder, step: number): Stage<HasFiles, string | null> {
  const later = (names: readonly string[]): readonly string[] => names.filter((name) => stepOf(name) > step);
  const moved = (aside: string, part: string): Stage<HasFiles, void> =>
    pipe(
      listNames(part),
      RTE.map(later),
      RTE.flatMap((names) =>
        names.length === 0 ? RTE.right(undefined) : pipe(
          ({ files }: HasFiles) => files.makeFolder(join(aside, basename(part))),
          RTE.flatMap(() =>
            inOrder(
              names,
              (name) => ({ files }) => files.rename(join(part, name), join(aside, basename(part), name)),
            )
          ),
        )
      ),
    );
  return pipe(
    RTE.Do,
    RTE.bindW("checkpoints", () => listNames(folder.checkpoints)),
    RTE.bindW("before", () => listNames(join(folder.path, "set-aside"))),
    RTE.flatMap(({ checkpoints, before }): Stage<HasFiles, string | null> => {
      if (later(checkpoints).length === 0) return RTE.right(null);
      const aside = join(folder.path, "set-aside", `${before.length + 1}`);
      return pipe(inOrder(parts(folder), (part) => moved(aside, part)), RTE.map(() => aside));
    }),
  );
}
