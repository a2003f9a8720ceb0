/**
 * Installing TensorFlow's library into the project's cache: fetch, unpack, rename, and only then record.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasLog, Log } from "../../../core/capability.ts";
import { describe, messageOf, type PipelineError } from "../../../core/error.ts";
import type { Stage } from "../../../core/stage.ts";
import { libraryFiles } from "../library.ts";
import {
  cacheFolder,
  type Installed,
  installedIn,
  librariesIn,
  locateLibraries,
  namedFolder,
  pythonLibraries,
  readRecord,
  RECORD_NAME,
} from "../locate.ts";
import { fetchWheel } from "./fetch.ts";
import { type Plan, planFor } from "./packages.ts";
import { reasonOf, requirePip, runPython, setupFailed, UNPACK_PROGRAM } from "./python.ts";

/** What to install. */
export interface SetupOptions {
  /** The CUDA set instead of the CPU library. */
  readonly gpu: boolean;
  /** Use the libraries of this folder instead of fetching any. */
  readonly libraryFolder?: string | undefined;
  /** Where to install; default the project's cache folder. */
  readonly cache?: string | undefined;
}

const cacheOrFail = (cache: string | null): E.Either<PipelineError, string> => {
  return cache === null
    ? E.left(setupFailed("cache folder", "the project doesn't run from files on this disk"))
    : E.right(cache);
};

/**
 * Makes TensorFlow's library available: names an existing one, or fetches the pinned one with pip.
 *
 * Does nothing if it is installed. An interrupted run is continued; nothing half-installed ever counts.
 *
 * @param options CPU or CUDA, or an existing folder.
 * @returns The folder of the libraries. Left `SetupFailed` with the step, the problem and a remedy.
 */
export function setupTensorFlow(options: SetupOptions): Stage<HasLog, string> {
  return ({ log }) =>
    pipe(
      TE.fromEither(cacheOrFail(options.cache ?? cacheFolder())),
      TE.flatMap((cache) =>
        options.libraryFolder !== undefined
          ? adoptFolder(cache, options.libraryFolder, log)
          : adoptPythonOrFetch(cache, options, log)
      ),
    );
}

/**
 * Before training or evaluation: installs the library if the device needs it and it is nowhere to be found.
 *
 * @param options The device as in `openBackend`, and the library folder if one is named.
 * @returns Nothing. With `device: auto` a failure is one printed line; with `tensorflow` it is `SetupFailed`.
 */
export function prepareTensorFlow(
  options: { readonly device: string; readonly libraryFolder?: string | undefined },
): Stage<HasLog, void> {
  return ({ log }) => async () => {
    if (options.device !== "auto" && options.device !== "tensorflow") return E.right(undefined);
    if (namedFolder(options.libraryFolder) !== undefined) return E.right(undefined);
    if (typeof await locateLibraries() !== "string") return E.right(undefined);
    const outcome = await setupTensorFlow({ gpu: false })({ log })();
    if (E.isRight(outcome)) return E.right(undefined);
    if (options.device === "tensorflow") return outcome;
    log.warn(`going on without TensorFlow's library: ${describe(outcome.left)}`);
    return E.right(undefined);
  };
}

/** Records a folder that somebody else filled. */
function adoptFolder(cache: string, named: string, log: Log): TE.TaskEither<PipelineError, string> {
  const folder = librariesIn(named);
  if (folder === null) {
    const files = libraryFiles(Deno.build.os)?.join(" and ") ?? "TensorFlow's libraries";
    return TE.left(
      setupFailed(
        "--lib",
        `${named} doesn't hold ${files}`,
        "name the folder of Python's tensorflow package",
      ),
    );
  }
  return pipe(
    onDisk("record", async () => {
      const absolute = await Deno.realPath(folder);
      await Deno.mkdir(cache, { recursive: true });
      await writeRecord(cache, { package: "existing", version: "", folder: absolute });
      return absolute;
    }),
    TE.map((absolute) => {
      log.info(`TensorFlow's library: using ${absolute}`);
      return absolute;
    }),
  );
}

function adoptPythonOrFetch(
  cache: string,
  options: SetupOptions,
  log: Log,
): TE.TaskEither<PipelineError, string> {
  return async () => {
    const plan = planFor(Deno.build, options);
    if (E.isLeft(plan)) return plan;
    const present = presentFor(cache, plan.right);
    if (present !== null) {
      log.info("TensorFlow's library: installed already");
      return E.right(present);
    }
    const python = options.gpu ? null : await pythonLibraries();
    return await (python === null ? installPlan(cache, plan.right, log) : adoptFolder(cache, python, log))();
  };
}

const presentFor = (cache: string, plan: Plan): string | null => {
  const record = readRecord(cache);
  const wanted = record?.package === plan.package && record.version === plan.version;
  return wanted || record?.package === "existing" && plan.package !== "tensorflow-cuda"
    ? installedIn(cache)
    : null;
};

/**
 * Fetches, unpacks and records. One process at a time: others wait and then find it done.
 *
 * @param cache The cache folder.
 * @param plan What to install.
 * @param log Hears the progress.
 * @returns The folder of the libraries.
 */
export function installPlan(cache: string, plan: Plan, log: Log): TE.TaskEither<PipelineError, string> {
  return async () => {
    const opened = await onDisk("cache folder", async () => {
      await Deno.mkdir(cache, { recursive: true });
      return await Deno.open(`${cache}/setup.lock`, { create: true, write: true });
    })();
    if (E.isLeft(opened)) return opened;
    using lock = opened.right;
    await lock.lock(true);
    const present = presentFor(cache, plan);
    return present !== null ? E.right(present) : await fetchAndUnpack(cache, plan, log)();
  };
}

function fetchAndUnpack(cache: string, plan: Plan, log: Log): TE.TaskEither<PipelineError, string> {
  const stage = `${cache}/stage-${plan.package}-${plan.version}`;
  const name = `${plan.package}-${plan.version}`;
  return pipe(
    requirePip(),
    TE.flatMap(() =>
      TE.traverseSeqArray((requirement: Plan["requirements"][number]) =>
        fetchWheel(requirement, { stage, plan, log })
      )(plan.requirements)
    ),
    TE.flatMap((wheels) => unpackAll(wheels, { target: `${stage}/tree`, keep: plan.keep, log })),
    TE.flatMap(() =>
      onDisk("installation", async () => {
        await Deno.remove(`${cache}/${name}`, { recursive: true }).catch(() => {});
        await Deno.rename(`${stage}/tree`, `${cache}/${name}`);
        await writeRecord(cache, { ...plan, folder: `${name}/tensorflow` });
        await removeOthers(cache, name);
        log.info(`TensorFlow's library: ${plan.package} ${plan.version} installed`);
        return `${cache}/${name}/tensorflow`;
      })
    ),
  );
}

function unpackAll(
  wheels: readonly string[],
  { target, keep, log }: { readonly target: string; readonly keep: string; readonly log: Log },
): TE.TaskEither<PipelineError, void> {
  return async () => {
    await Deno.remove(target, { recursive: true }).catch(() => {});
    for (const wheel of wheels) {
      log.progress(`unpacking ${wheel.slice(wheel.lastIndexOf("/") + 1)}`);
      const onLine = (name: string) => log.progress(`unpacked ${name}`);
      const finished = await runPython(["-c", UNPACK_PROGRAM, wheel, target, keep], { onLine })();
      if (E.isLeft(finished)) return finished;
      if (!finished.right.success) return E.left(setupFailed("unpacking", reasonOf(finished.right)));
    }
    return E.right(undefined);
  };
}

/** Written last, by a rename: its presence means that everything before it is complete. */
async function writeRecord(cache: string, record: Omit<Installed, "sizes">): Promise<void> {
  const folder = record.folder.startsWith("/") ? record.folder : `${cache}/${record.folder}`;
  const files = libraryFiles(Deno.build.os) ?? [];
  const sizes = Object.fromEntries(files.map((file) => [file, Deno.statSync(`${folder}/${file}`).size]));
  const { package: name, version } = record;
  const temporary = `${cache}/${RECORD_NAME}.tmp`;
  const text = JSON.stringify({ package: name, version, folder: record.folder, sizes } satisfies Installed);
  await Deno.writeTextFile(temporary, `${text}\n`);
  await Deno.rename(temporary, `${cache}/${RECORD_NAME}`);
}

/** Frees the disk of stage folders and of what was installed before. */
async function removeOthers(cache: string, name: string): Promise<void> {
  const kept = new Set([name, RECORD_NAME, "setup.lock"]);
  for (const entry of await Array.fromAsync(Deno.readDir(cache))) {
    if (!kept.has(entry.name)) await Deno.remove(`${cache}/${entry.name}`, { recursive: true });
  }
}

function onDisk<A>(step: string, body: () => Promise<A>): TE.TaskEither<PipelineError, A> {
  return TE.tryCatch(
    body,
    (thrown) =>
      setupFailed(step, messageOf(thrown), "free the disk space or fix the permissions, and run it again"),
  );
}
