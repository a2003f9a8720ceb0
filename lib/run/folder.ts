/**
 * Run folders: their names, their parts, and the pointers `latest` and `best`.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, dirname, join } from "node:path";
import type { Files, HasClock, HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";

/** The paths of one run. */
export interface RunFolder {
  readonly path: string;
  /** The resolved config with every default filled in. */
  readonly config: string;
  readonly manifest: string;
  /** One JSON object per step. */
  readonly metrics: string;
  readonly samples: string;
  readonly checkpoints: string;
  /** One JSON file per evaluated step. */
  readonly evaluations: string;
  readonly report: string;
  /** What the reader of the report should know, a line each. */
  readonly notes: string;
  readonly log: string;
}

/** Words that stand for a path written in a text file of that name. */
const POINTERS: readonly string[] = ["latest", "best"];

/**
 * Lists the paths of a run.
 *
 * @returns The paths of its parts, whether they exist or not.
 */
export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, "config.yaml"),
    manifest: join(path, "manifest.json"),
    metrics: join(path, "metrics.jsonl"),
    samples: join(path, "samples"),
    checkpoints: join(path, "checkpoints"),
    evaluations: join(path, "eval"),
    report: join(path, "report.html"),
    notes: join(path, "notes.txt"),
    log: join(path, "log.txt"),
  };
}

/**
 * Names a run folder: `<name>-<yyyymmdd-hhmmss>-<config hash>`.
 *
 * @param name What the user calls the run; anything but letters, digits, `.`, `_` and `-` becomes `-`.
 * @param options.date When it starts, ISO 8601 (UTC).
 * @param options.hash Eight hexadecimal digits of the config.
 * @returns The name; names of one run sort by time.
 *
 * @example
 * ```ts
 * import { runFolderName } from "./folder.ts";
 * import assert from "node:assert/strict";
 * const name = runFolderName("my dog", { date: "2026-03-01T12:30:05.123Z", hash: "0a1b2c3d" });
 * assert.equal(name, "my-dog-20260301-123005-0a1b2c3d");
 * ```
 */
export function runFolderName(
  name: string,
  options: { readonly date: string; readonly hash: string },
): string {
  const slug = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "");
  const time = options.date.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${slug === "" ? "run" : slug}-${time}-${options.hash}`;
}

/** The first of `path`, `path-2`, `path-3`… that does not exist. */
const freePath = (files: Files, path: string, attempt = 1): TE.TaskEither<PipelineError, string> => {
  const candidate = attempt === 1 ? path : `${path}-${attempt}`;
  return pipe(
    files.exists(candidate),
    TE.flatMap((taken) => taken ? freePath(files, path, attempt + 1) : TE.right(candidate)),
  );
};

/**
 * Creates the folder of a new run and points `latest` to it.
 *
 * @param name What the user calls the run.
 * @param options.root The folder of all runs, `runs`.
 * @param options.hash The config's hash.
 * @returns A stage with the run's paths; a second run within one second gets `-2` at the end of its name.
 */
export function createRunFolder(
  name: string,
  options: { readonly root: string; readonly hash: string },
): Stage<HasFiles & HasClock, RunFolder> {
  return ({ files, clock }) =>
    pipe(
      freePath(files, join(options.root, runFolderName(name, { date: clock.date(), hash: options.hash }))),
      TE.tap((path) => files.makeFolder(path)),
      TE.tap((path) => writePointer(join(options.root, "latest"), basename(path))({ files })),
      TE.map(runFolder),
    );
}

/**
 * Points a name such as `latest` to a neighbour: a text file, so that it works on every file system.
 *
 * @param path The pointer, `runs/latest`.
 * @param target The neighbour's name.
 * @returns A stage that replaces the pointer at once.
 */
export function writePointer(path: string, target: string): Stage<HasFiles, void> {
  return ({ files }) => files.writeAtomic(path, `${target}\n`);
}

/**
 * Reads a pointer.
 *
 * @param path The pointer, `runs/latest`.
 * @returns A stage with the path it points to, or `undefined` if there is no pointer or its target is gone.
 */
export function readPointer(path: string): Stage<HasFiles, string | undefined> {
  return ({ files }) =>
    pipe(
      textIfThere(files, path),
      TE.map((text) => text.trim()),
      TE.flatMap((name) => {
        if (name === "" || name !== basename(name)) return TE.right(undefined);
        const target = join(dirname(path), name);
        return pipe(files.exists(target), TE.map((exists) => exists ? target : undefined));
      }),
    );
}

/**
 * Finds the folder that a user means: `runs/latest`, `latest`, or the folder itself.
 *
 * @param path What the user wrote.
 * @param root The folder of all runs, for a bare `latest` or a bare run name.
 * @returns A stage with the folder; `FileMissing` if there is none.
 */
export function resolvePath(path: string, root = "runs"): Stage<HasFiles, string> {
  const inRoot = basename(path) === path ? join(root, path) : path;
  const missing: PipelineError = {
    _tag: "FileMissing",
    path,
    remedy: "name a run folder, or train first",
  };
  const pointed: Stage<HasFiles, string | undefined> = POINTERS.includes(basename(inRoot))
    ? readPointer(inRoot)
    : RTE.right(undefined);
  return (needs) =>
    pipe(
      pointed(needs),
      TE.flatMap((target) => {
        if (target !== undefined) return TE.right(target);
        const candidates = POINTERS.includes(basename(inRoot)) ? [] : [path, inRoot];
        return firstExisting(needs.files, candidates, missing);
      }),
    );
}

const firstExisting = (
  files: Files,
  candidates: readonly string[],
  missing: PipelineError,
): TE.TaskEither<PipelineError, string> => {
  const [first, ...others] = candidates;
  if (first === undefined) return TE.left(missing);
  return pipe(
    files.exists(first),
    TE.flatMap((exists) => exists ? TE.right(first) : firstExisting(files, others, missing)),
  );
};

/**
 * Finds a run.
 *
 * @param path `runs/latest`, `latest`, a run's name or its folder.
 * @param root The folder of all runs.
 * @returns A stage with the run's paths; `FileMissing` if there is none.
 */
export function resolveRun(path: string, root = "runs"): Stage<HasFiles, RunFolder> {
  return pipe(resolvePath(path, root), RTE.map(runFolder));
}

/** A run, and the checkpoint that was named with it. */
export interface RunPlace {
  readonly folder: RunFolder;
  /** The checkpoint's folder; `null` = the newest. */
  readonly checkpoint: string | null;
}

/**
 * Finds a run, or one of its checkpoints: `latest`, a name, `runs/NAME`, `runs/NAME/checkpoints/step-000040`.
 *
 * @param path What the user wrote.
 * @param root The folder of all runs.
 * @returns A stage with both; `FileMissing` if there is no such folder, or if it holds no run.
 */
export function resolveRunPlace(path: string, root = "runs"): Stage<HasFiles, RunPlace> {
  const placeOf = (found: string): RunPlace => {
    if (basename(found) === "checkpoints") return { folder: runFolder(dirname(found)), checkpoint: null };
    const parent = dirname(found);
    return basename(parent) === "checkpoints"
      ? { folder: runFolder(dirname(parent)), checkpoint: found }
      : { folder: runFolder(found), checkpoint: null };
  };
  return pipe(
    resolvePath(path.replace(/(?<=.)[\\/]+$/, ""), root),
    RTE.map(placeOf),
    RTE.tap(({ folder }) => ({ files }: HasFiles) =>
      pipe(
        files.exists(folder.config),
        TE.flatMap((exists): TE.TaskEither<PipelineError, void> =>
          exists ? TE.right(undefined) : TE.left({
            _tag: "FileMissing",
            path: folder.config,
            remedy: `${folder.path} is no run folder; name one, such as those that deno task runs lists`,
          })
        ),
      )
    ),
  );
}

/**
 * Makes sure that a folder can be written, before hours of work go into it.
 *
 * @param path The folder; made if missing.
 * @returns A stage that leaves nothing in it; `FileFailure` naming the folder.
 */
export function checkWritable(path: string): Stage<HasFiles, void> {
  const trial = join(path, ".write-trial");
  return ({ files }) =>
    pipe(
      files.makeFolder(path),
      TE.flatMap(() => files.writeAtomic(trial, "")),
      TE.flatMap(() => files.remove(trial)),
      TE.mapLeft((error) => error._tag === "FileFailure" ? { ...error, path } : error),
    );
}
