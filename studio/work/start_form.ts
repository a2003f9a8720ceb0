/**
 * From a filled-in form to the command that it stands for.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { loadConfig } from "../../lib/config/load.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { TRAINING, trainingRules } from "../../lib/method/settings.ts";

/** The presets of a run, first the default. */
const DEFAULT = "configs/nano.yaml";

/**
 * Lists the presets.
 *
 * @returns A stage with paths of YAML files: the default, the ablations, the published sizes.
 */
export function presets(): Stage<HasFiles, readonly string[]> {
  return ({ files }) =>
    pipe(
      TE.Do,
      TE.bindW("own", () => files.list("configs")),
      TE.bindW("ablations", () => files.list("configs/ablations")),
      TE.map(({ own, ablations }) => [
        DEFAULT,
        ...ablations.filter((name) => name.endsWith(".yaml")).map((name) => `configs/ablations/${name}`),
        ...own.filter((name) => /^showo-\d+\.yaml$/.test(name)).map((name) => `configs/${name}`),
      ]),
    );
}

/**
 * Makes the command of a form and checks it as the command itself would.
 *
 * @param form Input → text; empty inputs keep the preset's value.
 * @returns A stage with what follows `deno task`; left `ConfigInvalid` with every problem, `InputInvalid` for a preset that is
 * none.
 */
export function commandOfForm(form: Readonly<Record<string, string>>): Stage<HasFiles, readonly string[]> {
  const { preset = DEFAULT, ...settings } = form;
  const overrides = Object.entries(settings).filter(([, text]) => text.trim() !== "").map(([path, text]) =>
    `${path}=${text.trim()}`
  );
  return pipe(
    presets(),
    RTE.flatMap((known): Stage<HasFiles, string> =>
      known.includes(preset) ? RTE.right(preset) : RTE.left({
        ...{
          _tag: "InputInvalid",
          where: "preset",
          problem: "is not in the list",
          remedy: "choose one of the list",
        },
      })
    ),
    RTE.tap((path) => loadConfig(TRAINING, { path, overrides, crossRules: trainingRules })),
    RTE.map((path) => ["train", path, ...overrides.flatMap((text) => ["--set", text])]),
  );
}
