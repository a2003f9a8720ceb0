/**
 * The concepts that experiments report on, written where runs can read them.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { reportMembers, reportRoot } from "../../lib/world/report_concepts.ts";
import type { ExperimentOptions } from "./main_experiment.ts";

const writeRoot = (folder: string): Stage<HasFiles, void> => ({ files }) => {
  const root = [...reportRoot()].map(([path, content]) => ({ path: join(folder, path), content }));
  return pipe(
    [...new Set(root.map(({ path }) => dirname(path)))],
    TE.traverseSeqArray(files.makeFolder),
    TE.flatMap(() =>
      TE.traverseSeqArray(({ path, content }: typeof root[number]) => files.writeAtomic(path, content))(root)
    ),
    TE.map(() => undefined),
  );
};

/** Tasks that show the sign of the result. */
const QUICK_TASKS: readonly string[] = ["rec", "vqa", "rea", "pure_gen", "rea_gen"];

/** A person, an animal and a robot: the first of each. */
const QUICK_KINDS: readonly string[] = ["man", "dog", "robot"];

/**
 * Shortens an experiment to what shows its sign.
 *
 * @returns The same with the first seed and five tasks; its concepts are those of the user, else one of each sort.
 */
export function quickPlan(options: ExperimentOptions): ExperimentOptions {
  return { ...options, seeds: options.seeds.slice(0, 1), tasks: QUICK_TASKS };
}

/**
 * Fills in the concepts of an experiment whose user named none: those kept for reports.
 *
 * @param options As the user gave them.
 * @param choice.quick Whether three are enough.
 * @returns Options that name concepts; where they named none, `concepts` in the folder of the runs holds the twelve concepts, on which
 * nothing may be tuned.
 */
export function withConcepts(
  options: ExperimentOptions,
  { quick = false }: { readonly quick?: boolean } = {},
): Stage<HasFiles, ExperimentOptions> {
  if (options.concepts.length > 0) return RTE.right(options);
  const folder = join(options.runs, "concepts");
  const all = reportMembers();
  const members = quick
    ? QUICK_KINDS.flatMap((kind) => all.filter(({ character }) => character.kind === kind).slice(0, 1))
    : all;
  return pipe(
    writeRoot(folder),
    RTE.map(() => ({ ...options, concepts: members.map(({ name }) => join(folder, name)) })),
  );
}
