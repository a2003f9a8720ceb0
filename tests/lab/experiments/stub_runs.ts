/** Runs of experiments without a model: files in memory, a runner that only leaves behind what a run leaves. */
import * as TE from "fp-ts/lib/TaskEither.js";
import { configHash, stringifyConfig } from "../../../lib/config/stringify.ts";
import { decodeConfig, loadConfig } from "../../../lib/config/load.ts";
import type { Files } from "../../../lib/core/capability.ts";
import { stepName } from "../../../lib/run/checkpoint_folder.ts";
import { runFolderName } from "../../../lib/run/folder.ts";
import { evaluatedSteps } from "../../../lab/experiments/cell.ts";
import type { CellNeeds } from "../../../lab/experiments/run_cells.ts";
import { TRAINING, type TrainingSettings } from "../../../lib/method/settings.ts";
import { type MemoryFiles, memoryFiles } from "../../run/memory_files.ts";

/** Settings with changes in YAML keys. */
export function settings(changes: Readonly<Record<string, unknown>> = {}): TrainingSettings {
  const decoded = decodeConfig(TRAINING, { name: "t", rl: { max_steps: 2 }, ...changes });
  if (decoded._tag === "Left") throw new Error(JSON.stringify(decoded.left));
  return decoded.right as TrainingSettings;
}

/** The folder of the run of these settings. */
export function folderOf(each: TrainingSettings, date = "2026-03-01T12:00:00Z"): string {
  return `${each.runs}/${runFolderName(each.name, { date, hash: configHash(TRAINING, each) })}`;
}

const scores = (each: TrainingSettings, step: number) => ({
  rec_weight: { value: 0.4 + 0.1 * step + 0.01 * each.seed, scored: 1, items: 1, coverage: 1 },
  face_sim: { value: null, scored: 0, items: 1, coverage: 0 },
});

/** The text of an evaluation file. */
export function evaluationText(each: TrainingSettings, step: number): string {
  return JSON.stringify({
    ...{ v: 1, step, bench: "unifybench++", model: "t", concepts: ["mip"], protocol: {} },
    ...{ scores: scores(each, step), titles: {}, notes: ["judge: none"], realImages: {} },
  });
}

async function put(files: Files, path: string, text: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  await files.makeFolder(folder)();
  await files.writeAtomic(path, text)();
}

/** Leaves behind what a run has after some steps. */
export async function leaveRun(
  files: Files,
  each: TrainingSettings,
  has: {
    readonly checkpoints: readonly number[];
    readonly evaluations: readonly number[];
    readonly date?: string;
    /** Fingerprint of the weights that it was made from; default: not noted. */
    readonly weights?: string;
  },
): Promise<string> {
  const folder = folderOf(each, has.date);
  await put(files, `${folder}/config.yaml`, stringifyConfig(TRAINING, each));
  await put(
    files,
    `${folder}/manifest.json`,
    JSON.stringify({ commit: "a".repeat(40), backend: "stub", weights: has.weights }),
  );
  for (const step of has.checkpoints) {
    await put(files, `${folder}/checkpoints/${stepName(step)}/state.json`, "{}");
  }
  for (const step of has.evaluations) {
    await put(files, `${folder}/eval/${stepName(step)}.json`, evaluationText(each, step));
  }
  return folder;
}

/** Leaves a finished run behind. */
export function finishRun(files: Files, each: TrainingSettings): Promise<string> {
  return leaveRun(files, each, { checkpoints: [each.rl.maxSteps], evaluations: evaluatedSteps(each) });
}

/** What a stubbed experiment has, and what was asked of it. */
export interface StubbedNeeds extends CellNeeds {
  readonly files: MemoryFiles;
  /** Names of the runs that were started, in order. */
  readonly started: string[];
  readonly lines: string[];
}

/** Makes an environment whose runner does `act` with the settings of each run; its number is the exit code. */
export function stubbed(
  act: (files: Files, each: TrainingSettings) => Promise<number>,
  options: { readonly entries?: MemoryFiles["entries"]; readonly interrupted?: () => boolean } = {},
): StubbedNeeds {
  const files = memoryFiles(options.entries === undefined ? {} : { entries: options.entries });
  const started: string[] = [];
  const lines: string[] = [];
  let time = 0;
  const log = (line: string): void => void lines.push(line);
  return {
    ...{ files, started, lines },
    log: { info: log, warn: log, progress: log },
    clock: { now: () => time += 60_000, date: () => "2026-03-01T12:00:00Z" },
    interrupt: { requested: options.interrupted ?? (() => false) },
    cells: {
      run: (path) =>
        TE.tryCatch(async () => {
          const loaded = await loadConfig(TRAINING, { path })({ files })();
          if (loaded._tag === "Left") throw new Error("the settings cannot be read back");
          started.push(loaded.right.name);
          return await act(files, loaded.right as TrainingSettings);
        }, (thrown) => ({ _tag: "FileFailure", path, problem: (thrown as Error).message })),
    },
  };
}

/** The value of a stage that must succeed. */
export async function right<A>(task: () => Promise<unknown>): Promise<A> {
  const outcome = await task() as { readonly _tag: string; readonly right?: A; readonly left?: unknown };
  if (outcome._tag === "Left") throw new Error(JSON.stringify(outcome.left));
  return outcome.right as A;
}
