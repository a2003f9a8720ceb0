import * as TE from "fp-ts/lib/TaskEither.js";
import type { PipelineError } from "../../lib/core/error.ts";
import { field, section } from "../../lib/config/field.ts";
import { runCommand } from "../../lib/run/command.ts";
import type { Live } from "../../lib/run/live.ts";

const schema = section("A run.", {
  seed: field.int({ default: 0, min: 0, doc: "Seed." }),
  steps: field.positiveInt({ default: 100, doc: "Updates." }),
  learningRate: field.positive({ default: 1e-6, doc: "Rate." }),
});

const untilInterrupted =
  (terminalSendsTwice: boolean, { log, interrupt }: Live): TE.TaskEither<PipelineError, void> => async () => {
    if (terminalSendsTwice) {
      Deno.kill(Deno.pid, "SIGINT");
      await new Promise((done) => setTimeout(done, 50));
    }
    Deno.kill(Deno.pid, "SIGINT");
    while (!interrupt.requested()) await new Promise((done) => setTimeout(done, 5));
    log.info("saved");
    return TE.left<PipelineError, void>({ _tag: "Interrupted", step: 1 })();
  };

await runCommand({
  name: "fixture",
  finishes: true,
  summary: "shows a config.",
  positionals: [{ name: "config", doc: "The YAML file.", default: "/dev/null" }],
  options: {
    fail: field.choice(["no", "stage", "check", "throw", "interrupt", "interrupts"], {
      default: "no",
      doc: "How to end.",
    }),
  },
  config: { schema, from: "config" },
}, ({ config, options }) => (live) => {
  if (options.fail === "throw") throw new Error("a bug");
  if (options.fail === "check") return TE.right(1);
  if (options.fail === "interrupt" || options.fail === "interrupts") {
    return untilInterrupted(options.fail === "interrupts", live);
  }
  if (options.fail === "stage") {
    return TE.left({ _tag: "Diverged", step: 3, tensor: "loss", problem: "is NaN" });
  }
  live.log.info(`steps ${config.steps} seed ${config.seed}`);
  return TE.right(undefined);
});
