/**
 * The concepts that a user names for an evaluation: one, or all of a data set of any known layout.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { join } from "node:path";
import type { Concept } from "../concept/concept.ts";
import { conceptReference, DEFAULT_ROOTS } from "../concept/concept_reference.ts";
import { loadDreambench } from "../concept/dreambench.ts";
import { loadMcllava } from "../concept/mcllava.ts";
import { loadConcept, loadConcepts } from "../concept/unifybench.ts";
import { loadYollava } from "../concept/yollava.ts";
import type { HasFiles, HasLog } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import { type Benchmark, dreambenchConcept, mcllavaConcept, yollavaConcept } from "./other_benchmarks.ts";

/** Concepts and the data set they are of. */
export interface NamedConcepts {
  readonly bench: Benchmark;
  /** At least one. */
  readonly concepts: readonly Concept[];
}

type Needs = HasFiles & HasLog;

/** Data sets in which a bare id is looked for. */
const ROOTS: readonly string[] = ["assets/world", ...DEFAULT_ROOTS];

/** Draws the negatives of MC-LLaVA's recognition test. */
const NEGATIVES_SEED = 1;

const oneConcept = (reference: string): Stage<Needs, NamedConcepts> =>
  pipe(
    conceptReference(reference, ROOTS),
    RTE.flatMap(({ root, id }): Stage<Needs, NamedConcepts> =>
      pipe(loadConcept(root, id), RTE.map((concept) => ({ bench: "unifybench++", concepts: [concept] })))
    ),
  );

const LOADERS: Readonly<Record<Benchmark, (root: string) => Stage<Needs, readonly Concept[]>>> = {
  "unifybench++": (root) => loadConcepts(root),
  yollava: (root) =>
    pipe(
      loadYollava(root),
      RTE.map((all) => all.map((subject) => yollavaConcept(subject, all, root))),
    ),
  mcllava: (root) =>
    pipe(
      loadMcllava(root),
      RTE.map((all) => all.map((concept) => mcllavaConcept(concept, all, { root, seed: NEGATIVES_SEED }))),
    ),
  dreambench: (root) =>
    pipe(loadDreambench(root), RTE.map((all) => all.map((subject) => dreambenchConcept(subject, root)))),
};

/** What a data set of each layout has. */
const MARKS: readonly (readonly [Benchmark, string])[] = [
  ["unifybench++", join("concept", "train")],
  ["yollava", "yollava-data"],
  ["yollava", "yollava-visual-qa.json"],
  ["mcllava", "two_concept"],
  ["mcllava", "three_concept"],
  ["dreambench", "dataset"],
  ["dreambench", "prompts_and_classes.txt"],
];

const layoutOf = (root: string): Stage<HasFiles, Benchmark | null> =>
  MARKS.reduceRight<Stage<HasFiles, Benchmark | null>>(
    (otherwise, [bench, mark]) =>
      pipe(
        RTE.asks(({ files }: HasFiles) => files),
        RTE.flatMapTaskEither((files) => files.exists(join(root, mark))),
        RTE.flatMap((found) => found ? RTE.right(bench) : otherwise),
      ),
    RTE.right(null),
  );

/**
 * Loads what a user names.
 *
 * @param reference A data set folder (UnifyBench, Yo'LLaVA, MC-LLaVA, DreamBench) for all its concepts; a folder and an id, or an
 * id, for one concept of UnifyBench's layout.
 * @returns The concepts; Left `InputInvalid` saying what there is.
 */
export function namedConcepts(reference: string): Stage<Needs, NamedConcepts> {
  return pipe(
    layoutOf(reference),
    RTE.flatMap((bench) =>
      bench === null
        ? oneConcept(reference)
        : pipe(LOADERS[bench](reference), RTE.map((concepts) => ({ bench, concepts })))
    ),
  );
}
