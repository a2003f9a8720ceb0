/**
 * Tables 2 and 3: presets that leave one part of the method out, against the whole.
 *
 * @module
 */
import { basename, join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { loadConfig } from "../../lib/config/load.ts";
import { nearestName } from "../../lib/config/naming.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { TRAINING, trainingRules, type TrainingSettings } from "../../lib/method/settings.ts";
import { cellsOf } from "./cell.ts";
import { type ExperimentOptions, type ExperimentOutcome, mainMethods } from "./main_experiment.ts";
import { provenance, readOutcome, type RunOutcome, writeTable } from "./outcomes.ts";
import { type Method, pairedTable } from "./paired.ts";
import { type CellNeeds, type CellsOutcome, runCells } from "./run_cells.ts";

/** Settings of a preset. */
export interface Preset {
  readonly name: string;
  readonly settings: TrainingSettings;
}

/**
 * Loads presets.
 *
 * @param folder The folder of `<name>.yaml`.
 * @param names Which; none = all.
 * @param overrides Texts `a.b=c`, laid over every preset.
 * @returns The presets; Left naming a file that does not exist, or every faulty setting.
 */
export function loadPresets(
  folder: string,
  names: readonly string[],
  overrides: readonly string[] = [],
): Stage<HasFiles, readonly Preset[]> {
  const load = (name: string): Stage<HasFiles, Preset> =>
    pipe(
      loadConfig(TRAINING, { path: join(folder, `${name}.yaml`), overrides, crossRules: trainingRules }),
      RTE.map((settings) => ({ name, settings: settings as TrainingSettings })),
    );
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.list(folder)),
    RTE.map((files) => files.filter((name) => name.endsWith(".yaml")).map((name) => basename(name, ".yaml"))),
    RTE.flatMapEither((known) => {
      const unknown = names.find((name) => !known.includes(name));
      if (unknown === undefined) return E.right(names.length === 0 ? known : names);
      const nearest = nearestName(unknown, known);
      const remedy = nearest === undefined ? `choose among ${known.join(", ")}` : `did you mean ${nearest}?`;
      return E.left({
        _tag: "InputInvalid" as const,
        where: "ablations",
        problem: `no preset "${unknown}"`,
        remedy,
      });
    }),
    RTE.flatMap((wanted) => RTE.traverseSeqArray(load)(wanted)),
  );
}

/** The whole method first, as the reference, then the cold start and every preset. */
function methodsOf(outcomes: readonly RunOutcome[], base: string): readonly Method[] {
  const groups = Map.groupBy(outcomes, ({ cell }) => cell.variant);
  const [before, after] = mainMethods(groups.get(base) ?? []) as [Method, Method];
  const presets = [...groups].filter(([name]) => name !== base);
  return [
    { ...after, name: WHOLE },
    before,
    ...presets.map(([name, runs]) => ({ name, samples: runs.map(({ after: last }) => last) })),
  ].filter(({ samples }) => samples.length > 0);
}

const WHOLE = "whole method";

function report(outcome: CellsOutcome, base: string, out: string): Stage<CellNeeds, ExperimentOutcome> {
  if (outcome.finished.length === 0) return RTE.right({ ...outcome, table: null });
  return pipe(
    RTE.traverseSeqArray(readOutcome)(outcome.finished),
    RTE.bindTo("outcomes"),
    RTE.let("table", ({ outcomes }) =>
      pairedTable(methodsOf(outcomes, base), {
        title: "Ablations",
        key: keyFromSeed(21),
        reference: WHOLE,
        notes: provenance(outcomes),
      })),
    RTE.tap(({ table, outcomes }) => writeTable(out, table, outcomes)),
    RTE.map(({ table }) => ({ ...outcome, table })),
  );
}

/**
 * Runs the whole method and its presets over concepts and seeds; resumable like the main experiment.
 *
 * @param base The whole method.
 * @param presets What is compared with it.
 * @param options Concepts, seeds, tasks, folders.
 * @returns The outcome; `table.json`, `table.md` and `table.csv` are written, with paired differences from the whole method.
 */
export function ablationExperiment(
  base: TrainingSettings,
  presets: readonly Preset[],
  options: ExperimentOptions,
): Stage<CellNeeds, ExperimentOutcome> {
  const cells = [base, ...presets.map(({ name, settings }) => ({ ...settings, name }))]
    .flatMap((settings) => cellsOf(settings, options));
  return pipe(
    runCells(cells, { settingsFolder: join(options.out, "settings"), parallel: options.parallel }),
    RTE.flatMap((outcome) => report(outcome, base.name, options.out)),
  );
}
