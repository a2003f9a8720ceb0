/**
 * `deno task report`: makes `report.html` of a run.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasOutput } from "../lib/core/capability.ts";
import { runCommand } from "../lib/run/command.ts";
import { resolveRun } from "../lib/run/folder.ts";

if (import.meta.main) {
  await runCommand({
    name: "report",
    summary: "make one self-contained page of a run: curves, scores, samples, config",
    positionals: [{ name: "run", doc: "The run's folder or name.", default: "runs/latest" }],
  }, async ({ positionals }) => {
    const { writeReport } = await import("../lib/run/report.ts");
    const announce = (path: string) => ({ output }: HasOutput): void => output(path);
    return pipe(resolveRun(positionals.run), RTE.flatMap(writeReport), RTE.flatMapReader(announce));
  });
}
