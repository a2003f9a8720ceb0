/**
 * `deno task runs`: lists, compares and diffs runs.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { basename, join } from "node:path";
import { field } from "../lib/config/field.ts";
import type { HasFiles, HasOutput } from "../lib/core/capability.ts";
import { scoped, type Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import { compareTable, diffTable, listTable } from "../lib/run/compare.ts";
import { resolveRun } from "../lib/run/folder.ts";
import { openRegistry, type Registry } from "../lib/run/registry.ts";
import { type RunSummary, summariseRuns } from "../lib/run/run_summary.ts";

const OPTIONS = {
  root: field.path("folder", { default: "runs", doc: "The folder of all runs." }),
  sort: field.text({ default: "", doc: "A metric or score to list by, highest first." }),
  metrics: field.text({ default: "reward,kl", doc: "Metrics and scores to list, with commas between." }),
};

const ACTIONS: readonly string[] = ["list", "compare", "diff"];

interface Question {
  readonly words: readonly string[];
  readonly root: string;
  readonly sort: string;
  readonly metrics: readonly string[];
}

const invalid = (problem: string): Stage<unknown, never> =>
  RTE.fromEither(E.left({
    _tag: "InputInvalid",
    where: "runs",
    problem,
    remedy: "write `list`, `compare <run> <run>…` or `diff <run> <run>`",
  }));

const selectRuns = (
  all: readonly RunSummary[],
  { words, root }: Question,
): Stage<HasFiles, readonly RunSummary[]> =>
  pipe(
    words.slice(1).map((word) => resolveRun(word, root)),
    RTE.sequenceSeqArray,
    RTE.map((folders) =>
      folders.flatMap(({ path }) => all.find(({ folder }) => folder === basename(path)) ?? [])
    ),
  );

function answer(all: readonly RunSummary[], question: Question): Stage<HasFiles, readonly string[]> {
  const [action] = question.words;
  if (action === "list") return RTE.right(listTable(all, question.metrics));
  return pipe(
    selectRuns(all, question),
    RTE.flatMap((runs): Stage<HasFiles, readonly string[]> => {
      const [before, after] = runs;
      if (action === "compare" && before !== undefined) return RTE.right(compareTable(runs));
      if (before === undefined || after === undefined) return invalid(`${action} needs names of runs`);
      return RTE.right(diffTable(before, after));
    }),
  );
}

const readRegistry = (registry: Registry, { root, sort }: Question): Stage<HasFiles, readonly RunSummary[]> =>
  pipe(
    summariseRuns(root),
    RTE.flatMapEither(registry.rebuild),
    RTE.flatMapEither(() => registry.list(sort === "" ? undefined : sort)),
  );

if (import.meta.main) {
  await runCommand({
    name: "runs",
    summary: "list all runs; compare their metrics; diff their settings",
    positionals: [{
      name: "action",
      doc: "list; compare <run> <run>…; diff <run> <run>.",
      default: "list",
      rest: true,
    }],
    options: OPTIONS,
  }, ({ positionals, options: { root, sort, metrics } }) => {
    const question = { words: positionals.action.split(" "), root, sort, metrics: metrics.split(",") };
    const action = question.words[0] ?? "";
    if (!ACTIONS.includes(action)) return invalid(`unknown action "${action}"`);
    const ask = (registry: Registry): Stage<HasFiles, readonly string[]> =>
      pipe(readRegistry(registry, question), RTE.flatMap((runs) => answer(runs, question)));
    const makeRoot: Stage<HasFiles, void> = ({ files }) => files.makeFolder(root);
    const open = pipe(makeRoot, RTE.flatMapEither(() => openRegistry(join(root, "runs.db"))));
    return pipe(
      scoped(open, ask, (registry) => registry.close()),
      RTE.flatMapReader((lines) => ({ output }: HasOutput): void => lines.forEach(output)),
    );
  });
}
