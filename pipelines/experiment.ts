/**
 * `deno task experiment main|ablations|dsog`: the paper's experiments, resumable.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type Fields } from "../lib/config/field.ts";
import type { Stage } from "../lib/core/stage.ts";
import { type CommandCall, commandExitCode } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import { TRAINING, trainingRules, type TrainingSettings } from "../lib/stages/settings.ts";

const CONFIG = { schema: TRAINING, crossRules: trainingRules, from: "config" } as const;
const SETTINGS = {
  name: "config",
  doc: "Settings of the whole method.",
  default: "configs/nano.yaml",
} as const;
const TASKS = "rec,vqa,qa,rea,dense_rea,pure_gen,dense_gen,rea_gen,dense_rea_gen";

const repeated = (out: string) => ({
  concepts: field.text({
    default: "kiru,lumi,pavo,zibo",
    doc: "Concepts with commas between; tune settings on others, such as mip and toko.",
  }),
  seeds: field.text({ default: "1,2", doc: "Whole numbers with commas between." }),
  tasks: field.text({ default: TASKS, doc: "Tasks of the evaluations, with commas between." }),
  runs: field.text({ default: "runs/experiments/runs", doc: "Folder of the run folders." }),
  out: field.text({ default: out, doc: "Folder of the results." }),
});

const MAIN = {
  name: "experiment main",
  summary: "cold start against cold start + UniCTask-GRPO, over concepts and seeds; call it again to go on",
  positionals: [SETTINGS],
  options: repeated("runs/experiments/main"),
  config: CONFIG,
};

const ABLATIONS = {
  name: "experiment ablations",
  summary: "the whole method against presets that change one part (Tables 2 and 3); call it again to go on",
  positionals: [SETTINGS],
  options: {
    ...repeated("runs/experiments/ablations"),
    presets: field.text({ default: "", doc: "Names with commas between; empty = all of the folder." }),
    folder: field.text({ default: "configs/ablations", doc: "Folder of the presets." }),
  },
  config: CONFIG,
};

const DSOG = {
  name: "experiment dsog",
  summary:
    "DSOG simulated on ten score distributions, and measured on the model: what previews predict and cost",
  positionals: [SETTINGS],
  options: {
    updates: field.int({ default: 300, min: 40, doc: "Updates of each simulation." }),
    prompts: field.int({
      default: 8,
      min: 0,
      doc: "Groups of G pictures for the rank correlation; 0 = only simulate.",
    }),
    groups: field.int({ default: 12, min: 1, doc: "Groups with and groups without DSOG, for the seconds." }),
    runs: field.text({
      default: "runs/experiments/runs",
      doc: "Folder of the run that is made for its cold start.",
    }),
    out: field.text({ default: "runs/experiments/dsog", doc: "Folder of the results." }),
  },
  config: CONFIG,
};

const RUN = {
  name: "experiment run",
  summary: "one run of an experiment from where it is to its end; the other experiments start it",
  positionals: [{ name: "config", doc: "Settings." }],
  options: { attached: field.bool({ default: false, doc: "Stop after a step when standard input closes." }) },
  config: CONFIG,
} as const;

const ALL = {
  name: "experiment",
  summary: "the experiments of the paper; each explains itself with --help",
  positionals: [{ name: "experiment", doc: "main, ablations, dsog, or run." }],
};

const list = (text: string): readonly string[] =>
  text.split(",").map((item) => item.trim()).filter((item) => item !== "");

type Call<O extends Fields> = CommandCall<O, TrainingSettings, "config">;

/** The first that is no whole number. */
const badSeed = (seeds: string): string | undefined => list(seeds).find((seed) => !/^\d+$/.test(seed));

const refuse = (problem: string, remedy: string): Stage<Live, never> =>
  RTE.left({ _tag: "InputInvalid", where: "experiment", problem, remedy });

const refuseSeed = (seed: string): Stage<Live, never> =>
  refuse(`--seeds: "${seed}" is no whole number`, "write --seeds 1,2");

const planOf = ({ concepts, seeds, tasks, runs, out }: Call<ReturnType<typeof repeated>>["options"]) => ({
  concepts: list(concepts),
  seeds: list(seeds).map(Number),
  tasks: list(tasks),
  runs,
  out,
});

async function main({ config, options, common }: Call<typeof MAIN.options>): Promise<Stage<Live, number>> {
  const bad = badSeed(options.seeds);
  if (bad !== undefined) return refuseSeed(bad);
  const { mainExperiment } = await import("../lib/evaluation/experiments/main_experiment.ts");
  const { experiment } = await import("./experiment/frame.ts");
  return experiment(mainExperiment(config, planOf(options)), { out: options.out, flags: common });
}

async function ablations(call: Call<typeof ABLATIONS.options>): Promise<Stage<Live, number>> {
  const { config, options, common, overrides } = call;
  const bad = badSeed(options.seeds);
  if (bad !== undefined) return refuseSeed(bad);
  const { ablationExperiment, loadPresets } = await import("../lib/evaluation/experiments/ablations.ts");
  const { experiment } = await import("./experiment/frame.ts");
  const stage = pipe(
    loadPresets(options.folder, list(options.presets), overrides),
    RTE.flatMap((presets) => ablationExperiment(config, presets, planOf(options))),
  );
  return experiment(stage, { out: options.out, flags: common });
}

async function dsog({ config, options, common }: Call<typeof DSOG.options>): Promise<Stage<Live, void>> {
  const { dsogExperiment } = await import("../lib/evaluation/experiments/dsog_experiment.ts");
  const { withRuns } = await import("./experiment/frame.ts");
  return withRuns(dsogExperiment(config, options), { out: options.out, flags: common });
}

async function run({ config, options }: Call<typeof RUN.options>): Promise<Stage<Live, void>> {
  const { singleRun } = await import("./experiment/frame.ts");
  return singleRun(config, options);
}

function exitCodeOf([name = "", ...args]: readonly string[]): Promise<number> {
  switch (name) {
    case "main":
      return commandExitCode(MAIN, main, args);
    case "ablations":
      return commandExitCode(ABLATIONS, ablations, args);
    case "dsog":
      return commandExitCode(DSOG, dsog, args);
    case "run":
      return commandExitCode(RUN, run, args);
    default:
      return commandExitCode(
        ALL,
        () => refuse(`unknown experiment "${name}"`, "write main, ablations or dsog"),
        [name, ...args],
      );
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await exitCodeOf(Deno.args));
  } catch (thrown) {
    console.error("internal error, please report it:", thrown);
    Deno.exit(70);
  }
}
