/**
 * Starting a run, and continuing one exactly where it stopped.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Section } from "../config/field.ts";
import { loadConfig } from "../config/load.ts";
import { type ConfigDifference, configHash, diffConfigs, stringifyConfig } from "../config/stringify.ts";
import type { HasClock, HasFiles, HasLog } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { loadCheckpoint, type StoredCheckpoint } from "./checkpoint.ts";
import { latestCheckpoint, recoverCheckpoints } from "./checkpoint_folder.ts";
import { createRunFolder, resolveRun, type RunFolder } from "./folder.ts";
import { type RunFacts, writeManifest } from "./manifest.ts";
import { truncateMetrics } from "./metrics_log.ts";

/** A config with the schema that explains it. */
export interface RunConfig<C> {
  readonly schema: Section<C>;
  readonly config: NoInfer<C>;
}

/** Where runs live. */
export interface RunPlaces {
  /** The folder of all runs. */
  readonly root: string;
  /** The folder that holds `.git`. */
  readonly project: string;
}

/**
 * Starts a run: its folder, the resolved config, the manifest, the pointer `latest`.
 *
 * @param facts Name, command, seeds, backend, machine.
 * @param places Where runs live.
 * @returns A stage with the run's paths.
 */
export function startRun<C>(
  { schema, config }: RunConfig<C>,
  facts: Omit<RunFacts, "configHash">,
  places: RunPlaces,
): Stage<HasFiles & HasClock, RunFolder> {
  const hash = configHash(schema, config);
  const writeConfig = (folder: RunFolder): Stage<HasFiles, void> => ({ files }) =>
    files.writeAtomic(folder.config, stringifyConfig(schema, config));
  return pipe(
    createRunFolder(facts.name, { root: places.root, hash }),
    RTE.tap(writeConfig),
    RTE.tap((folder) =>
      writeManifest(folder.manifest, { ...facts, configHash: hash }, { root: places.project })
    ),
  );
}

/** How strictly a resume compares configs. */
export interface ResumeOptions {
  /** The folder of all runs, for a bare name. */
  readonly root: string;
  /** Go on although the config differs. */
  readonly force: boolean;
  /** YAML paths that may differ: they change when a run stops or what it prints, not what it computes. */
  readonly mayDiffer: readonly string[];
}

/** A run that goes on. */
export interface ResumedRun {
  readonly folder: RunFolder;
  readonly checkpoint: StoredCheckpoint;
}

const differenceText = ({ path, before, after }: ConfigDifference): string =>
  `${path} was ${JSON.stringify(before) ?? "absent"}, is ${JSON.stringify(after) ?? "absent"}`;

/**
 * Compares the config of a run with the one it is to go on with.
 *
 * @param before The config of the run.
 * @param after The config of now.
 * @param options Which differences are allowed.
 * @returns The differences that count, in words; none if the run may go on.
 */
export function resumeProblems<C>(
  before: RunConfig<C>,
  after: NoInfer<C>,
  options: Pick<ResumeOptions, "mayDiffer">,
): readonly string[] {
  return diffConfigs(before.schema, before.config, after)
    .filter(({ path }) => !options.mayDiffer.includes(path))
    .map(differenceText);
}

const refuseDifferences = (
  folder: RunFolder,
  problems: readonly string[],
  force: boolean,
): Stage<HasLog, void> =>
({ log }) => {
  const text = `the config differs from the run's: ${problems.join("; ")}`;
  if (problems.length > 0 && force) log.warn(text);
  if (problems.length === 0 || force) return TE.right(undefined);
  const remedy = "use the run's config.yaml, or --force to go on all the same";
  return TE.left<PipelineError>({ _tag: "InputInvalid", where: folder.config, problem: text, remedy });
};

const newestCheckpoint = (folder: RunFolder): Stage<HasFiles, StoredCheckpoint> =>
  pipe(
    recoverCheckpoints(folder.checkpoints),
    RTE.flatMap(() => latestCheckpoint(folder.checkpoints)),
    RTE.flatMap((path): Stage<HasFiles, StoredCheckpoint> =>
      path !== undefined ? loadCheckpoint(path) : RTE.fromEither(E.left({
        _tag: "InputInvalid",
        where: folder.path,
        problem: "the run has no checkpoint yet",
        remedy: "start a new run without --resume",
      }))
    ),
  );

/**
 * Continues a run: mends what a crash left, loads the newest checkpoint, compares configs, drops later metrics.
 *
 * @param path `runs/latest`, a run's name or its folder.
 * @param run The config of now.
 * @param options How strictly configs are compared.
 * @returns A stage with the run's paths and its state; `InputInvalid` lists every setting that differs.
 */
export function resumeRun<C>(
  path: string,
  run: RunConfig<C>,
  options: ResumeOptions,
): Stage<HasFiles & HasLog, ResumedRun> {
  const compare = (folder: RunFolder): Stage<HasFiles & HasLog, void> =>
    pipe(
      loadConfig(run.schema, { path: folder.config }),
      RTE.map((before) => resumeProblems({ schema: run.schema, config: before as C }, run.config, options)),
      RTE.flatMap((problems) => refuseDifferences(folder, problems, options.force)),
    );
  const restore = (folder: RunFolder): Stage<HasFiles, ResumedRun> =>
    pipe(
      newestCheckpoint(folder),
      RTE.tap((checkpoint) => truncateMetrics(folder.metrics, checkpoint.step)),
      RTE.map((checkpoint) => ({ folder, checkpoint })),
    );
  return pipe(
    resolveRun(path, options.root),
    RTE.flatMap((folder) => pipe(compare(folder), RTE.flatMap(() => restore(folder)))),
  );
}
