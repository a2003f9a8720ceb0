/**
 * The words of `deno task experiment`: names, options, defaults.
 *
 * @module
 */
import { field } from "../../lib/config/field.ts";
import { TRAINING, trainingRules } from "../../lib/method/settings.ts";

const CONFIG = { schema: TRAINING, crossRules: trainingRules, from: "config" } as const;
const SETTINGS = {
  name: "config",
  place: "read" as const,
  doc: "Settings of the whole method.",
  default: "configs/nano.yaml",
} as const;
const TASKS = "rec,vqa,qa,rea,dense_rea,pure_gen,dense_gen,rea_gen,dense_rea_gen";

/** Options of experiments that repeat runs; `out` is the default folder of the results. */
const repeated = (out: string) => ({
  concepts: field.path("read", {
    default: "",
    doc:
      "Concepts with commas between; empty = twelve that are kept for reports: tune on others, such as mip.",
  }),
  seeds: field.text({ default: "1,2", doc: "Whole numbers with commas between." }),
  tasks: field.text({ default: TASKS, doc: "Tasks of the evaluations, with commas between." }),
  orders: field.positiveInt({ default: 24, doc: "Lists in which each fact is asked for." }),
  runs: field.path("folder", { default: "runs/experiments/runs", doc: "Folder of the run folders." }),
  out: field.path("folder", { default: out, doc: "Folder of the results." }),
  parallel: field.positiveInt({
    default: 1,
    doc: "Runs at a time, each a process with its own memory; results don't depend on it.",
  }),
});

/** `experiment main`. */
export const MAIN = {
  name: "experiment main",
  finishes: true,
  summary: "cold start against cold start + UniCTask-GRPO, over concepts and seeds; call it again to go on",
  positionals: [SETTINGS],
  options: {
    ...repeated("runs/experiments/main"),
    quick: field.bool({
      default: false,
      doc: "A man, a dog and a robot, the first seed, five tasks: the sign of the result within 15 minutes.",
    }),
  },
  config: CONFIG,
};

/** `experiment ablations`. */
export const ABLATIONS = {
  name: "experiment ablations",
  finishes: true,
  summary: "the whole method against presets that change one part (Tables 2 and 3); call it again to go on",
  positionals: [SETTINGS],
  options: {
    ...repeated("runs/experiments/ablations"),
    presets: field.text({ default: "", doc: "Names with commas between; empty = all of the folder." }),
    folder: field.path("read", { default: "configs/ablations", doc: "Folder of the presets." }),
  },
  config: CONFIG,
};

/** `experiment dsog`. */
export const DSOG = {
  name: "experiment dsog",
  finishes: true,
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
    pools: field.int({
      default: 8,
      min: 0,
      doc: "Groups of 4 G finished candidates, on which all rules and texts are compared; 0 = none.",
    }),
    learn: field.int({
      default: 0,
      min: 0,
      doc: "Updates of a run with each way to screen, compared by updates and by seconds; 0 = no runs.",
    }),
    runs: field.path("folder", {
      default: "runs/experiments/runs",
      doc: "Folder of the run that is made for its cold start.",
    }),
    out: field.path("folder", { default: "runs/experiments/dsog", doc: "Folder of the results." }),
  },
  config: CONFIG,
};

/** `experiment run`, which the others start. */
export const RUN = {
  name: "experiment run",
  finishes: true,
  summary: "one run of an experiment from where it is to its end; the other experiments start it",
  positionals: [{ name: "config", place: "read" as const, doc: "Settings." }],
  options: { attached: field.bool({ default: false, doc: "Stop after a step when standard input closes." }) },
  config: CONFIG,
} as const;

/** The command without an experiment. */
export const ALL = {
  name: "experiment",
  summary: "the experiments of the paper; each explains itself with --help",
  positionals: [{ name: "experiment", doc: "main, ablations, dsog, or run." }],
};
