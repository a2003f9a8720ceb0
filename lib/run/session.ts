/**
 * Starting a run, and continuing one exactly where it stopped.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { Section } from "../config/field.ts";
import { loadConfig } from "../config/load.ts";
import { type ConfigDifference, configHash, diffConfigs, stringifyConfig } from "../config/stringify.ts";
import type { HasClock, HasFiles, HasLog } from "../core/capability.ts";
import { refuse } from "../core/refuse.ts";
import type { Checked, Stage } from "../core/stage.ts";
import { loadCheckpoint, type StoredCheckpoint } from "./checkpoint.ts";
import { recoverCheckpoints } from "./checkpoint_folder.ts";
import { createRunFolder, resolveRunPlace, type RunFolder, type RunPlace } from "./folder.ts";
import { loadIntactCheckpoint, setAsideAfter } from "./intact_checkpoint.ts";
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

/** How strictly a resume compares configs. A path stands for everything below it, too. */
export interface ResumeOptions {
  /** The folder of all runs, for a bare name. */
  readonly root: string;
  /** Go on although the config differs. */
  readonly force: boolean;
  /** YAML paths that may differ: they change when a run stops, what it holds in memory or what it prints. */
  readonly mayDiffer: readonly string[];
  /** YAML paths that may not differ even by force → why. */
  readonly fixed: Readonly<Record<string, string>>;
}

/** A run that goes on. */
export interface ResumedRun {
  readonly folder: RunFolder;
  readonly checkpoint: StoredCheckpoint;
  /** Settings that are other than before. */
  readonly changes: readonly ConfigDifference[];
}

const differenceText = ({ path, before, after }: ConfigDifference): string =>
  `${path} was ${JSON.stringify(before) ?? "absent"}, is ${JSON.stringify(after) ?? "absent"}`;

const isBelow = (path: string, above: string): boolean => path === above || path.startsWith(`${above}.`);

/**
 * Judges the settings that a run is to go on with.
 *
 * @param changes What differs from before.
 * @param options Which differences are allowed.
 * @returns What is wrong, each refused setting with both values, and the remedy; `null` if the run may go on.
 */
export function resumeProblem(
  changes: readonly ConfigDifference[],
  { force, mayDiffer, fixed }: Omit<ResumeOptions, "root">,
): { readonly problem: string; readonly remedy: string } | null {
  const reasons = changes.flatMap((change) => {
    const above = Object.keys(fixed).find((path) => isBelow(change.path, path));
    return above === undefined ? [] : [`${differenceText(change)} (${fixed[above]})`];
  });
  if (reasons.length > 0) {
    return {
      problem: `cannot go on with ${reasons.join("; ")}`,
      remedy: "leave it as it was, or start a new run",
    };
  }
  const refused = changes.filter(({ path }) => !mayDiffer.some((above) => isBelow(path, above)));
  if (force || refused.length === 0) return null;
  return {
    problem: `the config differs from the run's: ${refused.map(differenceText).join("; ")}`,
    remedy: "leave it as it was, or --force to go on all the same",
  };
}

const checkpointOfRun = ({ folder, checkpoint }: RunPlace): Stage<HasFiles & HasLog, StoredCheckpoint> =>
  pipe(
    recoverCheckpoints(folder.checkpoints),
    RTE.flatMap((): Stage<HasFiles & HasLog, StoredCheckpoint | null> =>
      checkpoint === null ? loadIntactCheckpoint(folder.checkpoints) : loadCheckpoint(checkpoint)
    ),
    RTE.flatMapEither((found): Checked<StoredCheckpoint> =>
      found !== null
        ? E.right(found)
        : refuse(folder.path, "the run has no checkpoint yet", "start a new run without --resume")
    ),
  );

/**
 * Finds the run to continue: compares configs, mends what a crash left, loads the newest intact checkpoint or the one that is
 * named. Changes nothing else; {@link goOn} does.
 *
 * @param path `latest`, a run's name, its folder, or one of its checkpoints.
 * @param run The config of now.
 * @param options How strictly configs are compared.
 * @returns A stage with the run's paths and its state; `InputInvalid` lists every setting that may not differ.
 */
export function resumeRun<C>(
  path: string,
  run: RunConfig<C>,
  options: ResumeOptions,
): Stage<HasFiles & HasLog, ResumedRun> {
  const changesOf = (folder: RunFolder): Stage<HasFiles, readonly ConfigDifference[]> =>
    pipe(
      loadConfig(run.schema, { path: folder.config }),
      RTE.map((before) => diffConfigs(run.schema, before as C, run.config)),
      RTE.flatMapEither((changes) => {
        const found = resumeProblem(changes, options);
        return found === null ? E.right(changes) : refuse(folder.config, found.problem, found.remedy);
      }),
    );
  return pipe(
    resolveRunPlace(path, options.root),
    RTE.bindTo("place"),
    RTE.bindW("changes", ({ place }) => changesOf(place.folder)),
    RTE.bindW("checkpoint", ({ place }) => checkpointOfRun(place)),
    RTE.map(({ place, changes, checkpoint }) => ({ folder: place.folder, changes, checkpoint })),
  );
}

/** One line of `config_history.jsonl` per changed setting; then `config.yaml` tells what holds now. */
const keepChanges = <C>(
  { folder, changes, step }: Omit<ResumedRun, "checkpoint"> & { readonly step: number },
  { schema, config }: RunConfig<C>,
): Stage<HasFiles & HasLog & HasClock, void> =>
({ files, log, clock }) => {
  if (changes.length === 0) return TE.right(undefined);
  const told = changes.map(({ path, before, after }) =>
    `${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`
  );
  log.info(`settings from step ${step} on: ${told.join("; ")}`);
  const lines = changes.map((change) => `${JSON.stringify({ date: clock.date(), step, ...change })}\n`);
  return pipe(
    files.append(join(folder.path, "config_history.jsonl"), lines.join("")),
    TE.flatMap(() => files.writeAtomic(folder.config, stringifyConfig(schema, config))),
  );
};

/**
 * Readies the folder of a run that goes on: keeps every change of settings, drops later metrics, sets later steps aside.
 *
 * @param resumed The run, as {@link resumeRun} found it, and its step.
 * @param run The config of now.
 * @returns A stage that says what it changed.
 */
export function goOn<C>(
  resumed: Omit<ResumedRun, "checkpoint"> & { readonly step: number },
  run: RunConfig<C>,
): Stage<HasFiles & HasLog & HasClock, void> {
  const { folder, step } = resumed;
  return pipe(
    keepChanges(resumed, run),
    RTE.flatMap(() => setAsideAfter(folder, step)),
    RTE.tap((aside) => ({ log }: HasLog) => {
      if (aside !== null) {
        log.warn(`going on from step ${step}; what the run has of later steps is now in ${aside}`);
      }
      return TE.right(undefined);
    }),
    RTE.flatMap(() => truncateMetrics(folder.metrics, step)),
  );
}
