/**
 * `deno task train`: a concept from photos to a finished run. Reads as: open → cold start → evaluate → update … → evaluate.
 *
 * @module
 */
import { field } from "../lib/config/field.ts";
import { runCommand } from "../lib/run/command.ts";
import { TRAINING, trainingRules } from "../lib/method/settings.ts";
import { remoteHosts } from "../lib/remote/remote_hosts.ts";
import { settingsFile } from "../lib/training/settings_file.ts";

const STANDARD = "configs/nano.yaml";

if (import.meta.main) {
  await runCommand({
    name: "train",
    finishes: true,
    summary: "Teaches the model a concept: cold start, reinforcement learning, evaluation before and after.",
    positionals: [{
      name: "config",
      place: "read" as const,
      doc: `Settings (default ${STANDARD}; with --resume, those of the run).`,
      default: "",
    }],
    options: {
      resume: field.path("run", {
        default: "",
        doc:
          "Continue this run: latest, a name, a folder, or one of its checkpoints. --set changes its settings.",
      }),
      reward: field.path("read", {
        default: "",
        doc: "A module that exports a reward expert of your own, or several; their weights: rewards.own.",
      }),
      force: field.bool({ default: false, doc: "Resume even if settings or weights differ." }),
    },
    config: {
      schema: TRAINING,
      crossRules: trainingRules,
      hosts: remoteHosts,
      from: ({ positionals: { config }, options, overrides }) =>
        settingsFile(config, { resume: `${options["resume"]}`, overrides, standard: STANDARD }),
    },
  }, async ({ config, options }) => {
    const { personalise } = await import("../lib/training/personalise.ts");
    const { resume, force, reward } = options;
    return personalise(config, {
      resume,
      force,
      reward,
      project: ".",
      variable: (name) => Deno.env.get(name),
    });
  });
}
