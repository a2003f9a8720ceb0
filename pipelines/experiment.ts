/**
 * `deno task experiment main|ablations|dsog`: the paper's experiments, resumable.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { refuse } from "../lib/core/refuse.ts";
import type { Fields } from "../lib/config/field.ts";
import type { Stage } from "../lib/core/stage.ts";
import { type CommandCall, commandExitCode } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import type { TrainingSettings } from "../lib/method/settings.ts";
import { ABLATIONS, ALL, DSOG, MAIN, RUN } from "./experiment/specs.ts";

type Call<O extends Fields> = CommandCall<O, TrainingSettings, "config">;

async function main({ config, options, common }: Call<typeof MAIN.options>): Promise<Stage<Live, number>> {
  const { mainExperiment } = await import("../lab/experiments/main_experiment.ts");
  const { quickPlan, withConcepts } = await import("../lab/experiments/report_concepts.ts");
  const { planOf } = await import("../lab/experiments/plan.ts");
  const { experiment } = await import("./experiment/frame.ts");
  return pipe(
    RTE.fromEither(planOf(options)),
    RTE.flatMap((asked) => {
      const plan = options.quick ? quickPlan(asked) : asked;
      const stage = pipe(withConcepts(plan, options), RTE.flatMap((named) => mainExperiment(config, named)));
      return experiment(stage, { out: options.out, flags: common, parallel: options.parallel });
    }),
  );
}

async function ablations(call: Call<typeof ABLATIONS.options>): Promise<Stage<Live, number>> {
  const { config, options, common, overrides } = call;
  const { ablationExperiment, loadPresets } = await import("../lab/experiments/ablations.ts");
  const { withConcepts } = await import("../lab/experiments/report_concepts.ts");
  const { listOf, planOf } = await import("../lab/experiments/plan.ts");
  const { experiment } = await import("./experiment/frame.ts");
  return pipe(
    RTE.fromEither(planOf(options)),
    RTE.flatMap((plan) => {
      const stage = pipe(
        RTE.Do,
        RTE.bindW("presets", () => loadPresets(options.folder, listOf(options.presets), overrides)),
        RTE.bindW("named", () => withConcepts(plan)),
        RTE.flatMap(({ presets, named }) => ablationExperiment(config, presets, named)),
      );
      return experiment(stage, { out: options.out, flags: common, parallel: options.parallel });
    }),
  );
}

async function dsog({ config, options, common }: Call<typeof DSOG.options>): Promise<Stage<Live, void>> {
  const { dsogExperiment } = await import("../lab/dsog/dsog_experiment.ts");
  const { withRuns } = await import("./experiment/frame.ts");
  const screened = { ...config, dsog: { ...config.dsog, enabled: true } };
  return withRuns(dsogExperiment(screened, options), { out: options.out, flags: common });
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
        () =>
          RTE.fromEither(
            refuse("experiment", `unknown experiment "${name}"`, "write main, ablations or dsog"),
          ),
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
