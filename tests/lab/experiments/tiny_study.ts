/** A cold-started run of the tiny profile, made by a runner that trains nothing. */
import { join } from "node:path";
import * as TE from "fp-ts/lib/TaskEither.js";
import { loadConfig } from "../../../lib/config/load.ts";
import type { CellNeeds } from "../../../lab/experiments/run_cells.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { TRAINING, type TrainingSettings } from "../../../lib/method/settings.ts";
import { ROOT } from "../../support/command.ts";
import { writeTinyConfig, writeTinyProfile, writeTinyRun } from "../../support/tiny_profile.ts";
import { folderOf, right } from "./stub_runs.ts";

/** What an experiment on the tiny profile has. */
export interface TinyStudy {
  readonly settings: TrainingSettings;
  readonly needs: CellNeeds;
  /** Names of the runs that were started, in order. */
  readonly started: readonly string[];
  readonly lines: readonly string[];
}

/** Writes the profile with the bundled text expert into a folder; a backend must be open. The runner's exit code is given. */
export async function tinyStudy(folder: string, code = 0): Promise<TinyStudy> {
  const files = liveFiles();
  const none = { human: 0, animal: 0, object: 0 };
  const path = join(folder, "config.yaml");
  await writeTinyProfile(join(folder, "profile"), { ernie: join(ROOT, "assets/nano/ernie") });
  await writeTinyConfig(path, {
    profile: join(folder, "profile"),
    dsog: { enabled: false },
    rewards: { ber: none, der: none, fer: none },
  });
  const load = (file: string): Promise<TrainingSettings> =>
    right(loadConfig(TRAINING, { path: file })({ files }));
  const [started, lines]: [string[], string[]] = [[], []];
  const log = (line: string): void => void lines.push(line);
  let time = 0;
  const run = async (file: string): Promise<number> => {
    const settings = await load(file);
    started.push(settings.name);
    if (code === 0) await writeTinyRun(folderOf(settings), file);
    return code;
  };
  return {
    ...{ started, lines, settings: await load(path) },
    needs: {
      files,
      log: { info: log, warn: log, progress: log },
      clock: { now: () => time += 1000, date: () => "2026-03-01T12:00:00Z" },
      interrupt: { requested: () => false },
      cells: { run: (file) => TE.fromTask(() => run(file)) },
    },
  };
}
