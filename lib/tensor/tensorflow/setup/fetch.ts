/**
 * Fetching one wheel into the stage folder. A wheel's folder appears there by a rename, once the wheel is whole.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Log } from "../../../core/capability.ts";
import { messageOf, type PipelineError } from "../../../core/error.ts";
import type { Plan, Requirement } from "./packages.ts";
import { type Finished, HASH_PROGRAM, reasonOf, runPython, setupFailed } from "./python.ts";

/** What a fetch needs to know. */
export interface FetchOptions {
  /** Where unfinished work lives. */
  readonly stage: string;
  readonly plan: Plan;
  readonly log: Log;
}

const nameOf = (requirement: Requirement): string =>
  /^[A-Za-z0-9._-]+/.exec(requirement.requirement)?.[0] ?? "wheel";

const wheelIn = (folder: string): string | null => {
  try {
    const wheel = [...Deno.readDirSync(folder)].find((entry) => entry.name.endsWith(".whl"));
    return wheel === undefined ? null : `${folder}/${wheel.name}`;
  } catch {
    return null;
  }
};

/** Bytes of all files below a folder; files may come and go meanwhile. */
function bytesBelow(folder: string): number {
  let bytes = 0;
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const path = `${folder}/${entry.name}`;
      bytes += entry.isDirectory ? bytesBelow(path) : Deno.statSync(path).size;
    }
  } catch {
    return bytes;
  }
  return bytes;
}

/**
 * Fetches a wheel with pip, or finds it from an earlier, interrupted run, and checks its hash.
 *
 * @param options Stage folder, plan, log.
 * @returns The wheel's path. Left `SetupFailed` if pip fails or the file is damaged.
 */
export function fetchWheel(
  requirement: Requirement,
  options: FetchOptions,
): TE.TaskEither<PipelineError, string> {
  const folder = `${options.stage}/wheels/${nameOf(requirement)}`;
  return pipe(
    TE.fromIO<string | null, PipelineError>(() => wheelIn(folder)),
    TE.flatMap((present) => present === null ? download(requirement, folder, options) : TE.right(present)),
    TE.flatMap((wheel) => checkHash(requirement, wheel, folder)),
  );
}

function download(
  requirement: Requirement,
  folder: string,
  { plan, log }: FetchOptions,
): TE.TaskEither<PipelineError, string> {
  const part = `${folder}.part`;
  const platforms = plan.platforms.flatMap((platform) => ["--platform", platform]);
  const args = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.12"];
  const rest = ["--no-cache-dir", "--progress-bar", "off", "--retries", "2", "--dest", part];
  const run = pipe(
    TE.tryCatch(() => emptyFolder(`${part}/tmp`), (thrown) => setupFailed("stage folder", messageOf(thrown))),
    TE.flatMap(() =>
      runPython([...args, ...platforms, ...rest, requirement.requirement], {
        environment: { TMPDIR: `${part}/tmp`, PIP_DISABLE_PIP_VERSION_CHECK: "1" },
      })
    ),
    TE.flatMap((finished: Finished) =>
      finished.success
        ? TE.right(undefined)
        : TE.left(setupFailed(`download of ${requirement.requirement}`, reasonOf(finished)))
    ),
  );
  return pipe(
    watched(run, () => log.progress(progressLine(requirement, bytesBelow(part)))),
    TE.flatMap(() =>
      TE.tryCatch(async () => {
        await Deno.remove(`${part}/tmp`, { recursive: true });
        await Deno.rename(part, folder);
        const wheel = wheelIn(folder);
        if (wheel === null) throw new Error("pip left no wheel");
        return wheel;
      }, (thrown) => setupFailed(`download of ${requirement.requirement}`, messageOf(thrown)))
    ),
  );
}

const progressLine = (requirement: Requirement, bytes: number): string =>
  `downloading ${nameOf(requirement)}: ${
    Math.min(Math.round(bytes / 1e6), requirement.megabytes)
  } of about ${requirement.megabytes} MB`;

/** Calls `report` twice a second while a task runs. */
function watched<A>(
  task: TE.TaskEither<PipelineError, A>,
  report: () => void,
): TE.TaskEither<PipelineError, A> {
  return async () => {
    const timer = setInterval(report, 500);
    try {
      return await task();
    } finally {
      clearInterval(timer);
    }
  };
}

async function emptyFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path, { recursive: true });
}

function checkHash(
  requirement: Requirement,
  wheel: string,
  folder: string,
): TE.TaskEither<PipelineError, string> {
  if (requirement.sha256 === undefined) return TE.right(wheel);
  return pipe(
    runPython(["-c", HASH_PROGRAM, wheel]),
    TE.flatMap(({ output }) => async () => {
      if (output.trim() === requirement.sha256) return E.right(wheel);
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      const problem = `the file has hash ${output.trim() || "unknown"} instead of ${requirement.sha256}`;
      return E.left(setupFailed(`download of ${requirement.requirement}`, problem, "run it again"));
    }),
  );
}
