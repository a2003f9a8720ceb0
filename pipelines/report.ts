/**
 * `deno task report`: makes `report.html` of a run, and its model card.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import type { HasOutput } from "../lib/core/capability.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import { resolveRun, type RunFolder } from "../lib/run/folder.ts";
import type { Live } from "../lib/run/live.ts";

const announce = (path: string) => ({ output }: HasOutput): void => output(path);

/** Loaded only if it is asked for: it needs the modules that open models. */
const card = (folder: RunFolder): Stage<Live, void> => (live) => async () => {
  const { writeModelCard } = await import("../lib/trained/write_model_card.ts");
  return await pipe(writeModelCard(folder), RTE.flatMapReader(announce))(live)();
};

if (import.meta.main) {
  await runCommand({
    name: "report",
    summary: "make one self-contained page of a run: curves, scores, samples, config",
    positionals: [{
      name: "run",
      place: "run" as const,
      doc: "The run's folder or name.",
      default: "runs/latest",
    }],
    options: {
      card: field.bool({
        default: false,
        doc: "Also write model-card.md, a page of Markdown for reviewers.",
      }),
    },
  }, async ({ positionals, options }) => {
    const { writeReport } = await import("../lib/run/report.ts");
    return pipe(
      resolveRun(positionals.run),
      RTE.tap((folder) => pipe(writeReport(folder), RTE.flatMapReader(announce))),
      RTE.flatMap((folder): Stage<Live, void> => options.card ? card(folder) : RTE.right(undefined)),
    );
  });
}
