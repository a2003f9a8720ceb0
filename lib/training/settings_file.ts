/**
 * The YAML file that `train` starts from: a run that goes on has its own.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { withOverrides } from "../config/document.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { resolveRunPlace } from "../run/folder.ts";

/**
 * Names the settings that `train` starts from: the file that is given, else the run's own, else the standard one.
 *
 * @param given The file; empty if none was.
 * @param options.resume `latest`, a name, a folder or a checkpoint; empty for a new run.
 * @param options.overrides What `--set` says; `runs` tells where runs are looked for.
 * @param options.standard The file for a new run.
 * @returns A stage with the YAML file.
 */
export function settingsFile(
  given: string,
  options: { readonly resume: string; readonly overrides: readonly string[]; readonly standard: string },
): Stage<HasFiles, string> {
  const { resume, overrides, standard } = options;
  if (given !== "") return RTE.right(given);
  if (resume === "") return RTE.right(standard);
  return pipe(
    RTE.fromEither(withOverrides({ data: {}, placeOf: () => undefined }, overrides)),
    RTE.flatMap(({ data: { runs } }) =>
      resolveRunPlace(
        resume,
        typeof runs === "string" ? runs : "runs",
      )
    ),
    RTE.map(({ folder }) => folder.config),
  );
}
