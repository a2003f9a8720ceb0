/**
 * What a run leaves behind, for comparing one run with another; and files that die.
 *
 * @module
 */
import { join } from "node:path";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { PipelineError } from "../../lib/core/error.ts";
import { type MetricsRow, parseMetrics } from "../../lib/run/metrics_log.ts";
import type { HasBlobs } from "../../lib/tensor/weight_source.ts";

const OF_THE_PROCESS = /^time\/|^step_time$|^tokens_per_second$|^tensors\/|^memory\//;

/**
 * Finds the one run in a folder of runs.
 *
 * @returns The run's folder.
 */
export function onlyRun(runs: string): string {
  const folders = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
  if (folders.length !== 1) throw new Error(`${folders.length} runs in ${runs}`);
  return join(runs, folders[0]?.name ?? "");
}

/**
 * Reads the metrics of a run.
 *
 * @returns All rows of `metrics.jsonl`.
 */
export function metricsOf(run: string): readonly MetricsRow[] {
  return parseMetrics(Deno.readTextFileSync(join(run, "metrics.jsonl")));
}

/** The content of a checkpoint's file; the settings' hash is left out, for it knows where the run lies. */
function contentOf(path: string): unknown {
  if (!path.endsWith("state.json")) return Deno.readFileSync(path);
  const { config_hash: _, ...state } = JSON.parse(Deno.readTextFileSync(path));
  return state;
}

/**
 * Reads everything that must be the same in two runs of the same settings, to the bit.
 *
 * @param run The run's folder.
 * @returns Path → content of each file of its checkpoints; the rows of its metrics without times and memory.
 */
export function tracesOf(run: string): Readonly<Record<string, unknown>> {
  const checkpoints = join(run, "checkpoints");
  const files = [...Deno.readDirSync(checkpoints)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [...Deno.readDirSync(join(checkpoints, name))].map((file) => join(name, file.name)) : [name]
  );
  return {
    ...Object.fromEntries(files.sort().map((file) => [file, contentOf(join(checkpoints, file))])),
    metrics: metricsOf(run).map(({ step, metrics }) => ({
      step,
      ...Object.fromEntries(Object.entries(metrics).filter(([name]) => !OF_THE_PROCESS.test(name))),
    })),
  };
}

/**
 * Makes a disk that stops to work in the middle of a run, as when the power goes out: from then on every change fails.
 *
 * @param disk What works until then.
 * @param dies Is asked before each change; from the first `true` on nothing is changed.
 */
export function dyingDisk(
  { files, blobs }: HasFiles & HasBlobs,
  dies: (path: string) => boolean,
): HasFiles & HasBlobs {
  let dead = false;
  const guarded = <A extends readonly unknown[], B>(
    change: (path: string, ...rest: A) => TE.TaskEither<PipelineError, B>,
  ) =>
  (path: string, ...rest: A): TE.TaskEither<PipelineError, B> =>
    TE.flatMap((): TE.TaskEither<PipelineError, B> => {
      dead ||= dies(path);
      return dead
        ? TE.left({ _tag: "FileFailure", path, problem: "the power went out" })
        : change(path, ...rest);
    })(TE.right(undefined));
  return {
    files: {
      ...files,
      writeAtomic: guarded(files.writeAtomic),
      append: guarded(files.append),
      makeFolder: guarded(files.makeFolder),
      remove: guarded(files.remove),
      rename: guarded(files.rename),
    },
    blobs: { ...blobs, create: guarded(blobs.create) },
  };
}
