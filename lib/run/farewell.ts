/**
 * The last words of a run: what changed, and the files that a person opens next.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { terminalTable } from "../metrics/table_formats.ts";
import { readEvaluations } from "./evaluation.ts";
import type { RunFolder } from "./folder.ts";
import { changeTable } from "./score_changes.ts";

/** The newest grid; before there is one, the log. */
const pictures = ({ samples, log }: RunFolder, names: readonly string[]): string => {
  const newest = names.filter((name) => name.endsWith(".png")).at(-1);
  return newest === undefined ? `log: ${log}` : `pictures: ${join(samples, newest)}`;
};

/**
 * Writes the last words.
 *
 * @param folder The run; its report is written.
 * @returns A stage with the text: the table of evaluations where there are two, the folder, and three files.
 */
export function farewell(folder: RunFolder): Stage<HasFiles, string> {
  return pipe(
    RTE.Do,
    RTE.bindW("table", () => pipe(readEvaluations(folder.evaluations), RTE.map(changeTable))),
    RTE.bindW("names", (): Stage<HasFiles, readonly string[]> => ({ files }) => files.list(folder.samples)),
    RTE.map(({ table, names }) =>
      [
        ...(table === null ? [] : [terminalTable(table)]),
        `run: ${folder.path}`,
        `report: ${folder.report}`,
        pictures(folder, names),
        `numbers: ${folder.metrics}`,
      ].join("\n")
    ),
  );
}
